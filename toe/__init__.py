"""`toe`: run and validate EC2 Image Builder component documents.

    result = toe.run("component.yml", parameters={"Name": "value"})
    problems = toe.validate("component.yml")

Everything is imported when it is first used, so that `import toe` costs nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # of `typing`, which takes long to import
if TYPE_CHECKING:
    from typing import Any

    from toe.actions.base import Context, Definition, Doc, Reboot, action
    from toe.api import load, resume, run, validate
    from toe.errors import ActionError, DocumentError, Problem, Severity, ToeError
    from toe.model import Document
    from toe.results import DocumentResult, PhaseResult, RunResult, Status, StepResult
    from toe.system.cancellation import Cancellation
    from toe.version import __version__

__all__ = [
    "ActionError",
    "Cancellation",
    "Context",
    "Definition",
    "Doc",
    "Document",
    "DocumentError",
    "DocumentResult",
    "PhaseResult",
    "Problem",
    "Reboot",
    "RunResult",
    "Severity",
    "Status",
    "StepResult",
    "ToeError",
    "__version__",
    "action",
    "load",
    "resume",
    "run",
    "validate",
]

_HOMES = {
    "toe.actions.base": ("Context", "Definition", "Doc", "Reboot", "action"),
    "toe.api": ("load", "resume", "run", "validate"),
    "toe.errors": ("ActionError", "DocumentError", "Problem", "Severity", "ToeError"),
    "toe.model": ("Document",),
    "toe.results": ("DocumentResult", "PhaseResult", "RunResult", "Status", "StepResult"),
    "toe.system.cancellation": ("Cancellation",),
    "toe.version": ("__version__",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'toe' has no attribute '{name}'")
