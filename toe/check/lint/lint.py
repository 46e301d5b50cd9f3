"""The lint: what is legal in a component document, but unwise. Warnings and information, never an error.

The rules are functions in the modules of this package; this is their table. Rules are quiet: what they report is
certain, or worth a look each time.
"""

from __future__ import annotations

from collections.abc import Callable

from toe.actions import ActionTable
from toe.check.findings import Findings
from toe.check.lint.bash_commands import BashScript
from toe.check.lint.commands import (
    COMMAND_WORDS,
    check_chmod,
    check_commands,
    check_home,
    check_permissions,
    check_powershell_reboot,
)
from toe.check.lint.downloads import DOWNLOADERS, check_downloads, check_powershell_downloads, check_web_downloads
from toe.check.lint.no_shell import check_no_shell
from toe.check.lint.scripts import BASH, Script, scripts_of
from toe.check.lint.secrets import check_secrets
from toe.check.lint.shellcheck import check_with_shellcheck
from toe.check.lint.swallowed import check_swallowed, check_swallowed_powershell
from toe.check.lint.unquoted import check_unquoted
from toe.check.lint.without_effect import (
    check_declarations,
    check_never_runs,
    check_nothing_to_do,
    check_phase_names,
    check_script_of_comments,
)
from toe.model import Document

#: Rules about bash scripts, each with words: a script that holds none of them is not even read for the rule.
_BASH_RULES: tuple[tuple[tuple[str, ...], Callable[[Script, BashScript], None]], ...] = (
    (("\n", ";", "|"), check_swallowed),
    (COMMAND_WORDS, check_commands),
    (DOWNLOADERS, check_downloads),
    (("chmod",), check_chmod),
    (("HOME", "--global"), check_home),
)
_POWERSHELL_RULES = (check_swallowed_powershell, check_powershell_reboot, check_powershell_downloads)


def check_lint(document: Document, actions: ActionTable, platforms: tuple[str, ...], findings: Findings) -> None:
    """Report what is unwise in a document, and drop what its comments `# toe: ignore[...]` name.

    `platforms` are those that the document is meant for; none: those that it can run on.
    """
    first = len(findings.problems)
    check_phase_names(document, findings)
    check_declarations(document, findings)
    check_nothing_to_do(document, findings)
    check_no_shell(document, actions, platforms, findings)
    check_web_downloads(document, findings)
    check_permissions(document, findings)
    scripts = list(scripts_of(document, findings))
    for script in scripts:
        _check_script(script)
    check_unquoted(document, scripts)
    check_never_runs(document, scripts, findings)
    check_with_shellcheck(scripts)
    # Last: it puts asterisks into the source lines, in which the others look for their places.
    check_secrets(document, findings)
    if len(findings.problems) > first:
        from toe.check.lint.ignores import drop_ignored

        drop_ignored(document, findings, first)


def _check_script(script: Script) -> None:
    if script.language == BASH:
        # without the line end of a block, which separates no commands
        text = script.text.strip()
        for words, check_bash in _BASH_RULES:
            if any(word in text for word in words) and script.bash is not None:
                check_bash(script, script.bash)
    else:
        for check in _POWERSHELL_RULES:
            check(script)
    check_script_of_comments(script)
