"""console.log and application.log: what people's scripts parse (reference, section 7)."""

from __future__ import annotations

import os

from toe.events import Event, Output
from toe.sinks.log_file import LogFile
from toe.sinks.log_text import LogText

_BUFFERED_LINES = 500


class TextLogs:
    """Both files in `directory`, mode 0600, appended to. Output is written as it comes, lines wait for `flush`."""

    name = "console.log and application.log"

    def __init__(self, directory: str) -> None:
        self._console = LogFile(os.path.join(directory, "console.log"))
        self._application = LogFile(os.path.join(directory, "application.log"))
        self._text = LogText(directory, self.flush)
        self._at_ns = 0

    def handle(self, event: Event) -> None:
        """Raises OSError when a file cannot be written."""
        self._at_ns = event.at_ns
        self._text.add(event)
        if isinstance(event, Output) or len(self._text.application) > _BUFFERED_LINES:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        console, self._text.console = self._text.console, []
        application, self._text.application = self._text.application, []
        self._console.write(console)
        self._application.write(application)

    def close(self) -> None:
        """Write what is left, also of a process whose end was not told."""
        try:
            self._text.finish(self._at_ns)
            self.flush()
        finally:
            self._console.close()
            self._application.close()
