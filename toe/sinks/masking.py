"""Takes the secrets out of events, results and other plain data.

Not for output, where a secret may be cut in two by the end of a block: toe.sinks.masked_stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from toe.results import StepResult
from toe.secrets.masker import Masker

Result = TypeVar("Result")

_KEPT_TEXTS = 2000
_LONGEST_KEPT = 200


class Masking:
    """Masks whatever stands in a value, and knows again what it has seen."""

    def __init__(self, secrets: Masker) -> None:
        self._secrets = secrets
        self._known_secrets = 0
        self._texts: dict[str, str] = {}
        self._clean_steps: dict[int, StepResult] = {}

    def masked(self, value: Result) -> Result:
        """An event, a result, or other plain data without secrets; what has none in it stays the same object."""
        if not self._secrets:
            return value
        if len(self._secrets) != self._known_secrets:
            self._known_secrets = len(self._secrets)
            self._texts, self._clean_steps = {}, {}
        result: Result = self._value(value)
        return result

    def _value(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind is bytes:
            return self._secrets.mask_bytes(value)
        if kind is StepResult:
            return self._step(value)
        if isinstance(value, tuple):  # events, too
            items = self._items(value)
            return value if items is None else tuple.__new__(kind, items)
        if kind is list:
            return self._items(value) or value
        if kind is dict:
            items = self._items(value.items())
            return value if items is None else dict(items)
        return value

    def _items(self, values: Iterable[Any]) -> list[Any] | None:
        """The values without secrets; None when there are none in them."""
        changed = False
        items = []
        for value in values:
            item = self._value(value)
            changed = changed or item is not value
            items.append(item)
        return items if changed else None

    def _text(self, text: str) -> str:
        """Names and paths come again and again."""
        if len(text) > _LONGEST_KEPT:
            return self._secrets.mask_text(text)
        masked = self._texts.get(text)
        if masked is None:
            masked = self._secrets.mask_text(text)
            if len(self._texts) >= _KEPT_TEXTS:
                self._texts.clear()
            self._texts[text] = masked
        return masked

    def _step(self, step: StepResult) -> StepResult:
        """A clean one is known again in the results of its phase, its document and the run: it may be large."""
        if id(step) in self._clean_steps:
            return step
        items = self._items(step)
        if items is None:
            self._clean_steps[id(step)] = step
            return step
        return StepResult(*items)
