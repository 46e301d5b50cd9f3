"""Text in double braces that is no expression, and was most likely meant as one. Only asked for such text.

What another tool's template may well hold stays a matter of information.
"""

from __future__ import annotations

import re

from toe import codes
from toe.check.findings import Findings
from toe.check.outline import Outline, Place
from toe.expressions.parse import LoopRef

_NAME = "[A-Za-z0-9_-]+"
#: How templates of Go, Terraform and others write what is `{{ Name }}` here.
_OTHER_FORMS = rf"-?\s*(?:\$\.?|\.|(?:parameters?|params|constants?|inputs|vars?|values)\.)({_NAME})\s*-?"
_DOTTED = rf"{_NAME}(?:\.{_NAME}|\[[0-9]+\])*\.?"
_PARTS = rf"({_NAME})((?:\[[0-9]+\])*)"
_SIDES = ("outputs", "inputs")
_LOOP_FIELDS = ("index", "value")
#: What Jinja's own loops have: in a step without a loop the text is a template's.
_OF_JINJA = frozenset(
    "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed".split()
)
SHOWN = 60

#: The code, the message and the hint of a problem.
Fault = tuple[str, str, str]


def near_reference(raw: str, place: Place, outline: Outline, findings: Findings) -> Fault | None:
    """What is wrong with `raw`, a text in double braces that is no expression; None when nothing is known to be."""
    inside = raw[2:-2].strip()
    other = re.fullmatch(_OTHER_FORMS, inside, re.IGNORECASE)
    if other is not None and other[1] in outline.names:
        message = f"'{_shown(raw)}' stays as it is: the value of '{other[1]}' is written '{{{{ {other[1]} }}}}'"
        return codes.OTHER_TEMPLATE_FORM, message, f"if it is meant for another tool, {literal_hint(inside)}"
    dotted = re.match(_DOTTED, inside)
    if dotted is None or "." not in dotted[0]:
        return None
    meant = _meant(re.findall(_PARTS, dotted[0]), place, outline, findings)
    return None if meant is None else _fault(raw, *meant)


def misnamed_loop(reference: LoopRef, place: Place, outline: Outline, findings: Findings) -> Fault | None:
    """What is wrong with `{{ Name.value }}` where the step's loop has another name and a phase or a step has this."""
    if reference.loop_name.lower() == "loop":
        own = place.loop is not None
        return _fault(reference.raw, "a loop is 'loop'", _braced(f"loop.{reference.field}")) if own else None
    meant = _meant([(reference.loop_name, ""), (reference.field, "")], place, outline, findings)
    return None if meant is None else _fault(reference.raw, *meant)


def literal_hint(inside: str) -> str:
    """How a text in double braces is written that must stay as it is."""
    return f"declare a constant 'Open' that holds '{{{{', and write '{{{{ Open }}}} {inside} }}}}'"


def _fault(raw: str, begins: str, suggestion: str) -> Fault:
    near = f" (did you mean '{suggestion}'?)" if suggestion else ""
    message = f"'{_shown(raw)}' is no expression, and {begins}{near}"
    return codes.MALFORMED_REFERENCE, message, f"for this text itself {literal_hint(raw[2:-2].strip())}"


def _meant(parts: list[tuple[str, str]], place: Place, outline: Outline, findings: Findings) -> tuple[str, str] | None:
    """What a dotted word begins with, and the expression that it was meant to be ("" where that is not clear)."""
    first = parts[0][0]
    if place.loop is not None and first in ("loop", place.loop.name):
        field = findings.nearest(parts[1][0], _LOOP_FIELDS) if len(parts) > 1 else None
        return f"begins with the loop '{first}'", _braced(f"{first}.{field or 'value'}")
    if first == "loop":
        of_jinja = len(parts) > 1 and parts[1][0] in _OF_JINJA
        return None if of_jinja else ("this step has no loop", "")
    if first in outline.phases:
        return f"begins with the phase '{first}'", _step_reference(first, parts[1:], outline, findings)
    phase = _phase_of_step(first, place, outline)
    if phase is None:
        return None
    return f"begins with the step '{first}'", _step_reference(phase, parts, outline, findings)


def _phase_of_step(step: str, place: Place, outline: Outline) -> str | None:
    own = outline.phases.get(place.phase.name)
    if own is not None and step in own.steps:
        return place.phase.name
    return next((name for name, phase in outline.phases.items() if step in phase.steps), None)


def _step_reference(phase: str, parts: list[tuple[str, str]], outline: Outline, findings: Findings) -> str:
    """`{{ phase.step.outputs.field }}` of the parts that stand behind a phase; empty where they name no step."""
    steps = outline.phases[phase].steps
    if not parts:
        return ""
    named = parts[0][0]
    step = named if named in steps else findings.nearest(named, steps)
    if step is None:
        return ""
    rest = parts[1:]
    side = findings.nearest(rest[0][0], _SIDES) if rest else None
    if side is not None:
        side += rest[0][1]
        rest = rest[1:]
    fields = [name + index for name, index in rest] or ["stdout"]
    return _braced(".".join((phase, step, side or "outputs", *fields)))


def _braced(inside: str) -> str:
    return f"{{{{ {inside} }}}}"


def _shown(raw: str) -> str:
    return raw if len(raw) <= SHOWN else raw[: SHOWN - 1] + "…"
