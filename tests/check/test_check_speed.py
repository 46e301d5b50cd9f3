from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_document, load_document

STEP = "      - {{name: S{}, action: ExecuteBash, inputs: {{commands: ['echo {{{{ build.S0.outputs.stdout }}}}']}}}}\n"


def processor_seconds(steps: int) -> float:
    """The least time of the processor, of three times, for checking a document of so many steps."""
    first = "      - {name: S0, action: ExecuteBash, inputs: {commands: [echo]}}\n"
    text = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n" + first
    text += "".join(STEP.format(number) for number in range(1, steps))
    table = ActionTable()
    document, problems = load_document(text.encode(), "big.yml", table)
    assert document is not None
    assert problems == []
    times = []
    for _ in range(3):
        before = time.process_time()
        assert check_document(document, CheckOptions(), table) == []
        times.append(time.process_time() - before)
    return min(times)


def test_a_step_among_ten_thousand_costs_what_one_among_a_thousand_does() -> None:
    assert processor_seconds(10_000) < 20 * processor_seconds(1000)


def test_good_document_is_checked_without_heavy_imports(tmp_path: Path) -> None:
    document = tmp_path / "good.yml"
    document.write_text(
        "schemaVersion: 1.0\n"
        "phases: [{name: build, steps: [{name: A, action: ExecuteBash, inputs: {commands: [a]}}]}]\n"
    )
    code = (
        "import sys\n"
        "from toe.actions import ActionTable\n"
        "from toe.check.check import CheckOptions, check_all\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "assert check_all(data, sys.argv[1], CheckOptions(), ActionTable())[1] == []\n"
        "print(sorted({'jsonschema', 'rich', 'boto3', 're2', 'difflib', 'click'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code, str(document)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
