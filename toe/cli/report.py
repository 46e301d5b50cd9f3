"""`toe report`, and the reports of `toe run`: what a log folder tells of a run, as HTML or as JUnit's XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from toe.cli.terminal import say_error, say_line, write_file
from toe.errors import EXIT_SUCCESS, ToeError
from toe.events import Event, RunResumed, RunStarted
from toe.report.folder import read_folder
from toe.report.model import RunReport


def report(options: Mapping[str, Any]) -> int:
    """Write what is asked for. Raises ToeError for what is no log folder, and for a file that cannot be written."""
    if len(options["paths"]) != 1:
        raise ToeError("'toe report' takes one log folder", hint="toe report TOE_... --html report.html")
    if not options["html"] and not options["junit_xml"]:
        raise ToeError("there is nothing to write", hint="give --html FILE or --junit-xml FILE")
    write_reports(options["paths"][0], options)
    return EXIT_SUCCESS


def write_reports(folder: str, options: Mapping[str, Any]) -> None:
    """Write the files that `--html` and `--junit-xml` name, each whole or not at all. Raises ToeError."""
    run = read_folder(folder)
    if options["junit_xml"]:
        from toe.report.junit import junit_report

        write_file(options["junit_xml"], [junit_report(run)])
    if options["html"]:
        write_file(options["html"], _page(run))


def _page(run: RunReport) -> Iterable[str]:
    from toe.report.html import html_report

    return html_report(run)


class Reports:
    """The reports that `toe run` is asked for, made of the log folder that the run tells of, when it is closed."""

    name = "reports"

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._folder = ""

    def handle(self, event: Event) -> None:
        """Take note of the folder."""
        if isinstance(event, (RunStarted, RunResumed)):
            self._folder = event.log_directory

    def close(self) -> None:
        """Nothing is open."""

    def written(self) -> bool:
        """Write them; false, with one message, when that is not possible. The run's verdict stands whatever happens."""
        try:
            if not self._folder:
                raise ToeError("there is no report: the run did not begin")
            write_reports(self._folder, self._options)
        except ToeError as error:
            say_error(error)
        except Exception as error:
            say_line(f"toe: error: there is no report: {type(error).__name__}: {error}")
        else:
            return True
        return False
