"""What each kind of problem is called, and how bad it is. `toe.check.explanations` has the longer texts.

Loaded when there is a problem: a good document runs without it.
"""

from __future__ import annotations

from toe.check import codes
from toe.document.codes import TITLES as YAML_TITLES
from toe.errors import Severity
from toe.records import NamedTuple


class Code(NamedTuple):
    """One kind of problem."""

    title: str
    severity: Severity = Severity.ERROR


CODES: dict[str, Code] = {
    **{code: Code(title) for code, title in YAML_TITLES.items()},
    codes.UNKNOWN_KEY: Code("unknown key"),
    codes.MISSING_KEY: Code("missing key"),
    codes.WRONG_KIND: Code("value of the wrong kind"),
    codes.UNKNOWN_ACTION: Code("unknown action"),
    codes.UNKNOWN_WORD: Code("word that is not one of those possible"),
    codes.INVALID_NAME: Code("invalid name"),
    codes.OUT_OF_RANGE: Code("number out of range"),
    codes.CONDITION_FORM: Code("malformed condition"),
    codes.LOOP_FORM: Code("malformed loop"),
    codes.NO_INPUTS: Code("action without its inputs"),
    codes.EMPTY_LIST: Code("empty list"),
    codes.DECLARATION_FORM: Code("parameter or constant in the wrong form"),
    codes.DUPLICATE_NAME: Code("duplicate name"),
    codes.SCHEMA_VERSION: Code("unknown schema version"),
    codes.OTHER_STRUCTURE: Code("malformed document"),
    codes.OPERATOR_CASE: Code("operator in another case", Severity.WARNING),
    codes.NESTED_CONDITIONS: Code("conditions nested too deeply"),
    codes.OTHER_FILE: Code("file that is no component document"),
    codes.SWALLOWED_STEP: Code("step inside of another one's text", Severity.WARNING),
    codes.SHORT_NAME: Code("name that is shorter than AWSTOE's guide allows", Severity.WARNING),
    codes.UNKNOWN_NAME: Code("unknown parameter or constant"),
    codes.UNKNOWN_STEP: Code("reference to an unknown step"),
    codes.LATER_STEP: Code("reference to a step that has not run yet"),
    codes.UNSELECTED_PHASE: Code("reference to a phase that is not selected"),
    codes.UNKNOWN_CONTEXT: Code("unknown context key"),
    codes.CREDENTIALS: Code("instance credentials"),
    codes.FOREIGN_TEMPLATE: Code("text in double braces that stays as it is", Severity.INFO),
    codes.NO_SUCH_LOOP: Code("loop reference outside of its loop", Severity.INFO),
    codes.NOT_EXPANDED: Code("expression that is not expanded here", Severity.WARNING),
    codes.EXPRESSION_REFUSED: Code("expression where none is allowed"),
    codes.OTHER_TEMPLATE_FORM: Code("parameter in the form of another tool", Severity.WARNING),
    codes.MALFORMED_REFERENCE: Code("malformed reference to a step or a loop"),
    codes.UNSUPPORTED_ACTION: Code("action that the platform lacks"),
    codes.UNSUPPORTED_INPUT: Code("input that the platform lacks"),
    codes.INPUT_FAULT: Code("input that cannot work"),
    codes.INPUT_WORD: Code("input with an unknown word"),
    codes.INPUT_PATTERN: Code("input of the wrong form"),
    codes.BLOCKED_ACTION: Code("blocked action"),
    codes.NESTED_UNREADABLE: Code("nested document that cannot be read"),
    codes.NESTED_CYCLE: Code("cycle of documents"),
    codes.NESTED_DEPTH: Code("documents nested too deeply"),
    codes.NESTED_PARAMETERS: Code("nested document without a required parameter"),
    codes.REQUIRED_PARAMETER: Code("required parameter", Severity.INFO),
    codes.NOT_ALLOWED: Code("value that allowedValues does not list"),
    codes.INVALID_PATTERN: Code("invalid RE2 pattern"),
    codes.HASH_LENGTH: Code("text that is no such hash", Severity.WARNING),
    codes.NESTED_PHASES: Code("unknown phase of a nested document"),
    codes.NESTED_UNKNOWN_PARAMETER: Code("parameter that the nested document does not declare", Severity.WARNING),
    codes.FIXED_SETTING: Code("setting that the action does not allow"),
    codes.DOCUMENT_ADDRESS: Code("malformed document address"),
    codes.NESTED_MAYBE_LATER: Code("nested document that cannot be read yet", Severity.WARNING),
    codes.PLATFORM_NEEDS: Code("document that cannot run on every platform", Severity.INFO),
    codes.NO_PLATFORM: Code("document that can run on no platform", Severity.WARNING),
    codes.PUBLISHED_FAULT: Code("input that fails, though AWS publishes the like", Severity.WARNING),
    codes.NO_NEEDED_PHASE: Code("no phase that Image Builder asks for"),
    codes.OTHER_STAGE: Code("reference to a step that runs in another stage of Image Builder"),
    codes.PHASE_NOT_RUN: Code("phase that Image Builder never runs", Severity.WARNING),
    codes.INLINE_SIZE: Code("document too large to be given inline", Severity.WARNING),
    codes.COMPONENT_SIZE: Code("document too large for a component"),
    codes.NO_TEST_COMPONENT: Code("document that is no test component", Severity.INFO),
    codes.SWALLOWED_FAILURE: Code("failure that goes unnoticed", Severity.WARNING),
    codes.PIPED_TO_SHELL: Code("download that is run unseen", Severity.WARNING),
    codes.SECRET: Code("secret in the document", Severity.WARNING),
    codes.UNQUOTED_IN_SCRIPT: Code("expression without quotes in a script", Severity.WARNING),
    codes.NO_CHECKSUM: Code("download without a checksum", Severity.INFO),
    codes.PLAIN_HTTP: Code("download over http without a checksum", Severity.WARNING),
    codes.ANY_CERTIFICATE: Code("certificate that is not checked", Severity.WARNING),
    codes.UNUSED_DECLARATION: Code("parameter or constant that is never used", Severity.WARNING),
    codes.NEVER_RUNS: Code("step that never runs", Severity.WARNING),
    codes.WORLD_WRITABLE: Code("mode that lets everybody write", Severity.WARNING),
    codes.SUDO: Code("sudo in a component", Severity.INFO),
    codes.ASKS: Code("package manager that asks", Severity.WARNING),
    codes.REBOOT_IN_SCRIPT: Code("reboot in a script", Severity.WARNING),
    codes.NOTHING_TO_DO: Code("nothing to do", Severity.WARNING),
    codes.NO_SHELL: Code("shell syntax where no shell reads", Severity.WARNING),
    codes.NO_HOME: Code("script that needs HOME", Severity.WARNING),
    codes.NEAR_PHASE: Code("phase whose name is nearly one that Image Builder runs", Severity.WARNING),
    codes.SHELLCHECK: Code("finding of shellcheck", Severity.WARNING),
}
