"""What a component takes from outside when it runs: by identity where there is one, else why it is not cached.

A walk over all texts of the phases that are built, of nested documents too. Conditions and loops are not followed: what
a step might ask for counts as asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from toe.actions import ActionTable
from toe.check.check import NESTING_ACTION
from toe.check.lint.secret_patterns import is_secret_name
from toe.check.reading import DocumentReader
from toe.document.source import identity
from toe.engine.plan import PlannedDocument, plan_document
from toe.errors import ToeError
from toe.expressions.parse import (
    ContextRef,
    EnvRef,
    ImdsRef,
    NameRef,
    Reference,
    SsmIndirectRef,
    SsmRef,
    SsmResolveRef,
    parse_template,
    references,
)
from toe.expressions.reference_values import text_of
from toe.images.key import digest_of, digest_of_secret
from toe.model import Condition, DelimitedLoop, Entry, ForEachLoop, Logical, ParameterValue, Step, Value
from toe.session.prepare import load

#: `context:` of which each build has another one.
_OF_A_BUILD = ("date", "dateTime", "uuid", "executionId", "hostname")


class Identities(Protocol):
    """Tells what identifies a value that lies elsewhere: equal as long as the value is. Raises ToeError for none."""

    def ssm(self, path: str) -> str:
        """The version of a parameter of Systems Manager."""

    def s3(self, address: str, owner: str) -> str:
        """The VersionId of an object, else its ETag; of all objects below a prefix where the address ends with `*`."""

    def web(self, address: str, *, any_certificate: bool) -> str:
        """The ETag of a file on a web server."""

    def account(self) -> str:
        """The id of the account whose credentials are here."""

    def region(self) -> str:
        """The region's name."""


class Outside:
    """What was found: `parts` of a key (toe.images.key), and the reasons why there is none.

    `environment` is what the component is given beside the variables of its image.
    """

    def __init__(self, environment: Mapping[str, str], identities: Identities, reader: DocumentReader) -> None:
        self.parts: dict[str, str] = {}
        self.uncacheable: dict[str, None] = {}
        self._environment = environment
        self._identities = identities
        self._reader = reader
        self._actions = ActionTable(())

    def look(self, planned: PlannedDocument, chain: tuple[str, ...] = ()) -> None:
        """Take note of what the planned phases of a document ask for; `chain` has the documents around it."""
        chain = (*chain, identity(planned.document.path))
        for phase in planned.phases:
            for step in phase.steps:
                for text in _texts(step):
                    for reference in references(text):
                        self._take(reference, planned)
                for entry in step.inputs:
                    self._look_at(step, entry, planned, chain)

    def _take(self, reference: Reference, planned: PlannedDocument) -> None:
        name = reference.raw.strip("{} ")
        match reference:
            case EnvRef():
                value = self._environment.get(reference.name)
                self.parts[name] = "(of the image)" if value is None else shown(name, reference.name, value)
            case ContextRef() if reference.key in _OF_A_BUILD:
                self._refuse(f"{{{{ {name} }}}} is another one in each build")
            case ContextRef(key="accountId"):
                self._identify(name, self._identities.account)
            case ContextRef(key="region"):
                self._identify(name, self._identities.region)
            case SsmRef():
                self._identify(name, lambda: self._identities.ssm(reference.path))
            case SsmResolveRef() if reference.name in planned.values:
                path = text_of(planned.values[reference.name])
                self._identify(name, lambda: self._identities.ssm(path))
            case SsmResolveRef() | SsmIndirectRef():
                self._refuse(f"which parameter {{{{ {name} }}}} means is known only when the step runs")
            case ImdsRef():
                self._refuse(f"{{{{ {name} }}}} is read when the step runs")

    def _identify(self, name: str, ask: Callable[[], str]) -> None:
        if name in self.parts:
            return
        try:
            self.parts[name] = ask()
        except ToeError as error:
            self._refuse(f"{name}: {error.message}")

    def _refuse(self, why: str) -> None:
        self.uncacheable[why] = None

    def _look_at(self, step: Step, entry: Entry, planned: PlannedDocument, chain: tuple[str, ...]) -> None:
        """What an entry of inputs fetches."""
        if step.action == NESTING_ACTION:
            self._look_nested(entry, planned, chain)
        elif step.action == "S3Download":
            source = self._source(step, entry, planned)
            owner = _known(str(entry.get("expectedBucketOwner") or ""), planned.values) or ""
            if source:
                self._identify(source, lambda: self._identities.s3(source, owner))
        elif step.action == "WebDownload" and not entry.get("checksum"):
            source = self._source(step, entry, planned)
            careless = entry.get("ignoreCertificateErrors") in (True, "true")
            if source:
                self._identify(source, lambda: self._identities.web(source, any_certificate=careless))

    def _source(self, step: Step, entry: Entry, planned: PlannedDocument) -> str:
        source = _known(str(entry.get("source") or ""), planned.values)
        if source is None:
            self._refuse(f"what step {step.name} downloads is known only when it runs")
        return source or ""

    def _look_nested(self, entry: Entry, planned: PlannedDocument, chain: tuple[str, ...]) -> None:
        path = _known(str(entry.get("document") or ""), planned.values)
        phases = _known(str(entry.get("phases") or ""), planned.values)
        records = entry.get("parameters")
        given = {
            str(record.get("name")): _known(str(record.get("value", "")), planned.values)
            for record in (records if isinstance(records, list) else ())
            if isinstance(record, dict)
        }
        if path is None or phases is None:
            self._refuse(f"which document {entry.get('document')} means is known only when the step runs")
            return
        owner = str(entry.get("document-s3-bucket-owner") or "")
        try:
            found = self._reader.find_nested(path, planned.document.path)
            if identity(found) in chain:
                return
            document = load(found, self._actions, self._reader, owner)
            self.parts[f"nested {path}"] = digest_of(document.source)
            selected = [name.strip() for name in phases.split(",") if name.strip()]
            unknown = {name: "" for name, value in given.items() if value is None}
            values: dict[str, ParameterValue] = {**unknown, **{n: v for n, v in given.items() if v is not None}}
            inner = plan_document(document, selected, values)
        except ToeError as error:
            self._refuse(f"nested document {path}: {error.message}")
            return
        known = {name: value for name, value in inner.values.items() if name not in unknown}
        self.look(inner._replace(values=known), chain)


def shown(part: str, name: str, value: str) -> str:
    """A value as it stands in a part of a key: of what is called like a secret only what identifies it."""
    return digest_of_secret(part, value) if is_secret_name(name) else value


def _texts(step: Step) -> Iterator[str]:
    """All texts of a step in which expressions may stand."""
    for entry in step.inputs:
        yield from _leaves(entry)
    if step.condition is not None:
        yield from _texts_of_condition(step.condition.condition)
    if step.loop is not None:
        over = step.loop.over
        if isinstance(over, ForEachLoop):
            yield from over.items
        elif isinstance(over, DelimitedLoop):
            yield over.text


def _leaves(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        items: Iterable[Value] = value.values() if isinstance(value, dict) else value
        for item in items:
            yield from _leaves(item)


def _texts_of_condition(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Logical):
        for inner in condition.conditions:
            yield from _texts_of_condition(inner)
    else:
        yield condition.operand
        yield condition.subject or ""


def _known(text: str, values: Mapping[str, ParameterValue]) -> str | None:
    """A text with its parameters put in; None where something else stands in it."""
    parts: list[str] = []
    for part in parse_template(text):
        if isinstance(part, NameRef) and part.name in values:
            parts.append(text_of(values[part.name]))
        elif isinstance(part, str):
            parts.append(part)
        else:
            return None
    return "".join(parts)
