"""The codes of all problems: what each is called and how bad it is. `toe.check.explanations` has the longer texts.

Codes are stable: one that is no longer used is not given out again. TOE1xx is about YAML, 2xx structure, 3xx
references, 4xx actions, platforms and values, 6xx Image Builder's own rules.
"""

from __future__ import annotations

from toe.document.codes import TITLES as YAML_TITLES
from toe.errors import Severity
from toe.records import NamedTuple

UNKNOWN_KEY = "TOE201"
MISSING_KEY = "TOE202"
WRONG_KIND = "TOE203"
UNKNOWN_ACTION = "TOE204"
UNKNOWN_WORD = "TOE205"
INVALID_NAME = "TOE206"
OUT_OF_RANGE = "TOE207"
CONDITION_FORM = "TOE208"
LOOP_FORM = "TOE209"
NO_INPUTS = "TOE210"
EMPTY_LIST = "TOE211"
DECLARATION_FORM = "TOE212"
DUPLICATE_NAME = "TOE213"
SCHEMA_VERSION = "TOE214"
OTHER_STRUCTURE = "TOE215"
OPERATOR_CASE = "TOE216"
NESTED_CONDITIONS = "TOE217"
OTHER_FILE = "TOE218"
SWALLOWED_STEP = "TOE219"
SHORT_NAME = "TOE220"

UNKNOWN_NAME = "TOE301"
UNKNOWN_STEP = "TOE302"
LATER_STEP = "TOE303"
UNSELECTED_PHASE = "TOE304"
UNKNOWN_CONTEXT = "TOE305"
CREDENTIALS = "TOE306"
FOREIGN_TEMPLATE = "TOE307"
NO_SUCH_LOOP = "TOE308"
NOT_EXPANDED = "TOE309"
EXPRESSION_REFUSED = "TOE310"
OTHER_TEMPLATE_FORM = "TOE311"
MALFORMED_REFERENCE = "TOE312"

UNSUPPORTED_ACTION = "TOE401"
UNSUPPORTED_INPUT = "TOE402"
INPUT_FAULT = "TOE403"
INPUT_WORD = "TOE404"
INPUT_PATTERN = "TOE405"
BLOCKED_ACTION = "TOE406"
NESTED_UNREADABLE = "TOE407"
NESTED_CYCLE = "TOE408"
NESTED_DEPTH = "TOE409"
NESTED_PARAMETERS = "TOE410"
REQUIRED_PARAMETER = "TOE411"
NOT_ALLOWED = "TOE412"
INVALID_PATTERN = "TOE413"
HASH_LENGTH = "TOE414"
NESTED_PHASES = "TOE415"
NESTED_UNKNOWN_PARAMETER = "TOE416"
FIXED_SETTING = "TOE417"
DOCUMENT_ADDRESS = "TOE418"
NESTED_MAYBE_LATER = "TOE419"
PLATFORM_NEEDS = "TOE420"
NO_PLATFORM = "TOE421"
PUBLISHED_FAULT = "TOE422"

NO_NEEDED_PHASE = "TOE601"
OTHER_STAGE = "TOE602"
PHASE_NOT_RUN = "TOE603"
INLINE_SIZE = "TOE604"
COMPONENT_SIZE = "TOE605"
NO_TEST_COMPONENT = "TOE606"

SWALLOWED_FAILURE = "TOE501"
PIPED_TO_SHELL = "TOE502"
SECRET = "TOE503"
UNQUOTED_IN_SCRIPT = "TOE504"
NO_CHECKSUM = "TOE505"
PLAIN_HTTP = "TOE506"
ANY_CERTIFICATE = "TOE507"
UNUSED_DECLARATION = "TOE508"
NEVER_RUNS = "TOE509"
WORLD_WRITABLE = "TOE510"
SUDO = "TOE511"
ASKS = "TOE512"
REBOOT_IN_SCRIPT = "TOE513"
NOTHING_TO_DO = "TOE514"
NO_SHELL = "TOE515"
NO_HOME = "TOE516"
NEAR_PHASE = "TOE520"
SHELLCHECK = "TOE590"


class Code(NamedTuple):
    """One kind of problem."""

    title: str
    severity: Severity = Severity.ERROR


CODES: dict[str, Code] = {
    **{code: Code(title) for code, title in YAML_TITLES.items()},
    UNKNOWN_KEY: Code("unknown key"),
    MISSING_KEY: Code("missing key"),
    WRONG_KIND: Code("value of the wrong kind"),
    UNKNOWN_ACTION: Code("unknown action"),
    UNKNOWN_WORD: Code("word that is not one of those possible"),
    INVALID_NAME: Code("invalid name"),
    OUT_OF_RANGE: Code("number out of range"),
    CONDITION_FORM: Code("malformed condition"),
    LOOP_FORM: Code("malformed loop"),
    NO_INPUTS: Code("action without its inputs"),
    EMPTY_LIST: Code("empty list"),
    DECLARATION_FORM: Code("parameter or constant in the wrong form"),
    DUPLICATE_NAME: Code("duplicate name"),
    SCHEMA_VERSION: Code("unknown schema version"),
    OTHER_STRUCTURE: Code("malformed document"),
    OPERATOR_CASE: Code("operator in another case", Severity.WARNING),
    NESTED_CONDITIONS: Code("conditions nested too deeply"),
    OTHER_FILE: Code("file that is no component document"),
    SWALLOWED_STEP: Code("step inside of another one's text", Severity.WARNING),
    SHORT_NAME: Code("name that is shorter than AWSTOE's guide allows", Severity.WARNING),
    UNKNOWN_NAME: Code("unknown parameter or constant"),
    UNKNOWN_STEP: Code("reference to an unknown step"),
    LATER_STEP: Code("reference to a step that has not run yet"),
    UNSELECTED_PHASE: Code("reference to a phase that is not selected"),
    UNKNOWN_CONTEXT: Code("unknown context key"),
    CREDENTIALS: Code("instance credentials"),
    FOREIGN_TEMPLATE: Code("text in double braces that stays as it is", Severity.INFO),
    NO_SUCH_LOOP: Code("loop reference outside of its loop", Severity.INFO),
    NOT_EXPANDED: Code("expression that is not expanded here", Severity.WARNING),
    EXPRESSION_REFUSED: Code("expression where none is allowed"),
    OTHER_TEMPLATE_FORM: Code("parameter in the form of another tool", Severity.WARNING),
    MALFORMED_REFERENCE: Code("malformed reference to a step or a loop"),
    UNSUPPORTED_ACTION: Code("action that the platform lacks"),
    UNSUPPORTED_INPUT: Code("input that the platform lacks"),
    INPUT_FAULT: Code("input that cannot work"),
    INPUT_WORD: Code("input with an unknown word"),
    INPUT_PATTERN: Code("input of the wrong form"),
    BLOCKED_ACTION: Code("blocked action"),
    NESTED_UNREADABLE: Code("nested document that cannot be read"),
    NESTED_CYCLE: Code("cycle of documents"),
    NESTED_DEPTH: Code("documents nested too deeply"),
    NESTED_PARAMETERS: Code("nested document without a required parameter"),
    REQUIRED_PARAMETER: Code("required parameter", Severity.INFO),
    NOT_ALLOWED: Code("value that allowedValues does not list"),
    INVALID_PATTERN: Code("invalid RE2 pattern"),
    HASH_LENGTH: Code("text that is no such hash", Severity.WARNING),
    NESTED_PHASES: Code("unknown phase of a nested document"),
    NESTED_UNKNOWN_PARAMETER: Code("parameter that the nested document does not declare", Severity.WARNING),
    FIXED_SETTING: Code("setting that the action does not allow"),
    DOCUMENT_ADDRESS: Code("malformed document address"),
    NESTED_MAYBE_LATER: Code("nested document that cannot be read yet", Severity.WARNING),
    PLATFORM_NEEDS: Code("document that cannot run on every platform", Severity.INFO),
    NO_PLATFORM: Code("document that can run on no platform", Severity.WARNING),
    PUBLISHED_FAULT: Code("input that fails, though AWS publishes the like", Severity.WARNING),
    NO_NEEDED_PHASE: Code("no phase that Image Builder asks for"),
    OTHER_STAGE: Code("reference to a step that runs in another stage of Image Builder"),
    PHASE_NOT_RUN: Code("phase that Image Builder never runs", Severity.WARNING),
    INLINE_SIZE: Code("document too large to be given inline", Severity.WARNING),
    COMPONENT_SIZE: Code("document too large for a component"),
    NO_TEST_COMPONENT: Code("document that is no test component", Severity.INFO),
    SWALLOWED_FAILURE: Code("failure that goes unnoticed", Severity.WARNING),
    PIPED_TO_SHELL: Code("download that is run unseen", Severity.WARNING),
    SECRET: Code("secret in the document", Severity.WARNING),
    UNQUOTED_IN_SCRIPT: Code("expression without quotes in a script", Severity.WARNING),
    NO_CHECKSUM: Code("download without a checksum", Severity.INFO),
    PLAIN_HTTP: Code("download over http without a checksum", Severity.WARNING),
    ANY_CERTIFICATE: Code("certificate that is not checked", Severity.WARNING),
    UNUSED_DECLARATION: Code("parameter or constant that is never used", Severity.WARNING),
    NEVER_RUNS: Code("step that never runs", Severity.WARNING),
    WORLD_WRITABLE: Code("mode that lets everybody write", Severity.WARNING),
    SUDO: Code("sudo in a component", Severity.INFO),
    ASKS: Code("package manager that asks", Severity.WARNING),
    REBOOT_IN_SCRIPT: Code("reboot in a script", Severity.WARNING),
    NOTHING_TO_DO: Code("nothing to do", Severity.WARNING),
    NO_SHELL: Code("shell syntax where no shell reads", Severity.WARNING),
    NO_HOME: Code("script that needs HOME", Severity.WARNING),
    NEAR_PHASE: Code("phase whose name is nearly one that Image Builder runs", Severity.WARNING),
    SHELLCHECK: Code("finding of shellcheck", Severity.WARNING),
}
