"""Whose state it is: damaged, torn, of another run, of another boot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from resumed_runs import ID, count, counted, document, reset_counts, with_reboots

import toe
from toe.system.files.journal import Journal
from toe.system.files.journal_lines import parse

JOURNAL = Path("state") / f"{ID}.journal"
ASK = "[ $(wc -l < Ask.count) -gt 1 ] || exit 194"
DOCUMENT = document(
    counted("First", "echo first"),
    counted("Ask", ASK),
    counted("After", "echo {{ build.First.outputs.stdout }} {{ Name }} > seen"),
    head="parameters: [{Name: {type: string, default: x}}]\n",
)


def asked(**options: Any) -> bytes:
    """The state of a run that asked for a reboot."""
    Path("doc.yml").write_text(DOCUMENT)
    result = toe.run("doc.yml", execution_id=ID, log_directory=None, environment=with_reboots(), **options)
    assert result.reboot
    return JOURNAL.read_bytes()


def resume() -> toe.RunResult:
    return toe.resume(ID, environment=with_reboots())


@pytest.mark.parametrize("distance", [97, pytest.param(23, marks=pytest.mark.slow)])
def test_a_state_that_was_torn_anywhere_runs_again_what_it_does_not_know_of(distance: int) -> None:
    """Torn at the ends of its lines, beside them, and all `distance` bytes."""
    data = asked()
    ends = [position + 1 for position, byte in enumerate(data) if byte == ord("\n")]
    kinds = [record["t"] for record in parse(data, "").records]
    assert kinds == ["run", "folder", "started", "step", "folder", "started", "reboot"]
    first_step = ends[kinds.index("step")]
    sizes = {*range(0, len(data), distance), *(end + more for end in ends for more in (-1, 0, 1))}
    for size in sorted(sizes - {len(data) + 1}):
        reset_counts()
        Path("Ask.count").write_text("x\n")
        JOURNAL.write_bytes(data[:size])
        if size < ends[0]:
            with pytest.raises(toe.ToeError, match="nothing was run yet"):
                resume()
            assert count("First") == 0
            continue
        assert resume().status is toe.Status.SUCCESS
        assert (count("First"), count("After")) == (int(size < first_step), 1)
        assert Path("seen").read_text() == "first x\n"


def test_a_state_with_a_changed_byte_is_never_gone_on_with() -> None:
    data = asked()
    reset_counts()
    for position in range(0, len(data), 3):
        changed = bytearray(data)
        changed[position] ^= 4
        JOURNAL.write_bytes(changed)
        with pytest.raises(toe.ToeError, match="is damaged in line"):
            resume()
        assert JOURNAL.read_bytes() == bytes(changed)
    assert count("First") == count("After") == 0


def test_a_state_belongs_to_the_contents_of_its_documents() -> None:
    asked()
    Path("doc.yml").write_text(DOCUMENT.replace("echo first", "echo other"))
    with pytest.raises(toe.ToeError, match=r"the document 'doc\.yml' was changed"):
        resume()
    assert count("After") == 0


def test_a_state_belongs_to_its_version_of_toe() -> None:
    asked()
    data = JOURNAL.read_bytes()
    JOURNAL.unlink()
    from toe.version import __version__

    records = parse(data, "").records
    records[0]["identity"]["program"] = "0.0.1"
    journal = Journal.create(str(JOURNAL))
    for record in records:
        journal.append(record)
    journal.close()
    with pytest.raises(toe.ToeError, match=rf"it was made by toe 0\.0\.1, and this is {__version__}"):
        resume()


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"parameters": {"Name": "y"}}, "the parameter 'Name' of 'doc.yml' has another value"),
        ({"phases": ["build"]}, "its phases are all, not 'build'"),
        ({"documents": "copy.yml"}, "its documents are 'doc.yml', not 'copy.yml'"),
    ],
)
def test_the_same_id_with_something_else_is_refused_with_the_difference(
    options: dict[str, Any], difference: str
) -> None:
    asked()
    shutil.copy("doc.yml", "copy.yml")
    words = ["run", options.get("documents", "doc.yml"), "-i", ID]
    words += [f"--parameters=Name={options['parameters']['Name']}"] if "parameters" in options else []
    words += ["--phases=build"] if "phases" in options else []
    done = subprocess.run([sys.executable, "-m", "toe", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert difference in done.stderr
    assert count("After") == 0


def test_a_state_belongs_to_its_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(toe.ToeError, match="belongs to another working directory"):
        resume()


def test_without_a_state_directory_nothing_is_kept() -> None:
    Path("doc.yml").write_text(DOCUMENT)
    result = toe.run("doc.yml", execution_id=ID, log_directory=None, state_directory=None, environment=with_reboots())
    assert result.reboot
    assert not Path("state").exists()


def test_a_place_that_cannot_be_written_is_a_clear_error() -> None:
    Path("doc.yml").write_text(DOCUMENT)
    Path("file").touch()
    with pytest.raises(toe.ToeError, match=r"cannot create the state directory '.*/file': it is no folder"):
        toe.run("doc.yml", execution_id=ID, log_directory=None, state_directory="file")
    assert count("First") == 0


def on_another_boot(*arguments: str, boot: int = 0, machine: str = "") -> subprocess.CompletedProcess[str]:
    """Run `toe` where the kernel tells another boot id, and on the machine with that id."""
    Path("boot_id").write_text(f"00000000-0000-4000-8000-{boot:012d}\n")
    script = "mount --bind boot_id /proc/sys/kernel/random/boot_id"
    if machine:
        Path("machine-id").write_text(f"{machine}\n")
        Path("no-hardware").mkdir(exist_ok=True)
        script += " && mount --bind machine-id /etc/machine-id"
        script += " && { [ ! -d /sys/class/dmi/id ] || mount --bind no-hardware /sys/class/dmi/id; }"
    command = ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh", sys.executable, "-m", "toe", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=with_reboots())
    if done.stderr.startswith(("mount:", "unshare:")):  # in a chroot, or where the machine forbids it
        pytest.skip(done.stderr)
    return done


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a mount namespace")


@only_root
def test_the_same_run_goes_on_after_the_reboot_that_it_waited_for() -> None:
    asked()
    other = on_another_boot("run", "doc.yml", "--parameters", "Name=y", "--reboot", "exit")
    # Another run, though of the same document: it begins anew.
    assert (other.returncode, count("First")) == (0, 2), other.stderr
    done = on_another_boot("run", "doc.yml", "--reboot", "exit")
    assert (done.returncode, count("First"), count("After")) == (0, 2, 2), done.stderr
    assert ID in done.stdout
    told = rf"^toe: going on with execution '{ID}', which asked for a reboot at \d{{4}}-\S+Z: 1 step done$"
    assert re.search(told, done.stderr, re.MULTILINE)
    assert list(Path("state").iterdir()) == []


@only_root
@pytest.mark.parametrize("words", [[], ["-i", ID]])
def test_a_later_boot_than_the_one_that_was_asked_for_takes_up_nothing(words: list[str]) -> None:
    asked()
    Path("other.yml").write_text(document(counted("Other")))
    assert on_another_boot("run", "other.yml", boot=2).returncode == 0
    done = on_another_boot("run", "doc.yml", "--reboot", "exit", *words, boot=3)
    assert f"'{ID}'" in done.stderr
    assert "waits for a reboot, and the machine has been booted more than once since" in done.stderr
    # A new run does all of it; one with the same id would have to throw away what is known.
    assert (done.returncode, count("First")) == ((2, 1) if words else (0, 2)), done.stderr
    assert JOURNAL.exists()
    assert f"going on with execution '{ID}'" in on_another_boot("resume", ID, "--reboot", "exit", boot=3).stderr


@only_root
@pytest.mark.parametrize("command", ["run", "resume"])
def test_a_state_that_came_with_an_image_is_not_gone_on_with(command: str) -> None:
    asked()
    words = {"run": ["run", "doc.yml"], "resume": ["resume", ID]}[command]
    done = on_another_boot(*words, "--reboot", "exit", machine="fedcba9876543210fedcba9876543210")
    if command == "run":
        assert (done.returncode, count("First"), count("After")) == (0, 2, 1), done.stderr
        assert "waits for a reboot, and that was on another machine" in done.stderr
    else:
        assert (done.returncode, count("First"), count("After")) == (2, 1, 0), done.stderr
        assert f"the state of execution '{ID}' waits for a reboot of another machine" in done.stderr
    assert JOURNAL.exists()


def test_what_is_gone_on_with_stands_in_the_log() -> None:
    Path("doc.yml").write_text(DOCUMENT)
    assert toe.run("doc.yml", execution_id=ID, environment=with_reboots()).reboot
    result = resume()
    assert (
        f"Debug Executor: Going on with execution {ID}: 1 step done\n"
        in (Path(result.log_url) / "application.log").read_text()
    )


def test_a_reboot_in_the_same_boot_has_not_happened() -> None:
    asked()
    done = subprocess.run(
        [sys.executable, "-m", "toe", "run", "doc.yml", "--reboot", "exit"],
        capture_output=True, text=True, check=False, env=with_reboots(),
    )  # fmt: skip
    assert (done.returncode, count("First"), count("After")) == (0, 2, 1), done.stderr
    assert JOURNAL.exists()
    assert "waits for a reboot, and the machine has not been rebooted since" in done.stderr
