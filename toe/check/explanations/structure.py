"""Explanations of the problems of the structure of a document."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import GOOD, Explanation, condition, loop, step

_SWALLOWED_LINES = "      - name: Two\n        action: UpdateOS\n"

STRUCTURE: dict[str, Explanation] = {
    codes.UNKNOWN_KEY: Explanation(
        "The document language knows no such key here. AWSTOE refuses the document; keys are case-sensitive.",
        step("action: UpdateOS\nonFailur: Abort"),
        step("action: UpdateOS\nonFailure: Abort"),
    ),
    codes.MISSING_KEY: Explanation(
        "A key that must be there is not.",
        step("action: CreateFolder\ninputs:\n  - overwrite: true"),
        step("action: CreateFolder\ninputs:\n  - path: /opt/app"),
    ),
    codes.WRONG_KIND: Explanation(
        "A list, a mapping or a text stands where another of them is asked for. `commands` is a list, even of one.",
        step("action: ExecuteBash\ninputs:\n  commands: echo hi"),
        step("action: ExecuteBash\ninputs:\n  commands:\n    - echo hi"),
    ),
    codes.UNKNOWN_ACTION: Explanation(
        "No action module has this name. `toe actions` lists them; names are case-sensitive.",
        step("action: InvokeBash\ninputs: {commands: [echo]}"),
        step("action: ExecuteBash\ninputs: {commands: [echo]}"),
    ),
    codes.UNKNOWN_WORD: Explanation(
        "The key takes one of a few words, in exactly their spelling.",
        step("action: UpdateOS\nonFailure: Retry"),
        step("action: UpdateOS\nonFailure: Continue"),
    ),
    codes.INVALID_NAME: Explanation(
        "Names consist of letters, digits, '-' and '_', because they occur in expressions: `build.One.outputs.stdout`.",
        "- name: Load keys\n  action: UpdateOS\n",
        "- name: LoadKeys\n  action: UpdateOS\n",
    ),
    codes.OUT_OF_RANGE: Explanation(
        "The number is not a possible one. `timeoutSeconds` is 1 or more, or -1 for no limit; `maxAttempts` 1 or more.",
        step("action: UpdateOS\ntimeoutSeconds: 0"),
        step("action: UpdateOS\ntimeoutSeconds: -1"),
    ),
    codes.CONDITION_FORM: Explanation(
        "A condition has exactly one operator, with the operands that it asks for; `and` and `or` combine conditions.",
        condition("{fileExists: /a, folderExists: /b}"),
        condition("{and: [{fileExists: /a}, {folderExists: /b}]}"),
    ),
    codes.LOOP_FORM: Explanation(
        "A loop has exactly one of `for` and `forEach`; `updateBy` is not 0 and leads from `start` towards `end`.",
        loop("{name: Hosts}"),
        loop("{name: Hosts, forEach: [a, b]}"),
    ),
    codes.NO_INPUTS: Explanation(
        "The action cannot work without `inputs`.",
        step("action: S3Download"),
        step("action: S3Download\ninputs:\n  - source: s3://bucket/key\n    destination: /tmp/key"),
    ),
    codes.EMPTY_LIST: Explanation(
        "The list must hold something: a document has at least one phase.", "phases: []\n", GOOD
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
        GOOD.replace("schemaVersion: 1.0", "schemaVersion: 2.0"),
        GOOD,
    ),
    codes.OTHER_STRUCTURE: Explanation("The document has not the form of a component document.", "just text\n", GOOD),
    codes.OPERATOR_CASE: Explanation(
        "Operators have one spelling. toe accepts others; AWSTOE's guide uses one itself, but may not accept it.",
        condition("{stringequals: a, value: b}"),
        condition("{stringEquals: a, value: b}"),
    ),
    codes.NESTED_CONDITIONS: Explanation(
        "`and`, `or` and `not` may be nested four levels deep.",
        condition("{not: {not: {not: {not: {not: {fileExists: /a}}}}}}"),
        condition("{not: {fileExists: /a}}"),
    ),
    codes.OTHER_FILE: Explanation(
        "The file is something else: a description of a component for Image Builder's API or CloudFormation (then the "
        "document is the text under `Data`), a document of Systems Manager, a workflow, a buildspec.",
        "Name: hello\nVersion: 1.0.0\nPlatform: Linux\nData: |\n"
        + "".join(f"  {line}\n" for line in GOOD.splitlines()),
        GOOD,
    ),
    codes.SHORT_NAME: Explanation(
        "AWSTOE's guide wants 3 to 128 characters for the names of parameters and constants. toe takes shorter ones; "
        "for Image Builder (`--profile imagebuilder`) they are an error.",
        "constants:\n  - Os: {type: string, value: linux}\n",
        "constants:\n  - System: {type: string, value: linux}\n",
    ),
    codes.SWALLOWED_STEP: Explanation(
        "A text block goes on as long as lines are indented. A step below it that is indented too far is a part of the "
        "script, which then fails, or ignores it; the step itself never runs.",
        step("action: ExecuteBash\ninputs:\n  commands:\n    - |\n      echo one\n" + _SWALLOWED_LINES),
        step("action: ExecuteBash\ninputs:\n  commands:\n    - |\n      echo one\n") + step("action: UpdateOS", "Two"),
    ),
}
