"""A state that cannot be written any more: what has run counts, nothing more runs, and the reports are closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from resumed_runs import ID, count, counted, document, only_folder, with_reboots

import toe
from toe.actions.base import Context, Reboot

JOURNAL = Path("state") / f"{ID}.journal"
NESTED = "{name: Nested, action: ExecuteDocument, onFailure: Ignore, inputs: {document: inner.yml}}"


@toe.action("FillDisk")
def fill_disk(inputs: object, ctx: Context) -> None:
    """From here on writing the state fails as on a full disk, with the real error of a real device."""
    _fill()


@toe.action("FillAndReboot", reboots=True)
def fill_and_reboot(inputs: object, ctx: Context) -> Reboot:
    """Fill the disk and ask for a reboot."""
    _fill()
    return Reboot(194, same_step=False)


@toe.action("FillAndAskAgain")
def fill_and_ask_again(inputs: object, ctx: Context) -> Reboot:
    """Fill the disk and ask for a reboot, as a script does that ends with 194."""
    _fill()
    return Reboot(194, same_step=True)


def _fill() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    for name in os.listdir("/proc/self/fd"):
        if os.path.realpath(f"/proc/self/fd/{name}") == str(JOURNAL.resolve()):
            os.dup2(full, int(name))
    os.close(full)


FILL = "{name: Fill, action: FillDisk}"


def run(*steps: str, inner: str = "") -> toe.RunResult:
    Path("doc.yml").write_text(document(*steps))
    Path("inner.yml").write_text(inner)
    return toe.run(
        "doc.yml",
        execution_id=ID,
        log_directory="logs",
        environment=with_reboots(),
        actions=[fill_disk, fill_and_reboot, fill_and_ask_again],
    )


def statuses() -> list[str]:
    """Of the run, its documents, phases and steps, as the report has them."""
    report = json.loads((only_folder() / "detailedoutput.json").read_text())
    (one,) = report["documents"]
    (phase,) = one["phases"]
    return [part["status"] for part in (report, one, phase, *phase["steps"])]


def is_told_and_kept(result: toe.RunResult) -> None:
    """The verdict is whole, and what the state has is still there to go on with."""
    assert (result.status, result.exit_code, result.reboot, result.signal) == (toe.Status.FAILED, 1, False, None)
    assert result.failure_message.startswith("Document doc.yml failed! ")
    assert f"cannot write the state '{JOURNAL.resolve()}': No space left on device" in result.failure_message
    assert result.log_url == str(only_folder().resolve())
    assert JOURNAL.exists()
    console = (only_folder() / "console.log").read_text()
    assert console.endswith("TOE has completed execution with failure - Execution failed!\n")


def test_no_further_step_runs_and_those_that_did_count() -> None:
    result = run(counted("First"), FILL, counted("After"))
    is_told_and_kept(result)
    assert (result.counts.executed, count("First"), count("After")) == (2, 1, 0)
    assert statuses() == ["failed", "failed", "failed", "success", "success"]


def test_when_only_the_last_record_fails_the_result_stands_with_a_warning() -> None:
    result = run(counted("First"), FILL)
    assert (result.status, result.counts.executed) == (toe.Status.SUCCESS, 2)
    assert not JOURNAL.exists()


def test_a_nested_document_that_was_broken_off_is_no_success_whatever_its_step_says_of_failures() -> None:
    result = run(NESTED, inner=document(counted("First"), FILL, counted("After")))
    is_told_and_kept(result)
    assert (result.counts.executed, count("First"), count("After")) == (1, 1, 0)
    (nested,) = result.documents[0].phases[0].steps[0].nested
    assert (nested.status, nested.counts.executed) == (toe.Status.FAILED, 2)


def test_a_nested_document_whose_last_record_fails_has_run() -> None:
    result = run(NESTED, inner=document(counted("First"), FILL))
    assert (result.status, result.counts.executed) == (toe.Status.SUCCESS, 1)


@pytest.mark.parametrize(("action", "status"), [("FillAndReboot", "success"), ("FillAndAskAgain", "failed")])
def test_no_reboot_without_a_state_to_go_on_with(action: str, status: str) -> None:
    result = run(f"{{name: Ask, action: {action}}}", counted("After"))
    is_told_and_kept(result)
    assert count("After") == 0
    assert statuses() == ["failed", "failed", "failed", status]


def test_no_reboot_from_a_nested_document_without_a_state_either() -> None:
    result = run(NESTED, counted("After"), inner=document("{name: Ask, action: FillAndReboot}"))
    is_told_and_kept(result)
    assert count("After") == 0


@pytest.mark.parametrize("is_more", [True, False])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_the_command_line_tells_the_counts_and_the_logs_when_the_disk_is_full(is_more: bool) -> None:
    Path("small").mkdir()
    # What it prints is kept with the step, and takes more than what was laid out ahead.
    fill = "dd if=/dev/zero of=small/full bs=4k 2> dd.err; printf %0100000d 0"
    steps = [counted(f"S{number}") for number in range(3)]
    Path("doc.yml").write_text(document(*steps, counted("Fill", fill), *([counted("After")] if is_more else [])))
    script = 'mount -t tmpfs -o size=128k,mode=700 small small && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-m", "toe", "run", "doc.yml", "-s", "small"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stderr.startswith(("mount:", "unshare:")):
        pytest.skip(done.stderr)
    summary = json.loads(done.stdout)
    assert (summary["executedStepCount"], count("Fill"), count("After")) == (4, 1, 0), done.stderr
    if is_more:
        assert (done.returncode, summary["status"]) == (1, "failed"), done.stderr
        assert "No space left on device" in summary["failureMessage"]
    else:
        assert (done.returncode, summary["status"]) == (0, "success"), done.stderr
        assert "No space left on device; the result stands" in done.stderr
    assert Path(summary["logUrl"], "detailedoutput.json").exists()
