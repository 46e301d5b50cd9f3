"""The words of a component document: the keys of each level, and the operators of conditions (reference, section 5).

Plain tables, read by the builder and by whoever describes the language (schema, reference, completion).
"""

from toe.records import NamedTuple

DOCUMENT_KEYS = (
    "name",
    "description",
    "schemaVersion",
    "parameters",
    "constants",
    "phases",
    "disableLogging",
)
DOCUMENT_REQUIRED = ("schemaVersion", "phases")
PARAMETER_KEYS = ("type", "default", "description", "allowedValues")
PARAMETER_REQUIRED = ("type",)
CONSTANT_KEYS = ("type", "value")
CONSTANT_REQUIRED = ("type", "value")
PHASE_KEYS = ("name", "steps", "disableLogging")
PHASE_REQUIRED = ("name", "steps")
STEP_KEYS = (
    "name",
    "action",
    "timeoutSeconds",
    "onFailure",
    "maxAttempts",
    "inputs",
    "loop",
    "if",
    "disableLogging",
)
STEP_REQUIRED = ("name", "action")
LOOP_KEYS = ("name", "for", "forEach")
LOOP_OVER = ("for", "forEach")
FOR_KEYS = ("start", "end", "updateBy")
FOR_REQUIRED = FOR_KEYS
FOR_EACH_KEYS = ("list", "delimiter")
FOR_EACH_REQUIRED = ("list",)
BRANCH_KEYS = ("then", "else")

#: What each is normalised to: `SCHEMA_VERSION`.
SCHEMA_VERSIONS = ("1.0", "1")
SCHEMA_VERSION = "1.0"
PARAMETER_TYPES = ("string", "stringList")
CONSTANT_TYPES = ("string",)
ON_FAILURE = ("Abort", "Continue", "Ignore")
VERDICTS = ("Abort", "Execute", "Skip")
DELIMITERS = (".", ",", ";", ":", "\n", "\t", " ", "-", "_")
DEFAULT_DELIMITER = ","

NAME_PATTERN = "[a-zA-Z0-9_-]+"
NAME_CHARACTERS = (
    "Allowed characters are combinations of numbers [0-9], english letters [a-z,A-Z] and special characters [-_]."
)
NAME_LENGTH = 128
PHASE_NAME_SHORTEST = 3
#: Of parameters and constants: shorter ones are accepted, with a warning.
DECLARED_NAME_SHORTEST = 3
MOST_NESTED_LOGICAL = 4


class Operator(NamedTuple):
    """One operator of conditions: its canonical name, its group, and the key its subject stands under ("" for none).

    Groups: `string`, `number`, `system` (binary, file, folder), `hash`, `logical`.
    """

    name: str
    group: str
    subject: str = ""


STRING, NUMBER, SYSTEM, HASH, LOGICAL = "string", "number", "system", "hash", "logical"
VALUE, PATH = "value", "path"

#: Every operator by its canonical name, in the order of the reference.
OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("stringIsEmpty", STRING),
        Operator("stringIsWhitespace", STRING),
        Operator("stringEquals", STRING, VALUE),
        Operator("stringLessThan", STRING, VALUE),
        Operator("stringLessThanEquals", STRING, VALUE),
        Operator("stringGreaterThan", STRING, VALUE),
        Operator("stringGreaterThanEquals", STRING, VALUE),
        Operator("patternMatches", STRING, VALUE),
        Operator("numberEquals", NUMBER, VALUE),
        Operator("numberLessThan", NUMBER, VALUE),
        Operator("numberLessThanEquals", NUMBER, VALUE),
        Operator("numberGreaterThan", NUMBER, VALUE),
        Operator("numberGreaterThanEquals", NUMBER, VALUE),
        Operator("binaryExists", SYSTEM),
        Operator("fileExists", SYSTEM),
        Operator("folderExists", SYSTEM),
        Operator("fileMD5Equals", HASH, PATH),
        Operator("fileSHA1Equals", HASH, PATH),
        Operator("fileSHA256Equals", HASH, PATH),
        Operator("fileSHA512Equals", HASH, PATH),
        Operator("and", LOGICAL),
        Operator("or", LOGICAL),
        Operator("not", LOGICAL),
    )
}

#: Lower-case spelling -> operator: the guide itself writes `stringlessThan`.
OPERATORS_ANY_CASE: dict[str, Operator] = {name.lower(): operator for name, operator in OPERATORS.items()}
