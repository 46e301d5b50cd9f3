"""The files of a run's log folder as sinks, and the documents that are kept in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toe.events import Sink
from toe.model import Document
from toe.secrets.masker import Masker
from toe.sinks.log_folder import NestedCopies, keep_documents

Report = Callable[[str], None]


def file_sinks(folder: str, documents: Sequence[Document], secrets: Masker, report: Report) -> list[Sink]:
    """What writes the logs into `folder`, and the copies of the documents; `report` is told what cannot be written."""
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
