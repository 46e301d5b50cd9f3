"""The live view of `toe run` and `toe follow`. Imported on terminals alone: threads cost more than a small run."""

from __future__ import annotations

import os

from toe.cli.terminal import STDERR, hold_stderr
from toe.sinks.live.view import LiveView
from toe.sinks.progress_lines import StepOutput


def live_view(output: StepOutput | None) -> LiveView:
    """A view on stderr. What else is said there meanwhile scrolls by above it."""
    view = LiveView(STDERR, os.environ, output)
    hold_stderr(view.write)
    return view
