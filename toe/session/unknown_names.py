"""Names in a list that protects somebody: one that names nothing protects from nothing, and is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from toe.actions import ActionTable
from toe.check.check import NESTING_ACTION, load_document
from toe.check.reading import DocumentReader
from toe.document.suggest import did_you_mean
from toe.errors import DocumentError, ToeError
from toe.expressions.resolve import holds_expression
from toe.model import Document, Entry
from toe.secrets.masker import Secrets
from toe.words import comma_hint


def refuse_unknown_actions(names: Iterable[str], actions: ActionTable) -> None:
    """Raises ToeError for a blocked action module that does not exist, under exactly this name."""
    for name in names:
        if name in actions.names() or actions.find(name) is not None:
            continue
        hint = comma_hint(name) or "'toe actions' lists them"
        if "*" in name:
            hint = "patterns are not expanded: name each of them"
        raise ToeError(f"unknown blocked action module '{name}'{did_you_mean(name, actions.names())}", hint=hint)


def unknown_masks(
    secrets: Secrets, documents: Sequence[Document], kept: Collection[str], reader: DocumentReader, actions: ActionTable
) -> list[str]:
    """The names to be masked that nobody knows, where a nested document that is not known yet may declare them.

    `kept` are the names of a run that goes on: what had them then, such as an environment variable, may be gone.
    Raises ToeError for a name that no document can declare.
    """
    unknown = [name for name in secrets.unseen_names if name not in kept]
    if not unknown:
        return []
    nested, complete = _declared_below(documents, reader, actions)
    unknown = [name for name in unknown if name not in nested]
    if unknown and complete:
        declared = nested.union(*map(_declared, documents))
        near = did_you_mean(unknown[0], sorted(declared))
        raise ToeError(
            f"'{unknown[0]}' is to be masked, and is no parameter and no environment variable{near}",
            hint=comma_hint(unknown[0]) or "name parameters and environment variables, with commas between them",
        )
    return unknown


def _declared(document: Document) -> set[str]:
    return {*(one.name for one in document.parameters), *(one.name for one in document.constants)}


def _declared_below(
    documents: Sequence[Document], reader: DocumentReader, actions: ActionTable
) -> tuple[set[str], bool]:
    """What nested documents declare, and whether all of them are known before the run."""
    names: set[str] = set()
    known: set[str] = set()
    complete = True
    waiting = list(documents)
    while waiting:
        caller = waiting.pop()
        for entry in _calls(caller):
            path, owner = str(entry.get("document") or ""), str(entry.get("document-s3-bucket-owner") or "")
            where = reader.find_nested(path, caller.path)
            if where in known:
                continue
            known.add(where)
            document = None
            if not holds_expression(path) and not holds_expression(owner):
                document = _read(where, owner, reader, actions)
            if document is None:
                complete = False
            else:
                names |= _declared(document)
                waiting.append(document)
    return names, complete


def _calls(document: Document) -> Iterable[Entry]:
    for phase in document.phases:
        for step in phase.steps:
            if step.action == NESTING_ACTION:
                yield from step.inputs


def _read(path: str, owner: str, reader: DocumentReader, actions: ActionTable) -> Document | None:
    try:
        return load_document(reader.read(path, owner), path, actions)[0]
    except DocumentError:
        return None
