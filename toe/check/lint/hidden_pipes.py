"""A failing command behind whose pipe another succeeds: `make | tee log` is a success, also under `set -e`.

Not for scripts with `set -o pipefail`, and not where PIPESTATUS is looked at.
"""

from __future__ import annotations

from toe import codes
from toe.check.lint.bash_commands import BashScript, Command, simple_commands
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script
from toe.check.lint.swallowed import can_fail, harmless_programs

#: They copy what they read, and succeed whatever that is.
_COPYING = frozenset(("tee", "cat", "logger", "systemd-cat", "ts"))
_HINT = "begin the script with 'set -o pipefail'"


def check_hidden_pipes(script: Script, report: Report) -> None:
    """Report the first command whose failure such a pipe hides."""
    if script.language != BASH or "|" not in script.text or "PIPESTATUS" in script.text or script.bash is None:
        return
    if _sets_pipefail(script.bash):
        return
    harmless = harmless_programs(script.bash)
    for pipeline in script.bash.pipelines():
        found = _hidden(pipeline, harmless) if pipeline[-1].program in _COPYING else None
        if found is not None:
            message = f"when '{found.program[:40]}' fails nobody sees it: '{pipeline[-1].program}' decides for the pipe"
            report.at_command(script, found, codes.SWALLOWED_FAILURE, message, _HINT)
            return


def _hidden(pipeline: tuple[Command, ...], harmless: frozenset[str]) -> Command | None:
    for command in pipeline[:-1]:
        inner = [statement for block in command.blocks for statement in block.statements]
        for simple in simple_commands(inner) if command.kind else (command,):
            if can_fail(simple, harmless):
                return simple
    return None


def _sets_pipefail(bash: BashScript) -> bool:
    return any(
        command.words[0].text == "set" and any(word.plain == "pipefail" for word in command.words[1:])
        for command in bash.commands()
    )
