"""The lint's rule on phases whose name is nearly one of Image Builder's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from toe.errors import Problem

Check = Callable[..., list[Problem]]


def document(*names: str) -> str:
    step = "{name: One, action: Assert, inputs: {fileExists: /etc}}"
    return "phases:\n" + "".join(f"  - name: {name}\n    steps: [{step}]\n" for name in names)


@pytest.mark.parametrize(
    "name", ["bulid", "buildd", "biuld", "buil", "Build", "tests", "Validate", "container-hosttest"]
)
def test_a_name_that_is_nearly_right_is_pointed_at(check: Check, name: str) -> None:
    (problem,) = check(document(name), lint=True)
    assert (problem.code, problem.line, problem.column) == ("TOE520", 3, 11)
    assert "rename it to '" in problem.hint


@pytest.mark.parametrize("names", ["build2", "install", "testing", "prebuild", "build builds", "bulid-all"])
def test_another_name_is_left_alone(check: Check, names: str) -> None:
    assert check(document(*names.split()), lint=True) == []


def test_a_phase_that_image_builder_never_runs_is_named_once(check: Check) -> None:
    codes = [problem.code for problem in check(document("bulid"), lint=True, profile="imagebuilder")]
    assert codes == ["TOE601", "TOE603"]


def test_a_comment_silences_it(check: Check) -> None:
    assert check(document("bulid # toe: ignore[TOE520]"), lint=True) == []
