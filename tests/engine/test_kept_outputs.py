"""What a run keeps of its steps' inputs and outputs is bounded, and so are its memory and its reports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import toe
from toe.engine.kept_outputs import written_size
from toe.results import KEPT_RUN_BYTES, KEPT_STEP_BYTES

RunDocument = Callable[..., toe.RunResult]
MIB = 2**20
#: Runs a command; prints its exit code and the most memory it had, in KiB. A child begins with its parent's most, so
#: the parent must be a small one.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
HEAD = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
LOOP = """\
      - name: Print
        action: ExecuteBash
        loop: {for: {start: 1, end: 6, updateBy: 1}}
        inputs: {commands: [head -c 12000000 /dev/zero | base64]}
"""
ZEROS = """\
      - name: Print
        action: ExecuteBash
        inputs: {commands: [head -c 100000000 /dev/zero]}
"""
CHAIN = """\
      - name: Print
        action: ExecuteBash
        inputs: {commands: ["head -c 7000000 /dev/zero | tr '\\\\0' x"]}
""" + "".join(
    f"""\
      - name: Write{number}
        action: CreateFile
        inputs: [{{path: out, content: "{{{{ build.Print.outputs.stdout }}}}", overwrite: true}}]
"""
    for number in range(12)
)


@pytest.mark.parametrize("steps", [LOOP, ZEROS, CHAIN])
def test_memory_and_reports_do_not_grow_with_output(steps: str) -> None:
    Path("doc.yml").write_text(HEAD + steps)
    argv = [sys.executable, "-c", MEASURE, sys.executable, "-m", "toe", "run", "doc.yml"]
    code, peak = subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout.split()
    assert code == b"0"
    assert int(peak) / 1024 < 128
    for name in ("detailedoutput.json", "chaining.json", "events.jsonl"):
        (report,) = Path().glob(f"TOE_*/{name}")
        assert report.stat().st_size < 18 * MIB


def outputs_of(result: toe.RunResult, step: int, key: str = "stdout") -> list[str]:
    return [str(entry[key]) for entry in result.documents[0].phases[0].steps[step].outputs]


def test_later_steps_keep_a_little_when_the_run_has_kept_too_much(run_document: RunDocument) -> None:
    step = "      - {name: %s, action: ExecuteBash, inputs: {commands: [%s]}}\n"
    large = [step % (f"Large{number}", "seq 1000000") for number in range(3)]
    chained = step % ("Chained", '"test {{ build.Small.outputs.stdout }} = 1.2.3"')
    result = run_document(HEAD + "".join(large) + step % ("Small", "echo 1.2.3") + chained)
    assert result.status is toe.Status.SUCCESS
    texts = [outputs_of(result, number)[0] for number in range(3)]
    assert texts[0].endswith("\n[output cut by toe after 8 MiB, as the reports hold it; console.log has all of it]")
    assert texts[2].endswith("\n[cut by toe: a step keeps 8 MiB, all steps 16 MiB and 64 KiB each]")
    for text in texts:
        lines = text.split("\n")[:-1]
        assert lines[:2] == ["1", "2"]
        assert int(lines[-1]) in (len(lines), int(lines[-2]) + 1)
    sizes = list(map(written_size, texts))
    assert 7 * MIB < sizes[0] < KEPT_STEP_BYTES
    assert 60_000 < sizes[2] < 70_000
    assert sum(sizes) < KEPT_RUN_BYTES + 70_000
    assert outputs_of(result, 3) == ["1.2.3"]


def test_entries_of_one_step_share_its_room(run_document: RunDocument, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a" * 5 * MIB)
    result = run_document(HEAD + "      - {name: Read, action: ReadFile, inputs: [{path: a}, {path: a}, {path: a}]}\n")
    first, second, third = outputs_of(result, 0, "content")
    assert first == "a" * 5 * MIB
    assert second.startswith("a" * 3 * MIB)
    assert third == "[cut by toe: a step keeps 8 MiB, all steps 16 MiB and 64 KiB each]"
    assert len(second) < 4 * MIB


def test_an_attempt_that_failed_takes_no_room(run_document: RunDocument) -> None:
    commands = "seq 1000000; test -e again || { touch again; exit 1; }"
    result = run_document(
        f"{HEAD}      - {{name: Twice, action: ExecuteBash, maxAttempts: 2, inputs: {{commands: ['{commands}']}}}}\n"
    )
    assert result.documents[0].phases[0].steps[0].attempts == 2
    assert written_size(outputs_of(result, 0)[0]) > 7 * MIB
