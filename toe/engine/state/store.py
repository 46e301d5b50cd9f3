"""The states of runs in a state directory: made, found again, checked against the run at hand, put aside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from toe.document.source import is_stream
from toe.engine.state.identity import content_difference, difference, sha256_of
from toe.engine.state.records import PASSED_OVER, RESUMED, RUN, STOPPED, Past
from toe.errors import DocumentError, ToeError
from toe.execution_names import one_line, safe_name
from toe.quick_typing import Any
from toe.records import NamedTuple
from toe.secrets.masker import MASK
from toe.system.boot import boot_id
from toe.system.files.journal import Journal, JournalBusyError, JournalNotOursError, held, is_busy, read_records
from toe.system.files.journal_lines import JournalDamagedError, another_version
from toe.system.state_directory import execution_ids, journal_path

FORMAT = 4
#: What follows the name of a state that was abandoned or found damaged.
ASIDE = ".aside"


class SavedRun(NamedTuple):
    """A state that was found: the record with which it begins, and what has happened since."""

    path: str
    head: Mapping[str, Any]
    past: Past
    stopped_by: str = ""

    @property
    def execution_id(self) -> str:
        """The run's execution id."""
        return str(self.head["id"])


class EmptyStateError(ToeError):
    """The state of a run that was killed before it wrote anything, or has not written yet."""


def begin(path: str, head: Mapping[str, Any]) -> Journal:
    """A new state. `head` describes the run: id, identity, folder, started_at. Raises ToeError."""
    if os.path.lexists(path):
        remove_if_empty(path)
    journal = Journal.create(path)
    try:
        journal.append({"t": RUN, "format": FORMAT, **head}, durable=False)
    except ToeError:
        journal.remove()
        raise
    return journal


def reopen(path: str, require: Callable[[SavedRun], None]) -> tuple[Journal, SavedRun]:
    """Open a state to go on with it. Raises ToeError: in use, damaged, or not understood, or what `require` raises."""
    journal, records = Journal.open(path)
    try:
        saved = _saved(path, records)
        require(saved)
        journal.append({"t": RESUMED})
    except BaseException:
        journal.close()
        raise
    return journal, saved


def read_state(path: str) -> SavedRun:
    """A state as it is now, without taking hold of it. Raises ToeError."""
    return _saved(path, read_records(path))


def _saved(path: str, records: list[dict[str, Any]]) -> SavedRun:
    from toe.engine.state.reading import read_past, require_head

    if not records:
        raise EmptyStateError(f"the state '{path}' is empty: nothing was run yet", hint="run the documents anew")
    head = records[0]
    if not isinstance(head, dict) or head.get("t") != RUN or head.get("format") != FORMAT:
        raise another_version(path)
    require_head(path, head)
    past = read_past(records[1:], path)
    last = records[-1]
    stopped_by = str(last.get("by", "")) if last.get("t") == STOPPED else ""
    return SavedRun(path, head, past, stopped_by)


def read_begun(path: str) -> SavedRun:
    """As `read_state`; the state of a run that was killed before it wrote anything is removed."""
    try:
        return read_state(path)
    except EmptyStateError:
        remove_if_empty(path)
        raise


def remove_empty(directory: str) -> list[str]:
    """Remove the states of runs that were killed before they wrote anything; returns their execution ids."""
    return [name for name in execution_ids(directory) if remove_if_empty(journal_path(directory, name))]


def saved_runs(directory: str) -> Iterator[tuple[str, SavedRun | ToeError]]:
    """The execution id of every state in a directory, with the state, or why it cannot be read."""
    for execution_id in execution_ids(directory):
        try:
            yield execution_id, read_state(journal_path(directory, execution_id))
        except ToeError as error:
            yield execution_id, error


def waiting_for_this_boot(
    directory: str, identity: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[SavedRun | None, list[str]]:
    """The state of the same run that waits for the reboot that has just happened (reference, section 8).

    Beside it, what people should know of those that wait for another one. `environment` finds the system's programs.
    """
    notes: list[str] = []
    for _, saved in saved_runs(directory):
        if isinstance(saved, ToeError) or not saved.past.rebooting or is_busy(saved.path):
            continue
        if not difference(saved.head["identity"], identity) and saved.head["directory"] == os.getcwd():
            why = why_not_now(saved, environment)
            if not why:
                return saved, []
            notes.append(
                f"execution '{one_line(saved.execution_id)}' of the same documents waits for a reboot, and {why}"
            )
        _pass_over(saved)
    return None, notes


def why_not_now(saved: SavedRun, environment: Mapping[str, str]) -> str:
    """Why the reboot that a run waits for is not the one that has just happened; "" when it is."""
    from toe.system.boots import why_another_boot

    past = saved.past
    if past.asked is None or not past.rebooting:
        return "it asked for none"
    if past.passed_over not in ("", boot_id()):
        return "the machine has been booted more than once since"
    return why_another_boot(past.asked, environment)


def _pass_over(saved: SavedRun) -> None:
    """Keep that another run is begun in this boot: in a later one this state is an old story."""
    past, boot = saved.past, boot_id()
    if not past.passed_over and past.asked is not None and past.asked.boot != boot:
        with suppress(ToeError):
            journal, _ = Journal.open(saved.path)
            try:
                journal.append({"t": PASSED_OVER, "boot": boot}, durable=False)
            finally:
                journal.close()


def require_same_machine(saved: SavedRun) -> None:
    """Raise ToeError when the reboot that a run waits for was asked for on another machine."""
    if saved.past.rebooting and saved.past.asked is not None:
        from toe.system.boots import is_elsewhere

        if is_elsewhere(saved.past.asked):
            raise _other(saved, "waits for a reboot of another machine")


def require_same(saved: SavedRun, identity: Mapping[str, Any]) -> None:
    """Raise ToeError when a state was made for another run, with what is different."""
    found = difference(saved.head["identity"], identity)
    if found:
        raise _other(saved, f"belongs to another run: {found}")


def require_same_nested(saved: SavedRun, read: Callable[[str, str], bytes]) -> None:
    """Raise ToeError when a nested document that was begun is not what it was; before anything runs.

    `read` gives the bytes of a document from its path and its bucket's owner.
    """
    for document in saved.past.nested_under_way:
        if is_stream(document["path"]) or MASK in document["path"]:
            continue  # compared when its step runs
        try:
            data = read(document["path"], document["owner"])
        except DocumentError as error:
            raise _other(saved, f"needs a document that was begun: {error.message}") from error
        found = content_difference(document, sha256_of(data))
        if found:
            raise _other(saved, f"belongs to another run: {found}")


def _other(saved: SavedRun, why: str) -> ToeError:
    return ToeError(
        f"the state of execution '{one_line(saved.execution_id)}' {why}",
        hint=f"toe abandon {safe_name(saved.execution_id)} puts it aside; then run the documents anew",
    )


def remove_if_empty(path: str) -> bool:
    """Remove a state of a run that was killed before it wrote anything; returns whether it was one."""
    try:
        with held(path):
            if read_records(path):
                return False
            os.unlink(path)
    except (OSError, ToeError):  # in use, damaged, not ours: it stays as it is
        return False
    return True


def put_aside(path: str, before: Callable[[], None] = lambda: None) -> str:
    """Rename a state so that nothing finds it any more, and return its new name. Raises ToeError.

    `before` is called when it is certain that no run has it.
    """
    number = 1
    while os.path.lexists(f"{path}{ASIDE}{number}"):
        number += 1
    new = f"{path}{ASIDE}{number}"
    try:
        with held(path):
            before()
            _rename(path, new)
    except JournalNotOursError:
        _rename(path, new)  # no run has it, and nothing in it is believed
    except JournalBusyError as error:
        raise ToeError(f"the state '{path}' is in use by a running process", hint="stop that run first") from error
    return new


def _rename(path: str, new: str) -> None:
    try:
        os.rename(path, new)
    except OSError as error:
        raise ToeError(f"cannot put the state '{path}' aside: {error.strerror}") from error


def keep_damaged(path: str, error: JournalDamagedError) -> ToeError:
    """A damaged state is kept under another name; the error says which."""
    new = put_aside(path)
    return ToeError(f"{error.message}; it is kept as '{new}'", hint="run the documents anew")
