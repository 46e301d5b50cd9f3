"""The subcommands and their options: the table that click and the reader of plain command lines work with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from toe.cli.command import Command

#: Command -> the module of this folder that has it.
_MODULES = {
    "run": "running",
    "plan": "running",
    "resume": "running",
    "status": "running",
    "abandon": "running",
    "report": "results",
    "follow": "results",
    "test": "results",
    "build": "images",
    "validate": "documents",
    "explain": "documents",
    "actions": "documents",
    "schema": "documents",
    "new": "documents",
    "init": "documents",
    "completion": "documents",
    "lsp": "documents",
    "bundle": "elsewhere",
    "ssm-document": "elsewhere",
    "images": "images",
    "distribute": "images",
    "pipeline": "images",
}


class _Commands(Mapping[str, Command]):
    """The commands by their names. A command line loads those of its own module alone."""

    def __getitem__(self, name: str) -> Command:
        commands: Mapping[str, Command] = import_module(f"{__name__}.{_MODULES[name]}").COMMANDS
        return commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


COMMANDS: Mapping[str, Command] = _Commands()
