"""The log folder of a run: where it lies, the files in it, and whose they are at its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from toe.events import Sink
from toe.model import Document
from toe.quick_typing import TYPE_CHECKING, Any
from toe.records import NamedTuple
from toe.secrets.masker import Masker
from toe.sinks.log_folder import NestedCopies, create_log_folder, keep_documents, reopen_log_folder
from toe.system.files.opening import missing_folders

if TYPE_CHECKING:
    from toe.system.sudo import SudoCaller

Report = Callable[[str], None]

#: Names the log folder to what steps start.
LOG_DIRECTORY_VARIABLE = "TOE_LOG_DIRECTORY"


class LogPlace(NamedTuple):
    """`folder` is "" where there are no logs. `new_folders`: those above it that were made, where sudo was used.

    `outside`: what the folder is called, and its absolute path, outside of the container where the run is.
    """

    folder: str = ""
    new_folders: tuple[str, ...] = ()
    outside: tuple[str, str] | None = None

    @property
    def absolute(self) -> str:
        """The folder from anywhere, "" where there is none."""
        return os.path.abspath(self.folder) if self.folder else ""

    @property
    def told(self) -> str:
        """The folder for those who read of it."""
        return self.outside[0] if self.outside else self.folder

    @property
    def url(self) -> str:
        """The same from anywhere."""
        return self.outside[1] if self.outside else self.absolute

    def hand_over(self, report: Report) -> None:
        """Under sudo the logs become the caller's. Not those of a run that can go on: root will write there."""
        caller = _caller()
        if caller is None or not self.folder:
            return
        from toe.system.sudo import give_folder

        try:
            give_folder(self.folder, caller, self.new_folders)
        except OSError as error:
            report(f"warning: cannot give the logs in '{self.folder}' to user {caller.uid}: {error.strerror}")


def new_place(directory: str | None, execution_id: str, started_at_ns: int) -> LogPlace:
    """A new folder below `directory`, none for None. Raises ToeError."""
    if directory is None:
        return LogPlace()
    missing = map(os.path.abspath, missing_folders(directory)) if _caller() is not None else ()
    new_folders = tuple(missing)
    return LogPlace(create_log_folder(directory, execution_id, started_at_ns), new_folders)


def place_again(head: Mapping[str, Any]) -> LogPlace:
    """The folder of the run that a state begins with. Raises ToeError."""
    return LogPlace(reopen_log_folder(head["folder"]), tuple(head["new_folders"]))


def environment_of_steps(environment: Mapping[str, str], place: LogPlace) -> Mapping[str, str]:
    """What processes get: `environment`, with the log folder where there is one.

    A script keeps what it makes (a report, a core dump) with the logs by writing it there.
    """
    return {**environment, LOG_DIRECTORY_VARIABLE: place.absolute} if place.folder else environment


def _caller() -> SudoCaller | None:
    if "SUDO_UID" not in os.environ:  # as in most runs, which then import nothing for it
        return None
    from toe.system.sudo import sudo_caller

    return sudo_caller(os.environ)


def file_sinks(folder: str, documents: Sequence[Document], secrets: Masker, report: Report) -> list[Sink]:
    """What writes the logs into `folder`, and the copies of the documents; `report` is told what cannot be written.

    The sinks are imported here, when the first process is starting: that time costs nothing.
    """
    from toe.sinks.chaining import Chaining
    from toe.sinks.detailed_output import DetailedOutput
    from toe.sinks.events_jsonl import EventsJsonl
    from toe.sinks.text_logs import TextLogs

    sinks: list[Sink] = []
    for make in (TextLogs, DetailedOutput, Chaining, EventsJsonl):
        try:
            sinks.append(make(folder))
        except OSError as error:
            report(f"warning: cannot write the logs in '{folder}': {error.strerror}")
    try:
        keep_documents(folder, [_masked(document, secrets) for document in documents])
    except OSError as error:
        report(f"warning: cannot keep the documents in '{folder}': {error.strerror}")
    return sinks


def nested_keeper(folder: str, top: int, secrets: Masker, report: Report) -> Callable[[Document], None]:
    """What keeps copies of nested documents, behind the `top` documents, if there is a folder for them."""
    copies = NestedCopies(folder, top)

    def keep(document: Document) -> None:
        try:
            if folder:
                copies.keep(_masked(document, secrets))
        except OSError as error:
            report(f"warning: cannot keep '{document.path}' in '{folder}': {error.strerror}")

    return keep


def _masked(document: Document, secrets: Masker) -> Document:
    return document._replace(source=secrets.mask_bytes(document.source))
