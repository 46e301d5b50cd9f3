"""The hook for pre-commit, as far as it can be judged without pre-commit: it parses and names a command that exists."""

from __future__ import annotations

from pathlib import Path

import yaml

from toe.cli.command import plain_values
from toe.cli.options import COMMANDS

REPOSITORY = Path(__file__).resolve().parent.parent


def test_hook_runs_an_existing_command_on_the_files_it_is_given() -> None:
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["types"]) == ("toe-validate", "python", ["yaml"])
    program, command, *arguments = hook["entry"].split()
    assert program == "toe"
    values = plain_values(COMMANDS[command], [*arguments, "a.yml", "b.yml"])
    assert values is not None
    assert values["paths"] == ("a.yml", "b.yml")
    assert hook.get("pass_filenames", True)
