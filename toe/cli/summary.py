"""The JSON object that `toe run` prints on stdout (reference, section 7)."""

from __future__ import annotations

import json

from toe.results import RunResult, Status


def summary_text(result: RunResult) -> str:
    """The summary of a run, in the order of the reference."""
    return _text(
        {
            "executionId": result.execution_id,
            "status": result.status.value,
            "failedStepCount": result.counts.failed,
            "executedStepCount": result.counts.executed,
            "ignoredFailedStepCount": result.counts.ignored,
            "skippedStepCount": result.counts.skipped,
            "failureMessage": result.failure_message,
            "logUrl": result.log_url,
        }
    )


def nothing_run(message: str, execution_id: str = "") -> str:
    """The summary when no step was executed."""
    return summary_text(RunResult(execution_id, Status.FAILED, started_at_ns=0, failure_message=message))


def _text(summary: dict[str, object]) -> str:
    text = json.dumps(summary, indent=4, ensure_ascii=False) + "\n"
    return text if text.isascii() and "\x7f" not in text and "##" not in text else _harmless(text)


def _harmless(text: str) -> str:
    """JSON text with escapes for what is not shown, steers a terminal, or is an order to Azure and GitHub."""
    import re

    from toe.sinks.safe_text import HIDDEN

    return re.sub(rf"[{HIDDEN}]|#(?=#\w*\[)", lambda found: f"\\u{ord(found[0]):04x}", text)
