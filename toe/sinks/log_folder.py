"""The folder of a run's logs, and the documents that are kept in it (reference, section 7)."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Sequence

from toe.errors import ToeError
from toe.execution_names import safe_name
from toe.model import Document
from toe.system.files.opening import missing_folders
from toe.system.files.own_files import open_own_file, require_own_folder, why_not_ours

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_ASIDE = "remove what is not toe's, or put the state aside with toe abandon and run the documents anew"


def folder_name(execution_id: str, started_at_ns: int) -> str:
    """`TOE_YYYY-MM-DD_HH-MM-SS_UTC-0_<execution id>`, a safe form of the id; the time is UTC."""
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S", time.gmtime(started_at_ns // 1_000_000_000))
    return f"TOE_{stamp}_UTC-0_{safe_name(execution_id)}"


def create_log_folder(base: str, execution_id: str, started_at_ns: int) -> str:
    """Make the folder below `base` (made too where it is missing) and return its path. Raises ToeError."""
    name = folder_name(execution_id, started_at_ns)
    path = name if base in ("", ".") else os.path.join(base, name)
    try:
        _make_folders(base or ".")
        os.mkdir(path, FOLDER_MODE)
    except OSError as error:
        from toe.system.files.path_faults import told

        taken = os.path.exists(path)
        hint = "give another --execution-id" if taken else "choose a place with --log-directory"
        raise ToeError(
            f"cannot create the log folder '{path}': {told(error, path if os.path.exists(base) else base)}", hint=hint
        ) from error
    return path


def reopen_log_folder(path: str) -> str:
    """The folder of a run that goes on, made anew where somebody removed it.

    Raises ToeError, also when others could have put something into it.
    """
    try:
        if path:
            if not os.path.lexists(path):
                _make_folders(path, FOLDER_MODE)
            require_own_folder(path, "the log folder", _ASIDE)
            _require_own_files(path)
    except OSError as error:
        raise ToeError(f"cannot go on in the log folder '{path}': {error.strerror}") from error
    return path


def _make_folders(path: str, mode: int = 0o755) -> None:
    """Make a folder with its missing parents; others may write to none of them, whatever the umask. Raises OSError."""
    for folder in reversed(missing_folders(path)):
        with contextlib.suppress(FileExistsError):  # "logs/" has a folder "logs" before it
            os.mkdir(folder, mode if folder == path else 0o755)
    if not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)


def _require_own_files(folder: str) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            reason = why_not_ours(entry.stat(follow_symlinks=False))
            if reason:
                raise ToeError(
                    f"the log folder holds '{entry.path}', and that is not to be trusted: {reason}", hint=_ASIDE
                )


def keep_documents(folder: str, documents: Sequence[Document]) -> None:
    """Keep the input: each document as `D<n>__<file name>`, all of them as `document.yaml`. Raises OSError."""
    for position, document in enumerate(documents):
        write_private(os.path.join(folder, f"D{position}__{_kept_name(document.path)}"), document.source)
    parts = [document.source if document.source.endswith(b"\n") else document.source + b"\n" for document in documents]
    write_private(os.path.join(folder, "document.yaml"), parts[0] if len(parts) == 1 else b"---\n".join(parts))


class NestedCopies:
    """Keeps the nested documents of a run, numbered after the `top` documents; the same one once, also after a boot."""

    def __init__(self, folder: str, top: int) -> None:
        self._folder = folder
        self._top = top
        self._kept: dict[str, bytes] = {}

    def keep(self, document: Document) -> None:
        """Keep a document that is going to run. Raises OSError."""
        if self._kept.get(document.path) == document.source:
            return
        self._kept[document.path] = document.source
        name, following = _kept_name(document.path), self._top
        for entry in os.listdir(self._folder):
            number, separator, rest = entry.removeprefix("D").partition("__")
            if separator and number.isdecimal() and int(number) >= self._top:
                if rest == name and _read(os.path.join(self._folder, entry)) == document.source:
                    return
                following = max(following, int(number) + 1)
        write_private(os.path.join(self._folder, f"D{following}__{name}"), document.source)


def _kept_name(path: str) -> str:
    if "://" in path or path.startswith("arn:"):
        from toe.aws.documents import kept_name

        return kept_name(path)
    return os.path.basename(path).strip("<>") or "document"


def _read(path: str) -> bytes:
    with open(open_own_file(path, os.O_RDONLY), "rb") as file:
        return file.read()


def write_private(path: str, data: bytes) -> None:
    """Write a file that its owner alone may read. Raises OSError."""
    with open(open_own_file(path, os.O_WRONLY | os.O_CREAT, FILE_MODE), "wb", buffering=0) as file:
        file.truncate()
        file.write(data)
