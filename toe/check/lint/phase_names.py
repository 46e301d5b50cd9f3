"""Phases whose name is nearly one that Image Builder runs: it would never run them, and nothing would fail."""

from __future__ import annotations

from operator import ne

from toe import codes
from toe.check.lint.report import Report
from toe.check.stages import STAGES
from toe.model import Document


def check_phase_names(document: Document, report: Report) -> None:
    """Report such a phase where the document has none of the right name. `--profile imagebuilder` says so itself."""
    if any(problem.code == codes.PHASE_NOT_RUN for problem in report.findings.problems):
        return
    names = {phase.name for phase in document.phases}
    for phase in document.phases:
        meant = next((known for known in STAGES if known not in names and _is_slip(phase.name, known)), None)
        if meant and phase.node is not None:
            message = f"phase '{phase.name}' is not the phase '{meant}', which this document lacks"
            hint = f"Image Builder never runs it: rename it to '{meant}'"
            report.at(phase.node.get("name") or phase.node, codes.NEAR_PHASE, message, hint)


def _is_slip(name: str, known: str) -> bool:
    """Whether one letter too many, too few or wrong, two that are swapped, or the case make the difference.

    A number is no slip: `build2`.
    """
    if not name.replace("-", "").isalpha():
        return False
    name = name.lower()
    if len(name) == len(known):
        wrong = sum(map(ne, name, known))
        return wrong < 2 or (wrong == 2 and sorted(name) == sorted(known))
    shorter, longer = sorted((name, known), key=len)
    return any(longer[:position] + longer[position + 1 :] == shorter for position in range(len(longer)))
