"""The text of the systemd unit; that systemd reads it as meant is shown in tests/vm."""

from __future__ import annotations

import pytest

from toe.system.resume.systemd import can_stand_in_a_unit, unit_name, unit_text


def lines_of(path: str) -> list[str]:
    return unit_text("run-1", path).splitlines()


def test_unit_runs_the_script_while_it_is_there() -> None:
    lines = lines_of("/var/lib/toe/run-1.resume")
    assert "ConditionPathExists=/var/lib/toe/run-1.resume" in lines
    assert 'ExecStart=/bin/sh "/var/lib/toe/run-1.resume"' in lines


def test_unit_escapes_what_systemd_would_read_otherwise() -> None:
    lines = lines_of('/50%h $HOME "it" \\n/run-1.resume')
    assert 'ConditionPathExists=/50%%h $HOME "it" \\n/run-1.resume' in lines
    assert 'ExecStart=/bin/sh "/50%%h $$HOME \\"it\\" \\\\n/run-1.resume"' in lines


def test_unit_is_named_for_its_execution() -> None:
    assert unit_name("run-1") == "toe-resume-run-1.service"
    assert any(line.endswith("/toe-resume-run-1.service") for line in lines_of("/x") if line.startswith("ExecStopPost"))


@pytest.mark.parametrize("path", ["/a\nb", "/a\tb", "/\udcff", "/\x7f"])
def test_paths_that_no_unit_can_hold_are_known(path: str) -> None:
    assert not can_stand_in_a_unit(path)


def test_paths_in_utf8_can_stand_in_a_unit() -> None:
    assert can_stand_in_a_unit("/Zustände/%$ \"'\\")
