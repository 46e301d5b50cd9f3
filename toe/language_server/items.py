"""What may be chosen, as the protocol has it."""

from __future__ import annotations

from lsprotocol import types


def item(label: str, text: str, where: types.Range, kind: types.CompletionItemKind) -> types.CompletionItem:
    """What is shown as `label` and writes a text over a range."""
    return types.CompletionItem(label, kind=kind, filter_text=label, text_edit=types.TextEdit(where, text))


def markdown(text: str) -> types.MarkupContent:
    """A text in Markdown, as the protocol has it."""
    return types.MarkupContent(types.MarkupKind.Markdown, text)
