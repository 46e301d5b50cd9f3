"""What `toe` needs of the process that it is: a working directory that exists, and room for a few open files."""

from __future__ import annotations

import errno
import os

from toe.errors import ToeError

#: Journal, logs and the pipes of a process, and some more: less is not worth starting with.
FEWEST_FREE_DESCRIPTORS = 16


def require_surroundings() -> None:
    """Raise ToeError where no run can come to its end."""
    opened: list[int] = []
    try:
        os.getcwd()
        opened.append(os.open(os.devnull, os.O_RDONLY))
        while len(opened) < FEWEST_FREE_DESCRIPTORS:
            opened.append(os.dup(opened[0]))
    except OSError as error:
        raise fault_of_surroundings(error) or error from None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def fault_of_surroundings(error: Exception) -> ToeError | None:
    """What an error of the system comes from where the surroundings are the cause, None where they are not."""
    if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE) or os.strerror(errno.EMFILE) in str(error):
        return ToeError("too many open files: this process may open no more", hint="raise the limit: ulimit -n 1024")
    if getattr(error, "filename", None) == os.devnull:
        return ToeError(f"'{os.devnull}' is missing", hint=f"a root needs it: mknod -m 666 {os.devnull} c 1 3")
    try:
        os.getcwd()
    except OSError:
        return ToeError("the working directory does not exist any more", hint="cd to one that does")
    return None
