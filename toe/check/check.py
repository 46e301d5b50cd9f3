"""The entry to all checks: bytes to a document and its problems. `run` asks here too before it runs anything.

The builder judges the form, once, and says what is wrong where it finds it; the passes behind it judge the meaning. A
good document costs a walk for each pass and no import beyond them; google-re2 is loaded when a condition has a pattern.
"""

from __future__ import annotations

from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.actions.inputs import read_inputs
from toe.check.findings import Findings
from toe.check.inputs import check_inputs
from toe.check.options import CheckOptions as CheckOptions
from toe.check.platforms import check_blocked, check_platforms
from toe.codes import OTHER_FILE, SHORT_NAME
from toe.document.build import build_document
from toe.document.keys import DECLARED_NAME_SHORTEST
from toe.document.loader import parse_yaml
from toe.errors import Problem, Severity
from toe.model import Constant, Document, Parameter, Step
from toe.nodes import Node

NESTING_ACTION = "ExecuteDocument"
IMAGE_BUILDER = "imagebuilder"


def load_document(data: bytes, path: str, actions: ActionTable) -> tuple[Document | None, list[Problem]]:
    """The document in `data`, as far as it could be built, and what is wrong with its form.

    None when it is no YAML. `path` is only a name: nothing is read.
    """
    findings = Findings(path, data)
    root, yaml_problems = parse_yaml(data, path)
    if root is None:
        return None, [_with_source(problem, findings) for problem in yaml_problems]
    document, refusals = build_document(root, path, data, actions, read_inputs)
    problems = [_with_source(problem, findings) for problem in yaml_problems]
    if refusals:
        from toe.check.other_files import other_file

        other = other_file(root)
        if other is not None:
            findings.at(other.node, OTHER_FILE, other.message, other.hint)
            return document, findings.problems
        for refusal in refusals:
            findings.at(*refusal)
    return document, sort_problems([*problems, *findings.problems])


def check_document(document: Document, options: CheckOptions, actions: ActionTable) -> list[Problem]:
    """What is wrong with the meaning of a document: references, platforms, inputs, values, nested documents."""
    problems = _check_meaning(document, options, actions)
    if any(step.action == NESTING_ACTION for phase in document.phases for step in phase.steps):
        from toe.check.nested import NestedDocuments

        nested_options = options._replace(phases=(), part=None, given_parameters=None, profile="")

        def judge(data: bytes, path: str) -> tuple[Document | None, list[Problem]]:
            found, faults = load_document(data, path, actions)
            return found, faults if found is None else merge(faults, _check_meaning(found, nested_options, actions))

        nested = NestedDocuments(options, judge)
        nested.follow(document)
        problems += nested.problems
    return sort_problems(problems)


def check_all(
    data: bytes, path: str, options: CheckOptions, actions: ActionTable
) -> tuple[Document | None, list[Problem]]:
    """The document in `data` and everything that is wrong with it, by file, line and column."""
    document, problems = load_document(data, path, actions)
    if document is None:
        return None, problems
    return document, merge(problems, check_document(document, options, actions))


def merge(form: list[Problem], meaning: list[Problem]) -> list[Problem]:
    """Both lists sorted, without a finding about an input's value at a place whose form is wrong already."""
    places = {(problem.file, problem.line, problem.column) for problem in form}
    kept = [
        problem
        for problem in meaning
        if not problem.code.startswith("TOE4") or (problem.file, problem.line, problem.column) not in places
    ]
    return sort_problems([*form, *kept])


def sort_problems(problems: list[Problem]) -> list[Problem]:
    """By file, line and column, each once."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (problem.file, problem.line, problem.column, problem.code))


def _with_source(problem: Problem, findings: Findings) -> Problem:
    return problem._replace(file=findings.file, source_line=findings.source_line(problem.line, problem.column))


def _check_meaning(document: Document, options: CheckOptions, actions: ActionTable) -> list[Problem]:
    findings = Findings(document.path, document.source)
    if _may_hold_expressions(document.source):
        from toe.check.references import check_references

        check_references(document, options.phases, findings, options.part)
    for kind, declarations in (("parameter", document.parameters), ("constant", document.constants)):
        for declared in declarations:
            if len(declared.name) < DECLARED_NAME_SHORTEST:
                _report_short_name(kind, declared, options, findings)
    if document.parameters:
        from toe.check.values import check_values

        check_values(document, options.given_parameters, findings, options.taken_names)
    if document.source.count(b"action:") > sum(len(phase.steps) for phase in document.phases):
        from toe.check.swallowed_steps import check_swallowed_steps

        check_swallowed_steps(document, actions, findings)
    definitions: dict[str, Definition | None] = {}
    options = options._replace(blocked=frozenset(name.lower() for name in options.blocked))
    for phase in document.phases:
        for step in phase.steps:
            if step.action not in definitions:
                definitions[step.action] = actions.find(step.action) if step.action else None
            _check_step(step, definitions[step.action], options, findings)
    if options.given_parameters is None:
        _check_use(document, options, actions, findings)
    return findings.problems


def _check_use(document: Document, options: CheckOptions, actions: ActionTable, findings: Findings) -> None:
    """What only `validate` says: where the document can run, Image Builder's rules, and what is unwise."""
    if options.lint and not options.platforms:
        from toe.check.platform_needs import check_platform_needs

        check_platform_needs(document, actions, findings)
    if options.profile == IMAGE_BUILDER:
        from toe.check.image_builder import check_image_builder

        check_image_builder(document, findings)
    if options.lint:
        from toe.check.lint.lint import check_lint

        check_lint(document, actions, options.platforms, findings)


def _report_short_name(kind: str, declared: Parameter | Constant, options: CheckOptions, findings: Findings) -> None:
    """AWSTOE's guide does not allow such a name, whatever AWSTOE does."""
    message = f"the name of {kind} '{declared.name}' has fewer than {DECLARED_NAME_SHORTEST} characters"
    severity = Severity.ERROR if options.profile == IMAGE_BUILDER else None
    findings.at(declared.node, SHORT_NAME, message, "toe accepts it; Image Builder may not", severity=severity)


def _may_hold_expressions(source: bytes) -> bool:
    """Double braces in UTF-8 or UTF-16, or a backslash, with which YAML can write them in another way."""
    return b"{{" in source or b"{\0{" in source or b"\\" in source


def _check_step(step: Step, definition: Definition | None, options: CheckOptions, findings: Findings) -> None:
    if findings.full:
        return
    if options.blocked:
        check_blocked(step, options.blocked, findings)
    if definition is not None:
        check_platforms(step, definition, options.platforms, options.has_program, findings)
        check_inputs(step, definition, findings)
        if definition.condition and step.inputs_node is not None:
            _check_condition(step.inputs_node, findings)
    condition = step.node.get("if") if step.node is not None and step.condition is not None else None
    if condition is not None:
        _check_condition(condition, findings)


def _check_condition(node: Node, findings: Findings) -> None:
    """Imported when a document has conditions: most have none."""
    from toe.check.conditions import check_condition

    check_condition(node, findings)
