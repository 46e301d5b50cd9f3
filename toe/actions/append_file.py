"""AppendFile: add text to the end of a file that exists."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.encodings import Encoding, encoded
from toe.records import NamedTuple
from toe.system.files.opening import explained, open_regular, write_all


class Inputs(NamedTuple):
    path: Annotated[
        str, Doc("File to append to; it must exist. Links are followed.", path="file", examples=("/etc/motd",))
    ]
    content: Annotated[str, Doc("Text to append, as it is: no line end is added.", examples=("one more line\n",))] = ""
    encoding: Encoding = "utf-8"


@action("AppendFile", Inputs, each=True)
def append_file(inputs: Inputs, ctx: Context) -> None:
    """Add text to the end of an existing file."""
    data = encoded(inputs.content, inputs.encoding, new=False)
    with explained("append to", inputs.path):
        descriptor, status = open_regular(inputs.path, os.O_WRONLY | os.O_APPEND)
        try:
            write_all(descriptor, data)
        except OSError:
            with suppress(OSError):  # a full disk must not leave half of the text
                os.ftruncate(descriptor, status.st_size)
            raise
        finally:
            os.close(descriptor)
