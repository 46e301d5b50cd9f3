"""Documents in files, and what tells a file from an address. What an address names is read by toe.check.reading."""

from __future__ import annotations

import os
import stat

from toe.errors import DocumentError

#: The largest document that is read, in bytes; what is larger is no document.
SIZE_LIMIT = 16 * 1024 * 1024
YAML_ENDINGS = (".yml", ".yaml")
#: Of the documents in a folder, in a message.
MOST_NAMED = 5
REMOTE_PREFIXES = ("s3://", "arn:", "https://", "http://")


#: What standard input is called, in messages and wherever a path is expected.
STANDARD_INPUT = "<stdin>"
_STANDARD_INPUTS = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", STANDARD_INPUT)


def is_standard_input(path: str) -> bool:
    """Whether a word of a command line or of a config file means standard input."""
    return path in _STANDARD_INPUTS


def request_path(word: str) -> str:
    """The path of the document that a word means: standard input has one name."""
    return STANDARD_INPUT if is_standard_input(word) else word


def is_stream(path: str) -> bool:
    """Whether a document can be read only once: standard input, a FIFO, the pipe of `<(...)`."""
    if path == STANDARD_INPUT:
        return True
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_remote(path: str) -> bool:
    """Whether a document's name is an address and not a local path."""
    return path.startswith(REMOTE_PREFIXES)


def read_document(path: str) -> bytes:
    """The bytes of a document in a file, in a FIFO (it waits for a writer) or in standard input.

    Raises DocumentError when it cannot be read.
    """
    if is_remote(path):
        raise DocumentError(f"{path}: this is no file")
    if not path.strip():
        raise DocumentError("cannot read the document: its name is empty", hint="is a variable of the shell not set?")
    try:
        if path != STANDARD_INPUT and not os.path.isfile(path) and not is_stream(path):
            _refuse_special(path)
        with open(0 if path == STANDARD_INPUT else path, "rb", closefd=path != STANDARD_INPUT) as file:
            data = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        from toe.system.files.path_faults import told

        raise DocumentError(f"{path}: cannot read the document: {told(error, path)}") from error
    if len(data) > SIZE_LIMIT:
        raise DocumentError(f"{path}: the document is larger than {SIZE_LIMIT // 1024 // 1024} MiB")
    return data


def _refuse_special(path: str) -> None:
    """A folder or a device is no document; reading one could wait for ever."""
    if os.path.exists(path):
        if not os.path.isdir(path):
            raise DocumentError(f"{path}: cannot read the document: it is no regular file")
        raise DocumentError(f"{path}: cannot read the document: it is a folder", hint=_documents_in(path))


def _documents_in(folder: str) -> str:
    """What to name in place of a folder."""
    names = sorted(name for name in os.listdir(folder) if _is_component(os.path.join(folder, name)))
    if not names:
        return "name a document: there is none in this folder"
    more = ", ..." if len(names) > MOST_NAMED else ""
    listed = ", ".join(os.path.join(folder, name) for name in names[:MOST_NAMED])
    return f"name the documents to run, in their order: {listed}{more}"


def _is_component(path: str) -> bool:
    if not path.lower().endswith(YAML_ENDINGS) or not os.path.isfile(path):
        return False
    from toe.document.recognition import is_component

    try:
        return is_component(read_document(path))
    except DocumentError:
        return False


def find_nested(path: str, caller: str) -> str:
    """Where a nested document is: from the working directory, else from the folder of a calling document in a file."""
    if is_remote(path) or is_remote(caller) or os.path.isabs(path) or os.path.exists(path):
        return path
    beside = os.path.join(os.path.dirname(caller), path)
    return beside if os.path.exists(beside) else path


def identity(path: str) -> str:
    """What tells one document from another, however its path is written."""
    return path if is_remote(path) else os.path.realpath(path)


def short_name(path: str) -> str:
    """A document's name in a list of them: the file's, or the whole address."""
    return path if is_remote(path) else os.path.basename(path)
