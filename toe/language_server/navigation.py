"""Where what is under the cursor is declared, where it is used, and the outline of a document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types

from toe.expressions.parse import LoopRef
from toe.language_server.buffers import COMPONENT, Buffer
from toe.language_server.nested_calls import calls_of
from toe.language_server.positions import Positions
from toe.language_server.references import declared, reference_at, references_in, symbol_of, values_of
from toe.model import Constant, Document, Step
from toe.nodes import Node

_TOP = types.Range(types.Position(0, 0), types.Position(0, 0))


def definition(buffer: Buffer, position: types.Position) -> types.Location | None:
    """Where the thing under the cursor stands: what a reference names, or a nested document."""
    if buffer.kind != COMPONENT:
        from toe.language_server.recipes.definition import definition_in

        return definition_in(buffer, position)
    document = buffer.good
    if document is None:
        return None
    line, column = buffer.positions.place(position)
    for node, path in calls_of(document):
        if _covers(node, line, column) and os.path.isfile(path):
            return types.Location(Path(os.path.abspath(path)).as_uri(), _TOP)
    found = reference_at(buffer.positions, line, column)
    if found is None:
        return None
    is_loop = isinstance(found.reference, LoopRef)
    target = _loop_around(document, line) if is_loop else _declaration(document, symbol_of(found.reference))
    return types.Location(buffer.uri, buffer.positions.range_of(target)) if target is not None else None


def _declaration(document: Document, symbol: tuple[str, ...]) -> Node | None:
    return next((node for name, node in declared(document) if name == symbol), None)


def uses(buffer: Buffer, position: types.Position, *, declaration: bool) -> list[types.Location]:
    """The places that refer to the thing under the cursor, and with `declaration` that of its own name."""
    document = buffer.good
    symbol = _symbol_at(buffer, position, document) if document is not None else ()
    if document is None or not symbol:
        return []
    own = [buffer.positions.range_of(node) for name, node in declared(document) if name == symbol and declaration]
    return [types.Location(buffer.uri, where) for where in (*own, *_references_to(symbol, buffer.positions))]


def _symbol_at(buffer: Buffer, position: types.Position, document: Document) -> tuple[str, ...]:
    line, column = buffer.positions.place(position)
    found = reference_at(buffer.positions, line, column)
    if found is not None:
        return symbol_of(found.reference)
    return next((name for name, node in declared(document) if _covers(node, line, column)), ())


def _references_to(symbol: tuple[str, ...], positions: Positions) -> Iterator[types.Range]:
    for number, line in enumerate(positions.lines, 1):
        if "{{" in line:
            for found in references_in(positions, number):
                if symbol_of(found.reference) == symbol:
                    yield positions.range(found.start, found.end)


def _loop_around(document: Document, line: int) -> Node | None:
    """The loop of the step that a line belongs to."""
    steps = [step for phase in document.phases for step in phase.steps if step.node and step.node.line <= line]
    step = max(steps, key=lambda one: one.node.line if one.node else 0, default=None)
    return step.loop.node if step is not None and step.loop is not None else None


def _covers(node: Node, line: int, column: int) -> bool:
    return (node.line, node.column) <= (line, column) <= (node.end_line, node.end_column)


def outline(buffer: Buffer) -> list[types.DocumentSymbol]:
    """The parameters and constants of a document, and its phases with their steps."""
    document, positions = buffer.good, buffer.positions
    if document is None:
        return []
    symbols = []
    for value in values_of(document):
        kind = types.SymbolKind.Constant if isinstance(value, Constant) else types.SymbolKind.Variable
        symbols.append(_symbol(value.name, kind, value.node, value.node, positions))
    for phase in document.phases:
        if phase.node is not None:
            name = phase.node.get("name") or phase.node
            symbol = _symbol(phase.name, types.SymbolKind.Module, phase.node, name, positions)
            symbol.children = [_step(step, positions) for step in phase.steps if step.node is not None]
            symbols.append(symbol)
    return symbols


def _step(step: Step, positions: Positions) -> types.DocumentSymbol:
    node = step.node
    assert node is not None
    symbol = _symbol(step.name, types.SymbolKind.Function, node, node.get("name") or node, positions)
    symbol.detail = step.action
    return symbol


def _symbol(
    name: str, kind: types.SymbolKind, whole: Node, selected: Node, positions: Positions
) -> types.DocumentSymbol:
    around, own = positions.range_of(whole), positions.range_of(selected)
    if not (around.start <= own.start and own.end <= around.end):  # an alias: its name stands elsewhere
        own = types.Range(around.start, around.start)
    return types.DocumentSymbol(name or "?", kind, around, own)
