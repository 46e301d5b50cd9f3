"""The longer texts about problems, for `toe explain TOE204`: why it is one, with a wrong and a right example.

Only read when somebody asks. A test checks every pair: the wrong one has the problem, the right one has not.
"""

from __future__ import annotations

import re

from toe import codes
from toe.check.explanations.action_inputs import ACTIONS
from toe.check.explanations.examples import Explanation
from toe.check.explanations.examples import whole_document as whole_document
from toe.check.explanations.lint import IMAGE_BUILDER, LINT
from toe.check.explanations.recipes import RECIPES
from toe.check.explanations.references import REFERENCES
from toe.check.explanations.structure import STRUCTURE
from toe.check.explanations.yaml_form import YAML
from toe.codes import CODES

EXPLANATIONS: dict[str, Explanation] = {
    **YAML,
    **STRUCTURE,
    **REFERENCES,
    **ACTIONS,
    **LINT,
    **IMAGE_BUILDER,
    **RECIPES,
}
_SHELLCHECK_CODE = r"SC[0-9]{4}"


def explanation_text(code: str) -> str | None:
    """The text that `toe explain` prints for a code, also for one of shellcheck's; None for an unknown one."""
    if re.fullmatch(_SHELLCHECK_CODE, code.upper()):
        return _of_shellcheck(code.upper())
    known = CODES.get(code.upper())
    if known is None:
        return None
    found = EXPLANATIONS[code.upper()]
    lines = [f"{code.upper()} ({known.severity.value}): {known.title}", "", found.text, ""]
    for title, example in (("Wrong:", found.wrong), ("Right:", found.right)):
        if example:
            lines += [title, "", *(f"    {line}".rstrip() for line in _printable(example).splitlines()), ""]
    return "\n".join(lines)


def _of_shellcheck(code: str) -> str:
    from toe.check.lint.shellcheck import EXCLUDED, WIKI

    reported = "toe leaves it out"
    if code not in EXCLUDED:
        reported = f"toe reports it as {codes.SHELLCHECK} where shellcheck is installed"
    ignored = f"'# toe: ignore[{code}]' on its line or '# shellcheck disable={code}' above it leaves it out."
    return "\n".join([f"{code}: a finding of shellcheck; {reported}.", f"{WIKI}/{code} explains it.", ignored, ""])


def _printable(example: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in example)
