"""`toe validate --fix` and `--diff`: which documents can be mended, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.checking import Checked, FixedTarget
from toe.cli.targets import Target
from toe.cli.terminal import STDOUT, say, write, write_bytes
from toe.document.source import STANDARD_INPUT, is_remote
from toe.errors import EXIT_FAILED, ToeError
from toe.sinks.safe_text import one_line
from toe.words import counted


def refuse_unfixable(targets: Sequence[Target], options: Mapping[str, Any]) -> None:
    """Raise ToeError where a document cannot be changed in its place, or stdout would hold two things."""
    if options["diff"]:
        for name in ("format", "output"):
            if options[name]:
                raise ToeError(f"--diff prints no report: leave --{name} out")
        return
    paths = [target.path for target in targets]
    for path in paths:
        if is_remote(path):
            hint = "--diff shows what would change; a copy on this machine can be changed"
            raise ToeError(f"'{path}' cannot be fixed where it is", hint=hint)
    if STANDARD_INPUT in paths and len(paths) > 1:
        raise ToeError("--fix prints standard input's document to stdout: name no other one beside it")


def tell_fixes(checked: Sequence[Checked]) -> bool:
    """Say what was changed, and print diffs and the text of standard input; whether stdout holds something of it.

    Raises ToeError when stdout cannot be written.
    """
    printed = False
    for one in checked:
        if one.fixed is None:
            continue
        _say(one.document, one.fixed)
        printed = printed or bool(one.fixed.text)
        if not (write(STDOUT, one.fixed.diff) and write_bytes(STDOUT, one.fixed.text)):
            raise ToeError("cannot write to stdout", exit_code=EXIT_FAILED)
    return printed


def _say(document: str, fixed: FixedTarget) -> None:
    name = one_line(document)
    if fixed.worse is not None:
        problem = fixed.worse
        error = one_line(f"line {problem.line}: {problem.message}")
        say(f"toe: {name} is left as it was: what can be mended in it would bring an error ({error})")
    elif fixed.changes and not fixed.diff:
        say(f"toe: {name}: {counted(fixed.changes, 'spot')} mended")
