"""The longer texts about problems, for `toe explain TOE204`: why it is one, with a wrong and a right example.

Only read when somebody asks. A test checks every pair: the wrong one has the problem, the right one has not.
"""

from __future__ import annotations

from toe.check import codes
from toe.check.options import CheckOptions
from toe.document import codes as yaml_codes
from toe.records import NamedTuple

_SCHEMA_VERSION = "schemaVersion: 1.0\n"
_STEP = "- name: One\n  action: ExecuteBash\n  inputs:\n    commands: [echo hi]\n"


class Explanation(NamedTuple):
    """Why a problem is one. The examples are documents, or lists of steps, or single sections of a document.

    `options` are those that a check needs to see the problem; `files` stand beside the example.
    """

    text: str
    wrong: str
    right: str
    options: CheckOptions = CheckOptions()
    files: tuple[tuple[str, str], ...] = ()


def whole_document(example: str) -> str:
    """An example as a document: steps are put into a phase `build`, and what is missing is added."""
    if example.startswith("- "):
        steps = "".join(f"      {line}" for line in example.splitlines(keepends=True))
        return f"{_SCHEMA_VERSION}phases:\n  - name: build\n    steps:\n{steps}"
    if example.startswith(("parameters:", "constants:")):
        return whole_document(_STEP) + example
    if example.startswith("phases:"):
        return _SCHEMA_VERSION + example
    return example


def explanation_text(code: str) -> str | None:
    """The text that `toe explain` prints for a code; None for an unknown one."""
    known = codes.CODES.get(code.upper())
    if known is None:
        return None
    found = EXPLANATIONS[code.upper()]
    lines = [f"{code.upper()} ({known.severity.value}): {known.title}", "", found.text, ""]
    for title, example in (("Wrong:", found.wrong), ("Right:", found.right)):
        lines += [title, "", *(f"    {line}".rstrip() for line in _printable(example).splitlines()), ""]
    return "\n".join(lines)


def _printable(example: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in example)


def _step(body: str, name: str = "One") -> str:
    lines = body.strip("\n").splitlines()
    return f"- name: {name}\n" + "".join(f"  {line}\n" for line in lines)


def _bash(command: str, name: str = "One") -> str:
    return f"- name: {name}\n  action: ExecuteBash\n  inputs:\n    commands:\n      - {command}\n"


def _condition(text: str) -> str:
    return f"- name: One\n  action: ExecuteBash\n  if: {text}\n  inputs: {{commands: [echo hi]}}\n"


def _loop(text: str) -> str:
    return f"- name: One\n  action: ExecuteBash\n  loop: {text}\n  inputs: {{commands: [echo hi]}}\n"


def _bombs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{aliases}]")
    return "\n".join(lines) + "\n"


_GOOD = whole_document(_STEP)
_NESTED = "- name: One\n  action: ExecuteDocument\n  inputs:\n    document: {}\n"
_NEEDY = _GOOD + "parameters:\n  - Host: {type: string}\n"

_YAML: dict[str, Explanation] = {
    yaml_codes.SYNTAX: Explanation(
        "The file is not valid YAML. The position is where the YAML reader gave up; the cause is there or just before.",
        "schemaVersion: 1.0\nphases: [\n",
        _GOOD,
    ),
    yaml_codes.DUPLICATE_KEY: Explanation(
        "A key stands twice in one mapping. YAML readers keep the last one silently, so half of it would be ignored.",
        "- name: One\n  name: Two\n  action: UpdateOS\n",
        "- name: One\n  action: UpdateOS\n",
    ),
    yaml_codes.UNQUOTED_EXPRESSION: Explanation(
        "YAML reads unquoted double braces at the start of a value as nested mappings. Quote the whole value.",
        _bash("{{ Host }}"),
        _bash("'{{ Host }}'"),
    ),
    yaml_codes.TAB: Explanation(
        "YAML does not allow tabs as indentation. Use spaces.",
        "schemaVersion: 1.0\nphases:\n\t- name: build\n",
        _GOOD,
    ),
    yaml_codes.ESCAPE: Explanation(
        "In double quotes a backslash starts an escape, which a Windows path is not. Use single quotes.",
        _bash('"C:\\Temp"'),
        _bash("'C:\\Temp'"),
    ),
    yaml_codes.UNQUOTED_TEXT: Explanation(
        "A text starts with a character that means something in YAML, or holds `: `. Quote the whole text.",
        _bash("echo done: it is: so"),
        _bash("'echo done: it is: so'"),
    ),
    yaml_codes.SECOND_DOCUMENT: Explanation(
        "A file holds one component document. Put the second one into a file of its own.",
        _GOOD + "---\n" + _GOOD,
        _GOOD,
    ),
    yaml_codes.CYCLIC_ALIAS: Explanation(
        "An alias refers to a place around itself, so the document would never end.",
        "schemaVersion: 1.0\nphases: &p [*p]\n",
        _GOOD,
    ),
    yaml_codes.EXPLODING_ALIAS: Explanation(
        "Aliases of aliases multiply to more than any real document holds.",
        _bombs(9) + "phases: *a8\n",
        _GOOD,
    ),
    yaml_codes.UNKNOWN_ALIAS: Explanation(
        "An alias `*name` needs an anchor `&name` before it. A text that starts with `*` must be quoted.",
        _bash("*.txt"),
        _bash("'*.txt'"),
    ),
    yaml_codes.TAG: Explanation(
        "Tags such as `!!python/object` or `!Sub` ask the reader to build something else. A document has plain values.",
        _bash("!Sub echo"),
        _bash("echo"),
    ),
    yaml_codes.TOO_DEEP: Explanation(
        "The document is nested deeper than any real one.", "phases: " + "[" * 2000 + "]" * 2000 + "\n", _GOOD
    ),
    yaml_codes.ENCODING: Explanation(
        "The file is neither UTF-8 nor UTF-16 with a byte-order mark. Save it as UTF-8.", "", _GOOD
    ),
    yaml_codes.TOO_LARGE: Explanation("The file is larger than any real component document.", "", _GOOD),
    yaml_codes.CONTROL_CHARACTER: Explanation(
        "YAML allows no control characters. In a double-quoted text write an escape, such as `\\x1b`.",
        _bash("echo \x1b[1m"),
        _bash('"echo \\x1b[1m"'),
    ),
    yaml_codes.EMPTY: Explanation("There is nothing in the file.", "# only a comment\n", _GOOD),
    yaml_codes.KEY_NOT_TEXT: Explanation("A key is a list or a mapping.", "? [a, b]\n: c\n", _GOOD),
    yaml_codes.MERGE: Explanation(
        "`<<` merges mappings into a mapping, and nothing else.",
        "- name: One\n  action: UpdateOS\n  <<: text\n",
        "- name: One\n  action: UpdateOS\n",
    ),
}

_STRUCTURE: dict[str, Explanation] = {
    codes.UNKNOWN_KEY: Explanation(
        "The document language knows no such key here. AWSTOE refuses the document; keys are case-sensitive.",
        _step("action: UpdateOS\nonFailur: Abort"),
        _step("action: UpdateOS\nonFailure: Abort"),
    ),
    codes.MISSING_KEY: Explanation(
        "A key that must be there is not.",
        _step("action: CreateFolder\ninputs:\n  - overwrite: true"),
        _step("action: CreateFolder\ninputs:\n  - path: /opt/app"),
    ),
    codes.WRONG_KIND: Explanation(
        "A list, a mapping or a text stands where another of them is asked for. `commands` is a list, even of one.",
        _step("action: ExecuteBash\ninputs:\n  commands: echo hi"),
        _step("action: ExecuteBash\ninputs:\n  commands:\n    - echo hi"),
    ),
    codes.UNKNOWN_ACTION: Explanation(
        "No action module has this name. `toe actions` lists them; names are case-sensitive.",
        _step("action: InvokeBash\ninputs: {commands: [echo]}"),
        _step("action: ExecuteBash\ninputs: {commands: [echo]}"),
    ),
    codes.UNKNOWN_WORD: Explanation(
        "The key takes one of a few words, in exactly their spelling.",
        _step("action: UpdateOS\nonFailure: Retry"),
        _step("action: UpdateOS\nonFailure: Continue"),
    ),
    codes.INVALID_NAME: Explanation(
        "Names consist of letters, digits, '-' and '_', because they occur in expressions: `build.One.outputs.stdout`.",
        "- name: Load keys\n  action: UpdateOS\n",
        "- name: LoadKeys\n  action: UpdateOS\n",
    ),
    codes.OUT_OF_RANGE: Explanation(
        "The number is not a possible one. `timeoutSeconds` is 1 or more, or -1 for no limit; `maxAttempts` 1 or more.",
        _step("action: UpdateOS\ntimeoutSeconds: 0"),
        _step("action: UpdateOS\ntimeoutSeconds: -1"),
    ),
    codes.CONDITION_FORM: Explanation(
        "A condition has exactly one operator, with the operands that it asks for; `and` and `or` combine conditions.",
        _condition("{fileExists: /a, folderExists: /b}"),
        _condition("{and: [{fileExists: /a}, {folderExists: /b}]}"),
    ),
    codes.LOOP_FORM: Explanation(
        "A loop has exactly one of `for` and `forEach`; `updateBy` is not 0 and leads from `start` towards `end`.",
        _loop("{name: Hosts}"),
        _loop("{name: Hosts, forEach: [a, b]}"),
    ),
    codes.NO_INPUTS: Explanation(
        "The action cannot work without `inputs`.",
        _step("action: S3Download"),
        _step("action: S3Download\ninputs:\n  - source: s3://bucket/key\n    destination: /tmp/key"),
    ),
    codes.EMPTY_LIST: Explanation(
        "The list must hold something: a document has at least one phase.", "phases: []\n", _GOOD
    ),
    codes.DECLARATION_FORM: Explanation(
        "Parameters and constants are lists of one-key mappings: the name is the key.",
        "parameters:\n  - name: Host\n    type: string\n",
        "parameters:\n  - Host:\n      type: string\n",
    ),
    codes.DUPLICATE_NAME: Explanation(
        "A name stands for one thing: phases in a document, steps and loops in a phase, parameters and constants.",
        "- {name: One, action: UpdateOS}\n- {name: One, action: UpdateOS}\n",
        "- {name: One, action: UpdateOS}\n- {name: Two, action: UpdateOS}\n",
    ),
    codes.SCHEMA_VERSION: Explanation(
        "There is one version of the document language, 1.0.",
        _GOOD.replace("schemaVersion: 1.0", "schemaVersion: 2.0"),
        _GOOD,
    ),
    codes.OTHER_STRUCTURE: Explanation("The document has not the form of a component document.", "just text\n", _GOOD),
    codes.OPERATOR_CASE: Explanation(
        "Operators have one spelling. toe accepts others; AWSTOE's guide uses one itself, but may not accept it.",
        _condition("{stringequals: a, value: b}"),
        _condition("{stringEquals: a, value: b}"),
    ),
    codes.NESTED_CONDITIONS: Explanation(
        "`and`, `or` and `not` may be nested four levels deep.",
        _condition("{not: {not: {not: {not: {not: {fileExists: /a}}}}}}"),
        _condition("{not: {fileExists: /a}}"),
    ),
}

_REFERENCES: dict[str, Explanation] = {
    codes.UNKNOWN_NAME: Explanation(
        "No parameter and no constant has this name. Names are case-sensitive. Other tools' templates in a script "
        "must not look like `{{ name }}`.",
        _bash("'echo {{ Host }}'"),
        whole_document(_bash("'echo {{ Host }}'")) + "constants:\n  - Host: {type: string, value: localhost}\n",
    ),
    codes.UNKNOWN_STEP: Explanation(
        "An expression refers to a phase or a step that the document does not have.",
        _bash("hostname", "Find") + _bash("'echo {{ build.Fnd.outputs.stdout }}'", "Use"),
        _bash("hostname", "Find") + _bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
    ),
    codes.LATER_STEP: Explanation(
        "Only a step that has run has inputs and outputs. Phases run in the order of the document.",
        _bash("'echo {{ build.Find.outputs.stdout }}'", "Use") + _bash("hostname", "Find"),
        _bash("hostname", "Find") + _bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
    ),
    codes.UNSELECTED_PHASE: Explanation(
        "With `--phases test` the phase `build` does not run, so its steps have no outputs.",
        "phases:\n"
        "  - {name: build, steps: [{name: Find, action: ExecuteBash, inputs: {commands: [hostname]}}]}\n"
        "  - name: test\n"
        "    steps: [{name: Use, action: ExecuteBash, inputs: {commands: ['{{ build.Find.outputs.stdout }}']}}]\n",
        "phases:\n"
        "  - {name: build, steps: [{name: Find, action: ExecuteBash, inputs: {commands: [hostname]}}]}\n"
        "  - name: test\n"
        "    steps: [{name: Use, action: ExecuteBash, inputs: {commands: [hostname]}}]\n",
        CheckOptions(phases=("test",)),
    ),
    codes.UNKNOWN_CONTEXT: Explanation(
        "`context:` has a fixed set of keys.",
        _bash("'echo {{ context:platform }}'"),
        _bash("'echo {{ context:osPlatform }}'"),
    ),
    codes.CREDENTIALS: Explanation(
        "Below `iam/` and `identity-credentials/` instance metadata holds credentials, which must not get into logs.",
        _bash("'echo {{ aws:imds:iam/security-credentials/role }}'"),
        _bash("'echo {{ aws:imds:instance-id }}'"),
    ),
    codes.FOREIGN_TEMPLATE: Explanation(
        "Text in double braces that is no expression of the document language stays as it is. That is right for other "
        "tools' templates, and wrong if an expression was meant.",
        _bash("docker ps --format '{{ .Names }}'"),
        _bash("docker ps --quiet"),
    ),
    codes.NO_SUCH_LOOP: Explanation(
        "Index and value of a loop exist in the inputs of the step that has it; elsewhere the text stays as it is.",
        _bash("'echo {{ loop.value }}'"),
        "- name: One\n  action: ExecuteBash\n  loop: {forEach: [a]}\n  inputs: {commands: ['echo {{ loop.value }}']}\n",
    ),
    codes.NOT_EXPANDED: Explanation(
        "Expressions are expanded in values of `inputs`, in `if` and in `loop.forEach`. Here the text stays as it is.",
        "parameters:\n  - Path: {type: string, default: '{{ env:HOME }}'}\n",
        "parameters:\n  - Path: {type: string, default: /root}\n",
    ),
    codes.EXPRESSION_REFUSED: Explanation(
        "The value must be known before the run.",
        _step("action: UpdateOS\ntimeoutSeconds: '{{ Limit }}'"),
        _step("action: UpdateOS\ntimeoutSeconds: 60"),
    ),
}

_ACTIONS: dict[str, Explanation] = {
    codes.UNSUPPORTED_ACTION: Explanation(
        "The action does not exist on one of the platforms that the document is meant for (`--os-platforms`).",
        _step("action: ExecutePowerShell\ninputs: {commands: [Write-Host hi]}"),
        _bash("echo hi"),
        CheckOptions(platforms=("linux",)),
    ),
    codes.UNSUPPORTED_INPUT: Explanation(
        "The action exists on the platform, but not this input of it: Windows has no POSIX owners and modes.",
        _step("action: CreateFolder\ninputs: [{path: 'C:\\app', owner: root}]"),
        _step("action: CreateFolder\ninputs: [{path: 'C:\\app'}]"),
        CheckOptions(platforms=("windows",)),
    ),
    codes.INPUT_FAULT: Explanation(
        "The inputs cannot work together, or one of them cannot work at all. The message says which.",
        _step("action: WebDownload\ninputs: [{source: 'https://example.com/a', destination: a, algorithm: SHA256}]"),
        _step("action: WebDownload\ninputs: [{source: 'https://example.com/a', destination: a}]"),
    ),
    codes.INPUT_WORD: Explanation(
        "The input takes one of a few words.",
        _step("action: InstallMSI\ninputs: {path: 'C:\\a.msi', reboot: Never}"),
        _step("action: InstallMSI\ninputs: {path: 'C:\\a.msi', reboot: Skip}"),
    ),
    codes.INPUT_PATTERN: Explanation(
        "The input's text has not the form that it must have.",
        _step("action: S3Upload\ninputs: [{source: a, destination: 's3://b/k', expectedBucketOwner: me}]"),
        _step("action: S3Upload\ninputs: [{source: a, destination: 's3://b/k', expectedBucketOwner: '111122223333'}]"),
    ),
    codes.BLOCKED_ACTION: Explanation(
        "`--blocked-action-modules` forbids the action.",
        _step("action: UpdateOS"),
        _bash("echo hi"),
        CheckOptions(blocked=frozenset({"UpdateOS"})),
    ),
    codes.NESTED_UNREADABLE: Explanation(
        "The document that the step runs cannot be read. Paths are relative to the working directory or this document.",
        _NESTED.format("missing.yml"),
        _NESTED.format("nested.yml"),
        files=(("nested.yml", _GOOD),),
    ),
    codes.NESTED_CYCLE: Explanation(
        "A document that is running is run again inside of itself, which would never end.",
        _NESTED.format("nested.yml"),
        _NESTED.format("good.yml"),
        files=(("nested.yml", whole_document(_NESTED.format("nested.yml"))), ("good.yml", _GOOD)),
    ),
    codes.NESTED_DEPTH: Explanation(
        "Documents may be nested up to three levels below the top one.",
        _NESTED.format("1.yml"),
        _NESTED.format("2.yml"),
        files=(
            *((f"{level}.yml", whole_document(_NESTED.format(f"{level + 1}.yml"))) for level in range(1, 4)),
            ("4.yml", _GOOD),
        ),
    ),
    codes.NESTED_PARAMETERS: Explanation(
        "The nested document declares a parameter without a default, and the step gives it no value.",
        _NESTED.format("nested.yml"),
        _NESTED.format("nested.yml") + "    parameters: [{name: Host, value: example.com}]\n",
        files=(("nested.yml", _NEEDY),),
    ),
    codes.NESTED_UNKNOWN_PARAMETER: Explanation(
        "The step gives a value for a parameter that the nested document does not declare; nobody reads it.",
        _NESTED.format("nested.yml") + "    parameters: [{name: Hots, value: x}, {name: Host, value: x}]\n",
        _NESTED.format("nested.yml") + "    parameters: [{name: Host, value: x}]\n",
        files=(("nested.yml", _NEEDY),),
    ),
    codes.NESTED_PHASES: Explanation(
        "The nested document has no such phase.",
        _NESTED.format("nested.yml") + "    phases: build,tset\n",
        _NESTED.format("nested.yml") + "    phases: build\n",
        files=(("nested.yml", _GOOD),),
    ),
    codes.NESTED_MAYBE_LATER: Explanation(
        "The nested document does not exist now. An earlier step may write it, so this is a warning.",
        _bash("echo hi", "Fetch") + _NESTED.format("missing.yml"),
        _bash("echo hi", "Fetch") + _NESTED.format("nested.yml"),
        files=(("nested.yml", _GOOD),),
    ),
    codes.DOCUMENT_ADDRESS: Explanation(
        "A document is a local path, `s3://bucket/key`, or the ARN of an Image Builder component.",
        _NESTED.format("arn:aws:imagebuilder:component/hello"),
        _NESTED.format("arn:aws:imagebuilder:eu-west-1:111122223333:component/hello/1.0.0/1"),
    ),
    codes.REQUIRED_PARAMETER: Explanation(
        "The parameter has no default: a run without a value for it is refused.",
        "parameters:\n  - Host: {type: string}\n",
        "parameters:\n  - Host: {type: string, default: localhost}\n",
    ),
    codes.NOT_ALLOWED: Explanation(
        "The value is not one of the parameter's allowedValues.",
        "parameters:\n  - Mode: {type: string, default: medium, allowedValues: [low, high]}\n",
        "parameters:\n  - Mode: {type: string, default: low, allowedValues: [low, high]}\n",
    ),
    codes.INVALID_PATTERN: Explanation(
        "`patternMatches` takes the RE2 syntax (Go's `regexp`): no look-around, no back-references.",
        _condition("{patternMatches: '(?=a)', value: a}"),
        _condition("{patternMatches: '^a', value: a}"),
    ),
    codes.HASH_LENGTH: Explanation(
        "The text can never be equal to a hash of this kind: it has another length, or is not hexadecimal.",
        _condition("{fileMD5Equals: abc, path: /a}"),
        _condition("{fileMD5Equals: d41d8cd98f00b204e9800998ecf8427e, path: /a}"),
    ),
    codes.FIXED_SETTING: Explanation(
        "ExecuteDocument has no timeout and one attempt; the nested steps have their own. Reboot has no timeout.",
        "- name: One\n  action: Reboot\n  timeoutSeconds: 60\n",
        "- name: One\n  action: Reboot\n",
    ),
}

EXPLANATIONS: dict[str, Explanation] = {**_YAML, **_STRUCTURE, **_REFERENCES, **_ACTIONS}
