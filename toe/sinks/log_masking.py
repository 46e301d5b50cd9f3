"""Takes out of the events of a run what its logs must not tell, once, before any sink sees them.

Most runs have nothing of that, and lose no time. Not for `disableLogging`, which hides by place: toe.sinks.hiding.
"""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.events import Event, Output, Where
from toe.quick_typing import TYPE_CHECKING, Any
from toe.results import Failure, RunResult
from toe.secrets.masker import LogSecrets, credentials_in

if TYPE_CHECKING:
    from toe.sinks.masked_stream import MaskedStream
    from toe.sinks.masking import Masking

#: The texts of events that no event before them has told. Nested documents are told of when they start.
_NEW_TEXTS: dict[type, Callable[[Any], object]] = {
    events.RunStarted: lambda event: [document.source for document in event.documents],
    events.RunResumed: lambda event: [document.source for document in event.documents],
    events.DocumentStarted: lambda event: event.document.source if event.where.depth else "",
    events.InputsResolved: lambda event: event.inputs,
    events.IterationStarted: lambda event: event.value,
    events.LogLine: lambda event: event.text,
    events.ProcessStarted: lambda event: event.argv,
    events.Output: lambda event: event.data,
    events.ActionFinished: lambda event: (event.outputs, event.failure_message),
    events.StepFinished: lambda event: event.result.failure,
    events.RunFinished: lambda event: event.result.failure_message,
}


class LogMasking:
    """The fan-out's `mask`: watches for the first text with credentials, and from then on looks at all of them."""

    def __init__(self, secrets: LogSecrets) -> None:
        self._log_secrets = secrets
        self._made: Masking | None = None
        self._streams: dict[tuple[Where, str], tuple[MaskedStream, Output]] = {}

    def hide(self, value: object) -> None:
        """Treat every text in what a step returned as a secret from now on."""
        if isinstance(value, str):
            self._log_secrets.hide(value)
        elif isinstance(value, (dict, list, tuple)):
            for item in value.values() if isinstance(value, dict) else value:
                self.hide(item)

    def events(self, event: Event) -> list[Event]:
        """What the sinks see for `event`: output may come later than it is given, but before whatever follows it."""
        has_secrets = bool(self._log_secrets)
        if not has_secrets:
            texts = _NEW_TEXTS.get(type(event))
            if texts is not None and _tells(texts(event)):
                self._log_secrets.has_credentials = has_secrets = True
        if isinstance(event, Output):
            is_whole = event.data.endswith(b"\n") and not self._streams
            return [event] if is_whole and not has_secrets else self._output(event)
        shown = self._masking.masked(event) if has_secrets else event
        return [*self.rest(), shown] if self._streams else [shown]

    def rest(self) -> list[Event]:
        """The output that was held back."""
        streams, self._streams = self._streams, {}
        ends = ((event, stream.rest()) for stream, event in streams.values())
        return [self._shown(event, data) for event, data in ends if data]

    def _output(self, event: Output) -> list[Event]:
        from toe.sinks.masked_stream import MaskedStream

        place = (event.where, event.stream)
        stream = self._streams.pop(place)[0] if place in self._streams else MaskedStream(self._log_secrets)
        data = stream.feed(event.data)
        if stream.holds:
            self._streams[place] = stream, event
        return [self._shown(event, data)] if data else []

    def _shown(self, event: Output, data: bytes) -> Output:
        return Output(event.at_ns, self._masking.masked(event.where), event.stream, data)

    def masked(self, result: RunResult) -> RunResult:
        """The result of a run without what its logs must not tell."""
        return self._masking.masked(result) if self._log_secrets else result

    @property
    def _masking(self) -> Masking:
        if self._made is None:
            from toe.sinks.masking import Masking

            self._made = Masking(self._log_secrets)
        return self._made


def _tells(value: Any) -> bool:
    """Whether a text in the value has credentials."""
    kind = type(value)
    if kind is str:
        return ("@" in value or "=" in value or "oken" in value) and bool(credentials_in(_encoded(value)))
    if kind is bytes:
        return bool(credentials_in(value))
    if kind is dict:
        value = value.values()
    elif kind is not tuple and kind is not list and kind is not Failure:
        return False
    for item in value:  # noqa: SIM110 - this is done for each event of a run
        if _tells(item):
            return True
    return False


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
