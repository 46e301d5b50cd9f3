"""Nested documents, followed as far as they can be read: existence, cycles, depth, parameters and phases.

What an address names is followed where the options say so: in a run only where no earlier step could have changed it,
for then it is what the step will run. What stands in a nested document is judged once, at its own place.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from toe import codes
from toe.check.findings import Findings
from toe.check.options import CheckOptions
from toe.check.outline import places_of
from toe.check.platforms import action_node, entry_nodes, value_node
from toe.check.values import check_values, given_instead
from toe.document.source import find_nested, identity, is_remote, short_name
from toe.errors import DocumentError, Problem, Severity
from toe.expressions.resolve import holds_expression
from toe.model import Document, Entry, Parameter, ParameterValue, Step
from toe.nodes import Mapping, Node, Sequence
from toe.records import NamedTuple

ACTION = "ExecuteDocument"
MOST_LEVELS_BELOW = 3
#: Actions after which a file is where it was before.
WRITE_NOTHING = frozenset({"Assert", ACTION, "Reboot", "ReadFile", "ListFiles"})

_S3_OBJECT = re.compile(r"s3://[^/\s]+/.*[^/]", re.DOTALL)
_URL = re.compile(r"https://[^/\s]+/\S+")

#: (bytes, path) -> the document, and all that is wrong with it by itself.
Judge = Callable[[bytes, str], "tuple[Document | None, list[Problem]]"]


class _Caller(NamedTuple):
    """A step that runs a document: where, which entry, and the identities of the documents around it."""

    document: Document
    step: Step
    entry: Entry
    mapping: Mapping | None
    chain: tuple[str, ...]
    may_appear: bool

    @property
    def owner(self) -> str:
        """The account that must own the document's bucket, as far as the step says."""
        return str(self.entry.get("document-s3-bucket-owner") or "")

    def node(self, key: str) -> Node:
        found = self.mapping.get(key) if self.mapping is not None else None
        return found or value_node(self.step, "inputs")


class NestedDocuments:
    """Follows the documents that a document runs. `problems` are those found so far, of all files."""

    def __init__(self, options: CheckOptions, judge: Judge) -> None:
        self.problems: list[Problem] = []
        self._options = options
        self._judge = judge
        self._judged: dict[tuple[str, str], Document | None] = {}
        self._unreadable: dict[tuple[str, str], DocumentError] = {}
        self._followed: set[tuple[str, int]] = set()

    def follow(self, document: Document) -> None:
        """Check everything that `document` runs, down to the deepest level."""
        self._follow(document, (identity(document.path),), may_appear=False)

    def _follow(self, document: Document, chain: tuple[str, ...], *, may_appear: bool) -> None:
        if (chain[-1], len(chain)) in self._followed:
            return
        self._followed.add((chain[-1], len(chain)))
        findings = Findings(document.path, document.source)
        for place in places_of(document):
            if findings.full:
                break
            step = place.step
            may_appear = may_appear or step.action not in WRITE_NOTHING
            if step.action != ACTION or not step.inputs:
                continue
            mapping = next(entry_nodes(step.inputs_node), None)
            conditional = may_appear or step.condition is not None
            caller = _Caller(document, step, step.inputs[0], mapping, chain, conditional)
            self._check_call(caller, findings)
        self.problems += findings.problems

    def _check_call(self, caller: _Caller, findings: Findings) -> None:
        path = caller.entry.get("document")
        if not isinstance(path, str) or not path or holds_expression(path):
            return
        if is_remote(path) and not (_check_address(path, caller, findings) and self._follows_address(caller)):
            return
        name = identity(find_nested(path, caller.document.path))
        if name in caller.chain:
            _report_cycle(name, caller, findings)
        elif len(caller.chain) > MOST_LEVELS_BELOW:
            message = f"'{path}' is nested more than {MOST_LEVELS_BELOW} levels below the top document"
            findings.at(caller.node("document"), codes.NESTED_DEPTH, message, _path_of((*caller.chain, name)))
        else:
            self._check_called(path, name, caller, findings)

    def _follows_address(self, caller: _Caller) -> bool:
        running = self._options.given_parameters is not None
        known = not holds_expression(caller.owner) and not (running and caller.may_appear)
        return self._options.follow_addresses and known

    def _check_called(self, path: str, name: str, caller: _Caller, findings: Findings) -> None:
        key = name, caller.owner
        if key not in self._judged and key not in self._unreadable:
            self._read(path, key, caller)
        if key in self._unreadable:
            elsewhere = is_remote(path) and self._options.given_parameters is None
            certain = not (caller.may_appear or elsewhere)
            _report_unreadable(self._unreadable[key], caller, findings, certain=certain)
            return
        document = self._judged[key]
        if document is not None:
            _check_parameters(document, caller, findings)
            _check_phases(document, caller, findings)
            self._follow(document, (*caller.chain, name), may_appear=caller.may_appear)

    def _read(self, path: str, key: tuple[str, str], caller: _Caller) -> None:
        try:
            data = self._options.read_nested(path, caller.document.path, caller.owner)
        except DocumentError as error:
            self._unreadable[key] = error
            return
        document, problems = self._judge(data, find_nested(path, caller.document.path))
        self._judged[key] = document
        self.problems += [problem for problem in problems if problem.severity is not Severity.INFO]


def _check_address(path: str, caller: _Caller, findings: Findings) -> bool:
    """Whether it can be followed."""
    from toe.aws.component_arn import FORM, parse_component_arn

    if path.startswith("arn:"):
        well_formed, form = parse_component_arn(path) is not None, f"{FORM}, with 1.0.x, 1.x.x or x.x.x for the newest"
    else:
        well_formed = bool(_S3_OBJECT.fullmatch(path) or _URL.fullmatch(path))
        form = "a local path, s3://bucket/key, https://host/path, or a component ARN"
    if not well_formed:
        message = f"'{path}' is no address of a document"
        findings.at(caller.node("document"), codes.DOCUMENT_ADDRESS, message, f"write {form}")
    return well_formed


def _report_cycle(name: str, caller: _Caller, findings: Findings) -> None:
    start = caller.chain.index(name)
    message = f"documents run each other in a cycle: {_path_of((*caller.chain[start:], name))}"
    findings.at(caller.node("document"), codes.NESTED_CYCLE, message)


def _path_of(chain: tuple[str, ...]) -> str:
    return " -> ".join(map(short_name, chain))


def _report_unreadable(error: DocumentError, caller: _Caller, findings: Findings, *, certain: bool) -> None:
    code, hint = codes.NESTED_UNREADABLE, "paths are relative to the working directory, else to the calling document"
    if not certain:
        code, hint = codes.NESTED_MAYBE_LATER, "it must be there when the step runs"
    findings.at(caller.node("document"), code, error.message, error.hint or hint)


def _check_parameters(document: Document, caller: _Caller, findings: Findings) -> None:
    records = caller.entry.get("parameters")
    given: dict[str, ParameterValue] = {}
    for record in records if isinstance(records, list) else ():
        name = record.get("name") if isinstance(record, dict) else None
        if not isinstance(name, str) or holds_expression(name):
            return
        given[name] = str(record.get("value", "")) if isinstance(record, dict) else ""
    declared = {parameter.name: parameter for parameter in document.parameters}
    for position, name in enumerate(given):
        if name not in declared:
            near = findings.suggestion(name, declared)
            message = f"'{document.path}' declares no parameter '{name}'{near}"
            findings.at(_record_node(caller, position), codes.NESTED_UNKNOWN_PARAMETER, message)
    for parameter in document.parameters:
        _check_parameter(document, parameter, given, caller, findings)


def _check_parameter(
    document: Document, parameter: Parameter, given: dict[str, ParameterValue], caller: _Caller, findings: Findings
) -> None:
    value = given.get(parameter.name)
    if value is None and parameter.default is None:
        undeclared = set(given) - {declared.name for declared in document.parameters}
        message = f"'{document.path}' requires the parameter '{parameter.name}'"
        message += given_instead(parameter.name, sorted(undeclared))
        hint = f"parameters: [{{name: {parameter.name}, value: ...}}]"
        findings.at(caller.mapping or action_node(caller.step), codes.NESTED_PARAMETERS, message, hint)
    elif value is not None and not holds_expression(str(value)):
        found = Findings(document.path, b"")
        check_values(document._replace(parameters=(parameter,)), {parameter.name: value}, found)
        for problem in found.problems:
            findings.at(caller.node("parameters"), problem.code, problem.message, problem.hint)


def _record_node(caller: _Caller, position: int) -> Node:
    node = caller.node("parameters")
    if isinstance(node, Sequence) and position < len(node.items):
        return node.items[position]
    return node


def _check_phases(document: Document, caller: _Caller, findings: Findings) -> None:
    text = caller.entry.get("phases")
    if not isinstance(text, str) or holds_expression(text):
        return
    known = [phase.name for phase in document.phases]
    for name in (part.strip() for part in text.split(",")):
        if name and name not in known:
            near = findings.suggestion(name, known)
            message = f"'{document.path}' has no phase '{name}'{near}"
            findings.at(caller.node("phases"), codes.NESTED_PHASES, message, f"it has {', '.join(known)}")
