"""Completion: keys that are missing, the words that a key takes, action modules, and what stands in double braces."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from toe.language_server.buffers import COMPONENT, Buffer
from toe.language_server.expression_completion import complete_expression, open_expression
from toe.language_server.items import item, markdown
from toe.language_server.line_reader import ITEM, STEP, Spot
from toe.language_server.vocabulary import Key, Vocabulary, action_described, described, words_of

#: What a client asks for completions at, besides letters.
TRIGGERS = ("{", ".", ":", " ", "(")


def complete(buffer: Buffer, position: types.Position, vocabulary: Vocabulary) -> list[types.CompletionItem]:
    """What may be written at a position."""
    if buffer.kind != COMPONENT:
        from toe.language_server.recipes.completion import complete_in

        return complete_in(buffer, position)
    line, column = buffer.positions.place(position)
    spot = buffer.lines.spot(line, column)
    if open_expression(buffer.positions.line(line)[: column - 1]) is not None:
        return complete_expression(buffer, line, column, spot, vocabulary)
    if spot.text:
        return []
    end = buffer.positions.offset(line, column)
    where = buffer.positions.range(end - len(spot.word), end)
    return list(_at_value(spot, where, vocabulary) if spot.key else _at_key(spot, where, vocabulary))


def _at_value(spot: Spot, where: types.Range, vocabulary: Vocabulary) -> Iterator[types.CompletionItem]:
    if (*spot.path, spot.key) == (*STEP, "action"):
        yield from _actions(where, vocabulary)
        return
    schema = vocabulary.at((*spot.path, spot.key), spot.value("action"))
    for word in words_of(schema):
        yield item(word, word, where, types.CompletionItemKind.EnumMember)


def _actions(where: types.Range, vocabulary: Vocabulary) -> Iterator[types.CompletionItem]:
    for definition in vocabulary.definitions.values():
        one = item(definition.name, definition.name, where, types.CompletionItemKind.Function)
        one.detail = ", ".join(definition.platforms)
        one.documentation = markdown(action_described(definition))
        yield one


def _at_key(spot: Spot, where: types.Range, vocabulary: Vocabulary) -> Iterator[types.CompletionItem]:
    schema = vocabulary.at(spot.path, spot.value("action"))
    dash = ""
    if "items" in schema and not spot.siblings:
        schema = vocabulary.at((*spot.path, ITEM), spot.value("action"))
        dash = "- "
    for key in vocabulary.keys(schema):
        if key.name not in spot.siblings:
            yield _key(key, dash, where)
    if "properties" not in schema:
        for word in words_of(schema):
            yield item(word, dash + word, where, types.CompletionItemKind.EnumMember)


def _key(key: Key, dash: str, where: types.Range) -> types.CompletionItem:
    text = f"{dash}{key.name}:" if key.is_collection else f"{dash}{key.name}: "
    one = item(key.name, text, where, types.CompletionItemKind.Property)
    one.documentation = markdown(described(key.name, key.schema, required=key.required))
    one.sort_text = f"{'0' if key.required else '1'}{key.name}"
    return one
