"""The live view of `toe run` and `toe follow`. Imported on terminals alone: threads cost more than a small run."""

from __future__ import annotations

import os
import signal
from types import FrameType

from toe.cli.terminal import STDERR, hold_stderr, say_line, write
from toe.events import Sink
from toe.sinks.live.redrawn import Redrawn
from toe.sinks.live.view import LiveUntilFault, LiveView
from toe.sinks.progress_lines import PlainProgress, StepOutput


def live_view(output: StepOutput | None) -> Sink:
    """A view on stderr; plain lines where it fails."""
    view = LiveView(STDERR, os.environ, output)
    hold_terminal(view.redrawn)
    return LiveUntilFault(view, lambda: PlainProgress(lambda text: write(STDERR, text), output), say_line)


def hold_terminal(redrawn: Redrawn) -> None:
    """Have all that is said on stderr scroll by above what is drawn, and Ctrl-Z leave the terminal to the shell."""
    hold_stderr(redrawn.write)
    if not hasattr(signal, "SIGTSTP") or signal.getsignal(signal.SIGTSTP) == signal.SIG_IGN:
        return

    def suspend(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        redrawn.step_aside(lambda: signal.raise_signal(number))
        signal.signal(number, suspend)

    signal.signal(signal.SIGTSTP, suspend)
