"""A function that plans some steps, for all tests of plans."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toe.cli.main import command_line

Planned = Callable[..., list[dict[str, Any]]]
HEAD = "name: Doc\nschemaVersion: 1.0\n"


@pytest.fixture
def plan(capfd: pytest.CaptureFixture[str]) -> Planned:
    """Plan the steps of one phase `build` and return them, as the JSON has them."""

    def planned(steps: str, *options: str, head: str = "") -> list[dict[str, Any]]:
        indented = "".join(f"      {line}\n" for line in steps.strip().splitlines())
        Path("doc.yml").write_text(f"{HEAD}{head}phases:\n  - name: build\n    steps:\n{indented}")
        code = command_line(["plan", "doc.yml", "--format", "json", *options])
        out, err = capfd.readouterr()
        assert code == 0, err
        steps_made: list[dict[str, Any]] = json.loads(out)["documents"][0]["phases"][0]["steps"]
        return steps_made

    return planned
