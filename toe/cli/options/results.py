"""The commands that show what came of runs and of tests."""

from __future__ import annotations

from toe.cli.command import Command, Option
from toe.cli.options.shared import HTML, JUNIT_XML, MASK, PARAMETERS, QUIET, SHOW_OUTPUT

REPORT = Command(
    "report",
    "Write a report of a run from its log folder.",
    """Write what a log folder tells of a run, as one page of HTML, as JUnit's XML, or both; also of AWSTOE's folders.

    Exit code: 0 written, whatever came of the run, 2 wrong usage, no log folder, or a file that cannot be written.
    """,
    (HTML, JUNIT_XML),
    arguments="LOG-FOLDER",
)

TEST = Command(
    "test",
    "Run the tests of component documents.",
    """Run the phases 'validate' and 'test' of component documents, each document as a run of its own.

    PATH is a document, a folder (its component documents that have such a phase) or a pattern; the working directory
    when left out. A step that ends with 77 is skipped; '# toe: expect 30s' on a step's line has one that takes longer
    told of. One JSON object, the summary, goes to stdout; all else to stderr.

    Exit code: 0 all passed, 1 some failed, 2 wrong usage or an invalid document: nothing was run, 5 nothing to test,
    128+n stopped by signal n.
    """,
    (
        PARAMETERS,
        MASK,
        Option("keyword", "Only documents with this text in their path, their name or PHASE.STEP.", "k", "TEXT"),
        Option("fail-fast", "Run no further document after one that failed.", flag=True),
        Option(
            "log-directory", "Where the log folders go; default: a temporary folder, kept for failures.", "l", "DIR"
        ),
        JUNIT_XML,
        SHOW_OUTPUT,
    ),
    arguments="[PATH]...",
)

FOLLOW = Command(
    "follow",
    "Show a run from its events, while it runs or later.",
    """Show a run as 'toe run' does, from a log folder, its events.jsonl, what --events writes, or - (standard input).

    It ends with the run, and changes nothing of it. Exit code: that of the run, 1 where it was cut off, 2 for what
    holds no events, 128+n stopped by signal n.
    """,
    (SHOW_OUTPUT, QUIET),
    arguments="FILE",
)

COMMANDS = {command.name: command for command in (REPORT, TEST, FOLLOW)}
