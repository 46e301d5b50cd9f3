"""The codes of all problems, and what each is called and how bad it is. `toe.check.explanations` has the longer texts.

Codes are stable: one that is no longer used is not given out again.
"""

from __future__ import annotations

from toe.errors import Severity
from toe.records import NamedTuple


class Code(NamedTuple):
    """One kind of problem."""

    title: str
    severity: Severity


#: code -> what it means; filled by the lines below.
CODES: dict[str, Code] = {}


def _code(code: str, title: str, severity: Severity = Severity.ERROR) -> str:
    CODES[code] = Code(title, severity)
    return code


# TOE1xx: YAML
SYNTAX = _code("TOE101", "not valid YAML")
DUPLICATE_KEY = _code("TOE102", "duplicate key")
UNQUOTED_EXPRESSION = _code("TOE103", "unquoted expression")
TAB = _code("TOE104", "tab as indentation")
ESCAPE = _code("TOE105", "unknown escape in double quotes")
UNQUOTED_TEXT = _code("TOE106", "text that needs quotes")
SECOND_DOCUMENT = _code("TOE107", "second document in the file")
CYCLIC_ALIAS = _code("TOE108", "alias inside of its own anchor")
EXPLODING_ALIAS = _code("TOE109", "aliases that expand to too much")
UNKNOWN_ALIAS = _code("TOE110", "alias without an anchor")
TAG = _code("TOE111", "unknown tag")
TOO_DEEP = _code("TOE112", "nested too deeply")
TOO_LARGE = _code("TOE113", "file too large")
ENCODING = _code("TOE114", "neither UTF-8 nor UTF-16")
CONTROL_CHARACTER = _code("TOE115", "control character")
EMPTY = _code("TOE116", "empty file")
KEY_NOT_TEXT = _code("TOE117", "key that is not a text")
MERGE = _code("TOE118", "merge of something that is not a mapping")

# TOE2xx: the structure of a document
UNKNOWN_KEY = _code("TOE201", "unknown key")
MISSING_KEY = _code("TOE202", "missing key")
WRONG_KIND = _code("TOE203", "value of the wrong kind")
UNKNOWN_ACTION = _code("TOE204", "unknown action")
UNKNOWN_WORD = _code("TOE205", "word that is not one of those possible")
INVALID_NAME = _code("TOE206", "invalid name")
OUT_OF_RANGE = _code("TOE207", "number out of range")
CONDITION_FORM = _code("TOE208", "malformed condition")
LOOP_FORM = _code("TOE209", "malformed loop")
NO_INPUTS = _code("TOE210", "action without its inputs")
EMPTY_LIST = _code("TOE211", "empty list")
DECLARATION_FORM = _code("TOE212", "parameter or constant in the wrong form")
DUPLICATE_NAME = _code("TOE213", "duplicate name")
SCHEMA_VERSION = _code("TOE214", "unknown schema version")
OTHER_STRUCTURE = _code("TOE215", "malformed document")
OPERATOR_CASE = _code("TOE216", "operator in another case", Severity.WARNING)
NESTED_CONDITIONS = _code("TOE217", "conditions nested too deeply")
OTHER_FILE = _code("TOE218", "file that is no component document")
SWALLOWED_STEP = _code("TOE219", "step inside of another one's text", Severity.WARNING)
SHORT_NAME = _code("TOE220", "name that is shorter than AWSTOE's guide allows", Severity.WARNING)

# TOE3xx: references
UNKNOWN_NAME = _code("TOE301", "unknown parameter or constant")
UNKNOWN_STEP = _code("TOE302", "reference to an unknown step")
LATER_STEP = _code("TOE303", "reference to a step that has not run yet")
UNSELECTED_PHASE = _code("TOE304", "reference to a phase that is not selected")
UNKNOWN_CONTEXT = _code("TOE305", "unknown context key")
CREDENTIALS = _code("TOE306", "instance credentials")
FOREIGN_TEMPLATE = _code("TOE307", "text in double braces that stays as it is", Severity.INFO)
NO_SUCH_LOOP = _code("TOE308", "loop reference outside of its loop", Severity.INFO)
NOT_EXPANDED = _code("TOE309", "expression that is not expanded here", Severity.WARNING)
EXPRESSION_REFUSED = _code("TOE310", "expression where none is allowed")
OTHER_TEMPLATE_FORM = _code("TOE311", "parameter in the form of another tool", Severity.WARNING)
MALFORMED_REFERENCE = _code("TOE312", "malformed reference to a step or a loop")
LEFT_OUT_STEP = _code("TOE313", "reference to a step that is left out")

# TOE4xx: actions, platforms and values
UNSUPPORTED_ACTION = _code("TOE401", "action that the platform lacks")
UNSUPPORTED_INPUT = _code("TOE402", "input that the platform lacks")
INPUT_FAULT = _code("TOE403", "input that cannot work")
INPUT_WORD = _code("TOE404", "input with an unknown word")
INPUT_PATTERN = _code("TOE405", "input of the wrong form")
BLOCKED_ACTION = _code("TOE406", "blocked action")
NESTED_UNREADABLE = _code("TOE407", "nested document that cannot be read")
NESTED_CYCLE = _code("TOE408", "cycle of documents")
NESTED_DEPTH = _code("TOE409", "documents nested too deeply")
NESTED_PARAMETERS = _code("TOE410", "nested document without a required parameter")
REQUIRED_PARAMETER = _code("TOE411", "required parameter", Severity.INFO)
NOT_ALLOWED = _code("TOE412", "value that allowedValues does not list")
INVALID_PATTERN = _code("TOE413", "invalid RE2 pattern")
HASH_LENGTH = _code("TOE414", "text that is no such hash", Severity.WARNING)
NESTED_PHASES = _code("TOE415", "unknown phase of a nested document")
NESTED_UNKNOWN_PARAMETER = _code("TOE416", "parameter that the nested document does not declare", Severity.WARNING)
FIXED_SETTING = _code("TOE417", "setting that the action does not allow")
DOCUMENT_ADDRESS = _code("TOE418", "malformed document address")
NESTED_MAYBE_LATER = _code("TOE419", "nested document that cannot be read yet", Severity.WARNING)
PLATFORM_NEEDS = _code("TOE420", "document that cannot run on every platform", Severity.INFO)
NO_PLATFORM = _code("TOE421", "document that can run on no platform", Severity.WARNING)
PUBLISHED_FAULT = _code("TOE422", "input that fails, though AWS publishes the like", Severity.WARNING)

# TOE5xx: what is legal, but unwise
SWALLOWED_FAILURE = _code("TOE501", "failure that goes unnoticed", Severity.WARNING)
PIPED_TO_SHELL = _code("TOE502", "download that is run unseen", Severity.WARNING)
SECRET = _code("TOE503", "secret in the document", Severity.WARNING)
UNQUOTED_IN_SCRIPT = _code("TOE504", "expression without quotes in a script", Severity.WARNING)
NO_CHECKSUM = _code("TOE505", "download without a checksum", Severity.INFO)
PLAIN_HTTP = _code("TOE506", "download over http without a checksum", Severity.WARNING)
ANY_CERTIFICATE = _code("TOE507", "certificate that is not checked", Severity.WARNING)
UNUSED_DECLARATION = _code("TOE508", "parameter or constant that is never used", Severity.WARNING)
NEVER_RUNS = _code("TOE509", "step that never runs", Severity.WARNING)
WORLD_WRITABLE = _code("TOE510", "mode that lets everybody write", Severity.WARNING)
SUDO = _code("TOE511", "sudo in a component", Severity.INFO)
ASKS = _code("TOE512", "package manager that asks", Severity.WARNING)
REBOOT_IN_SCRIPT = _code("TOE513", "reboot in a script", Severity.WARNING)
NOTHING_TO_DO = _code("TOE514", "nothing to do", Severity.WARNING)
NO_SHELL = _code("TOE515", "shell syntax where no shell reads", Severity.WARNING)
NO_HOME = _code("TOE516", "script that needs HOME", Severity.WARNING)
NEAR_PHASE = _code("TOE520", "phase whose name is nearly one that Image Builder runs", Severity.WARNING)
SHELLCHECK = _code("TOE590", "finding of shellcheck", Severity.WARNING)

# TOE6xx: Image Builder's own rules
NO_NEEDED_PHASE = _code("TOE601", "no phase that Image Builder asks for")
OTHER_STAGE = _code("TOE602", "reference to a step that runs in another stage of Image Builder")
PHASE_NOT_RUN = _code("TOE603", "phase that Image Builder never runs", Severity.WARNING)
INLINE_SIZE = _code("TOE604", "document too large to be given inline", Severity.WARNING)
COMPONENT_SIZE = _code("TOE605", "document too large for a component")
NO_TEST_COMPONENT = _code("TOE606", "document that is no test component", Severity.INFO)

# TOE7xx: recipes of images
RECIPE_UNKNOWN_FIELD = _code("TOE701", "unknown field of a recipe")
RECIPE_MISSING_FIELD = _code("TOE702", "recipe without a required field")
RECIPE_WRONG_KIND = _code("TOE703", "field of a recipe with a value of the wrong kind")
RECIPE_VALUE = _code("TOE704", "field of a recipe with a value that Image Builder refuses")
RECIPE_VERSION = _code("TOE705", "version that Image Builder refuses")
RECIPE_COMPONENTS = _code("TOE706", "too many components in a recipe")
RECIPE_COMBINATION = _code("TOE707", "fields of a recipe that exclude or need each other")
RECIPE_TEMPLATE = _code("TOE708", "Dockerfile template without one of its variables")
RECIPE_UNUSED_FIELD = _code("TOE709", "field of a recipe without a meaning outside of AWS", Severity.INFO)
RECIPE_NOT_KNOWN = _code("TOE710", "value of a recipe that the file leaves open", Severity.INFO)
RECIPE_UNKNOWN_REFERENCE = _code("TOE711", "reference to what the file does not have")
RECIPE_CYCLE = _code("TOE712", "recipe file that refers to itself")
RECIPE_TOO_MUCH = _code("TOE713", "recipe file that expands to too much")
RECIPE_FUNCTION = _code("TOE714", "malformed function of a template")
RECIPE_AMAZON_COMPONENT = _code("TOE715", "component that is kept by Image Builder", Severity.INFO)
RECIPE_NO_COMPONENT = _code("TOE716", "component that is not there")
RECIPE_PARAMETER_MISSING = _code("TOE717", "recipe without a parameter that the component requires")
RECIPE_PARAMETER_UNKNOWN = _code("TOE718", "parameter that the component does not declare")
RECIPE_PARAMETER_VALUE = _code("TOE719", "value that the component's parameter does not take")
RECIPE_SYNTAX = _code("TOE720", "not valid Terraform")
RECIPE_SIDE_FILE = _code("TOE721", "fault in toe-images.yml")
RECIPE_AMAZON_IMAGE = _code("TOE722", "base image that is kept by AWS", Severity.INFO)
