"""Explanations of the problems of references."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import Explanation, bash, step, whole_document
from toe.check.options import CheckOptions, Part

REFERENCES: dict[str, Explanation] = {
    codes.UNKNOWN_NAME: Explanation(
        "No parameter and no constant has this name. Names are case-sensitive. Where another tool is to get the text "
        "`{{ name }}` (a template, an Ansible playbook), a constant holds the braces: with `constants: [{Open: {type: "
        "string, value: '{{'}}]` the text `{{ Open }} name }}` becomes `{{ name }}`, for what an expression yields is "
        "not expanded again. `examples/templates/component.yml` does so.",
        bash("'echo {{ Host }}'"),
        whole_document(bash("'echo {{ Host }}'")) + "constants:\n  - Host: {type: string, value: localhost}\n",
    ),
    codes.UNKNOWN_STEP: Explanation(
        "An expression refers to a phase or a step that the document does not have.",
        bash("hostname", "Find") + bash("'echo {{ build.Fnd.outputs.stdout }}'", "Use"),
        bash("hostname", "Find") + bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
    ),
    codes.LATER_STEP: Explanation(
        "Only a step that has run has inputs and outputs. Phases run in the order of the document.",
        bash("'echo {{ build.Find.outputs.stdout }}'", "Use") + bash("hostname", "Find"),
        bash("hostname", "Find") + bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
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
    codes.LEFT_OUT_STEP: Explanation(
        "With `--only` or `--start-at` some steps do not run, and what others refer to of them is taken from the log "
        "folder of a former run: `--outputs-of LOG-FOLDER`. It must have the step, as far as it got, and no secret.",
        bash("hostname", "Find") + bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
        bash("hostname", "Find") + bash("hostname", "Use"),
        CheckOptions(part=Part(frozenset({("build", "Use")}), lambda reference: ("its outputs are not known", ""))),
    ),
    codes.UNKNOWN_CONTEXT: Explanation(
        "`context:` has a fixed set of keys.",
        bash("'echo {{ context:platform }}'"),
        bash("'echo {{ context:osPlatform }}'"),
    ),
    codes.CREDENTIALS: Explanation(
        "Below `iam/` and `identity-credentials/` instance metadata holds credentials, which must not get into logs.",
        bash("'echo {{ aws:imds:iam/security-credentials/role }}'"),
        bash("'echo {{ aws:imds:instance-id }}'"),
    ),
    codes.FOREIGN_TEMPLATE: Explanation(
        "Text in double braces that is no expression of the document language stays as it is. That is right for other "
        "tools' templates, and wrong if an expression was meant.",
        bash("docker ps --format '{{ .Names }}'"),
        bash("docker ps --quiet"),
    ),
    codes.NO_SUCH_LOOP: Explanation(
        "Index and value of a loop exist in the inputs of the step that has it; elsewhere the text stays as it is.",
        bash("'echo {{ loop.value }}'"),
        "- name: One\n  action: ExecuteBash\n  loop: {forEach: [a]}\n  inputs: {commands: ['echo {{ loop.value }}']}\n",
    ),
    codes.NOT_EXPANDED: Explanation(
        "Expressions are expanded in values of `inputs`, in `if` and in `loop.forEach`. Here the text stays as it is.",
        "parameters:\n  - Path: {type: string, default: '{{ env:HOME }}'}\n",
        "parameters:\n  - Path: {type: string, default: /root}\n",
    ),
    codes.EXPRESSION_REFUSED: Explanation(
        "The value must be known before the run.",
        step("action: UpdateOS\ntimeoutSeconds: '{{ Limit }}'"),
        step("action: UpdateOS\ntimeoutSeconds: 60"),
    ),
    codes.OTHER_TEMPLATE_FORM: Explanation(
        "A parameter or constant is written as templates of Go, Terraform or others write it. That is no expression of "
        "the document language: the text stays as it is, braces included.",
        whole_document(bash("'echo {{ .Host }}'")) + "constants:\n  - Host: {type: string, value: localhost}\n",
        whole_document(bash("'echo {{ Host }}'")) + "constants:\n  - Host: {type: string, value: localhost}\n",
    ),
    codes.MALFORMED_REFERENCE: Explanation(
        "Text in double braces begins with a phase, a step or a loop of this document, and is no expression: a step is "
        "referred to by `phase.step.outputs.field` or `phase.step.inputs.field`, a loop by `loop.index` and "
        "`loop.value`. Filters and the like do not exist.",
        bash("hostname", "Find") + bash("'echo {{ build.Find.output.stdout }}'", "Use"),
        bash("hostname", "Find") + bash("'echo {{ build.Find.outputs.stdout }}'", "Use"),
    ),
}
