"""Scripts that count on HOME: Image Builder runs components as root without it (reference, Image Builder's part).

`~` alone is safe, since bash then asks the system's users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe import codes
from toe.check.lint.bash_commands import BashScript, is_assignment
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script

_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")
_HINT = "set it before: export HOME=/root"


def check_no_home(script: Script, report: Report) -> None:
    """Report the first use of HOME in a bash script that does not set it."""
    if script.language != BASH or not ("HOME" in script.text or "--global" in script.text):
        return
    if script.bash is None or _sets_home(script.bash):
        return
    used = min(_uses(script.code, script.bash), default=None)
    if used is not None:
        start, end, what = used
        report.in_script(
            script, start, end, codes.NO_HOME, f"{what}, and Image Builder runs components without it", _HINT
        )


def _sets_home(bash: BashScript) -> bool:
    words = (word for command in bash.commands() for word in command.words)
    return any(is_assignment(word) and word.text.startswith("HOME=") for word in words)


def _uses(code: str, bash: BashScript) -> Iterator[tuple[int, int, str]]:
    """Start, end, and what is to be said; single-quoted text is another shell's, or nobody's."""
    for command in bash.commands():
        plain = [word.plain for word in command.arguments]
        if plain[:2] == ["git", "config"] and "--global" in plain:
            yield command.words[0].start, command.words[-1].end, "'git config --global' needs HOME"
        for word in command.words:
            found = None if word.text.startswith("'") else _HOME.search(word.text)
            if found is not None:
                yield word.start + found.start(), word.start + found.end(), f"'{found[0]}' needs HOME"
    # where output is redirected to, which is no word of a command
    for start, _ in bash.bare:
        found = _HOME.match(code, start - 1) if start else None
        if found is not None:
            yield found.start(), found.end(), f"'{found[0]}' needs HOME"
