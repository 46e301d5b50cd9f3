from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from sample_events import NS, START, bash_step, failed_step, hello_world, run_of

from toe import events
from toe.events import Event, Where
from toe.model import Document, ForEachLoop, Loop, Phase, Step
from toe.results import Status, StepResult
from toe.sinks.chaining import Chaining


def chaining(directory: Path) -> Any:
    text = (directory / "chaining.json").read_text()
    assert text == json.dumps(json.loads(text), indent=4, ensure_ascii=False)
    return json.loads(text)


def started(*phases: Phase, selected: tuple[str, ...] = (), hidden: bool = False) -> Event:
    return events.RunStarted(START, "id", "", (Document("a.yml", phases, disable_logging=hidden),), selected)


def finished(step: StepResult) -> Event:
    return events.StepFinished(START, Where("a.yml", "build", step.name), 0, step)


def test_the_file_is_there_from_the_start_with_unresolved_inputs_and_no_outputs(tmp_path: Path) -> None:
    sink = Chaining(str(tmp_path))
    sink.handle(next(hello_world()))
    steps = [phase["steps"][0] for phase in chaining(tmp_path)[0]["phases"]]
    assert [step["outputs"] for step in steps] == ["", "", ""]
    assert steps[0]["inputs"] == '[{"commands":["echo \'Hello World from the build phase.\'"]}]'
    assert stat.S_IMODE((tmp_path / "chaining.json").stat().st_mode) == 0o600
    sink.close()


def test_only_selected_phases_are_marked(tmp_path: Path) -> None:
    Chaining(str(tmp_path)).handle(started(Phase("build", ()), Phase("test", ()), selected=("test",)))
    assert [phase["isSelected"] for phase in chaining(tmp_path)[0]["phases"]] == [False, True]


def test_what_ran_is_written_when_the_run_is_cut_short(tmp_path: Path) -> None:
    sink = Chaining(str(tmp_path))
    sink.handle(started(Phase("build", (bash_step("S", "{{ x }}"), bash_step("T", "y")))))
    resolved = StepResult(
        "S", "ExecuteBash", Status.SUCCESS, START, NS, inputs=({"commands": ["1"]},), outputs=({"stdout": "1"},)
    )
    sink.handle(finished(resolved))
    sink.close()
    ran, waiting = chaining(tmp_path)[0]["phases"][0]["steps"]
    assert (ran["inputs"], ran["outputs"]) == ('[{"commands":["1"]}]', '[{"stdout":"1"}]')
    assert waiting["outputs"] == ""
    assert os.listdir(tmp_path) == ["chaining.json"]


def test_hidden_steps_are_empty_at_all_three_levels(tmp_path: Path) -> None:
    step = bash_step("S", "s3cret")
    sequences = [
        started(Phase("build", (step,)), hidden=True),
        started(Phase("build", (step,), disable_logging=True)),
        started(Phase("build", (step._replace(disable_logging=True),))),
    ]
    for event in sequences:
        sink = Chaining(str(tmp_path))
        sink.handle(event)
        shown = chaining(tmp_path)[0]["phases"][0]["steps"][0]
        assert (shown["inputs"], shown["outputs"]) == ("[]", "[]")
        sink.handle(finished(StepResult("S", "ExecuteBash", Status.SUCCESS, START, outputs=({"stdout": "s3cret"},))))
        sink.close()
        assert "s3cret" not in (tmp_path / "chaining.json").read_text()


def test_nested_documents_stand_in_their_step(tmp_path: Path) -> None:
    sink = Chaining(str(tmp_path))
    sink.handle(started(Phase("build", (Step("Down", "ExecuteDocument"),))))
    inner = failed_step("Inner")._replace(outputs=({"stdout": "x"},))
    sink.handle(finished(StepResult("Down", "ExecuteDocument", Status.FAILED, START, nested=(run_of(inner),))))
    sink.close()
    documents = chaining(tmp_path)[0]["phases"][0]["steps"][0]["documents"]
    assert documents[0]["phases"][0]["steps"][0]["outputs"] == '[{"stdout":"x"}]'


def test_loops_have_the_form_of_the_document(tmp_path: Path) -> None:
    step = bash_step("S", "x")._replace(loop=Loop(ForEachLoop(("a", "b")), "name"))
    Chaining(str(tmp_path)).handle(started(Phase("build", (step,))))
    assert chaining(tmp_path)[0]["phases"][0]["steps"][0]["loop"] == {"name": "name", "forEach": ["a", "b"]}
