"""The lint: what is legal in a component document, but unwise. Warnings and information, never an error.

Each rule is a function in a module of this package; here they are only called. Rules are quiet: what they report is
certain, or worth a look each time.
"""

from __future__ import annotations

from toe.actions import ActionTable
from toe.check.findings import Findings
from toe.check.lint.commands import check_commands
from toe.check.lint.declarations import check_declarations
from toe.check.lint.downloads import check_run_unseen, check_web_download
from toe.check.lint.flow import check_flow
from toe.check.lint.hidden_pipes import check_hidden_pipes
from toe.check.lint.modes import check_chmod, check_permissions
from toe.check.lint.no_home import check_no_home
from toe.check.lint.no_shell import check_no_shell
from toe.check.lint.nothing_to_do import check_nothing_to_do, check_script_of_comments
from toe.check.lint.phase_names import check_phase_names
from toe.check.lint.report import Report
from toe.check.lint.scripts import Script, scripts_of
from toe.check.lint.secrets import check_secrets
from toe.check.lint.shellcheck import check_with_shellcheck
from toe.check.lint.swallowed import check_swallowed
from toe.check.lint.unquoted import check_unquoted
from toe.model import Document


def check_lint(document: Document, actions: ActionTable, platforms: tuple[str, ...], findings: Findings) -> None:
    """Report what is unwise in a document, and drop what its comments `# toe: ignore[...]` name.

    `platforms` are those that the document is meant for; none: those that it can run on.
    """
    first = len(findings.problems)
    report = Report(findings)
    check_phase_names(document, report)
    check_declarations(document, report)
    check_nothing_to_do(document, report)
    check_no_shell(document, actions, platforms, report)
    for phase in document.phases:
        for step in phase.steps:
            check_web_download(document, step, report)
            check_permissions(step, report)
    scripts = list(scripts_of(document))
    for script in scripts:
        _check_script(script, report)
    check_unquoted(document, scripts, report)
    check_flow(document, scripts, report)
    check_with_shellcheck(scripts, report)
    # Last: it puts asterisks into the source lines, in which the others look for their places.
    check_secrets(document, report)
    if len(findings.problems) > first:
        from toe.check.lint.ignores import drop_ignored

        drop_ignored(document, findings, first)


def _check_script(script: Script, report: Report) -> None:
    if not check_swallowed(script, report):
        check_hidden_pipes(script, report)
    check_commands(script, report)
    check_run_unseen(script, report)
    check_chmod(script, report)
    check_no_home(script, report)
    check_script_of_comments(script, report)
