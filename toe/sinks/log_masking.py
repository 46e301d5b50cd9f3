"""Takes out of the events of a run what its logs must not tell. Most runs have nothing of that, and lose no time."""

from __future__ import annotations

from typing import Any

from toe.credentials import credentials_in
from toe.events import Event, Output, Where
from toe.log_secrets import LogSecrets
from toe.model import Document, Step
from toe.results import DocumentResult, PhaseResult, StepResult
from toe.sinks.masking import Masking

#: What other events have told before.
_TOLD = (Where, Step, DocumentResult, PhaseResult)


class LogMasking(Masking):
    """Watches for the first text with credentials, and from then on looks at all of them."""

    def __init__(self, secrets: LogSecrets) -> None:
        super().__init__(secrets)
        self._log_secrets = secrets

    def hide(self, value: object) -> None:
        """Treat every text in what a step returned as a secret from now on."""
        if isinstance(value, str):
            self._log_secrets.hide(value)
        elif isinstance(value, (dict, list, tuple)):
            for item in value.values() if isinstance(value, dict) else value:
                self.hide(item)

    def events(self, event: Event) -> list[Event]:
        """What the sinks see for `event`: output may come later than it is given, but before whatever follows it."""
        if not self._log_secrets and _tells(event.data if isinstance(event, Output) else event):
            self._log_secrets.has_credentials = True
        if self._log_secrets or (isinstance(event, Output) and (self.holds or not event.data.endswith(b"\n"))):
            return super().events(event)
        return [*self.rest(), event] if self.holds else [event]


def _tells(value: Any) -> bool:
    """Whether a text in the value has credentials."""
    kind = type(value)
    if kind is str:
        return ("@" in value or "=" in value or "oken" in value) and bool(credentials_in(_encoded(value)))
    if kind is bytes:
        return bool(credentials_in(value))
    if kind is dict:
        return any(map(_tells, value.values()))
    if kind is Document:
        return bool(credentials_in(value.source))
    if kind is StepResult:
        return _tells((value.failure, value.failure_message))
    return isinstance(value, (tuple, list)) and kind not in _TOLD and any(map(_tells, value))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
