"""The time that a pipeline's tests have."""

from __future__ import annotations

import threading

from toe.images.plan import Outlook
from toe.images.results import LayerResult
from toe.images.walk import Telling
from toe.system.cancellation import Cancellation


class TestLimit(Telling):
    """Tells another one of a build, and stops it when its tests take too long: `is_over` then."""

    def __init__(self, other: Telling, seconds: float, cancellation: Cancellation) -> None:
        self.is_over = False
        self._other = other
        self._seconds = seconds
        self._cancellation = cancellation
        self._timer: threading.Timer | None = None

    def layer_begins(self, outlook: Outlook) -> None:
        self._other.layer_begins(outlook)

    def layer_waits(self, name: str) -> None:
        self._other.layer_waits(name)

    def layer_ends(self, result: LayerResult) -> None:
        self._other.layer_ends(result)

    def tests_begin(self, image: str) -> None:
        self._other.tests_begin(image)
        self._timer = threading.Timer(self._seconds, self._stop)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """The tests are over, or never began."""
        if self._timer is not None:
            self._timer.cancel()

    def _stop(self) -> None:
        self.is_over = True
        self._cancellation.cancel()
