"""SetFileEncoding: write a UTF-8 file anew in another encoding."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.encodings import Encoding, decoded, encoded
from toe.records import NamedTuple
from toe.system.files.opening import explained, read_bytes, write_all
from toe.system.files.writing import write_over


class Inputs(NamedTuple):
    path: Annotated[
        str, Doc("File to convert; its text is in UTF-8. Links are followed.", path="file", examples=("C:\\app.ini",))
    ]
    encoding: Encoding = "utf-8"


@action("SetFileEncoding", Inputs, each=True)
def set_file_encoding(inputs: Inputs, ctx: Context) -> None:
    """Convert a file from UTF-8 to another encoding; owner and permissions stay."""
    with explained("read", inputs.path):
        data = read_bytes(inputs.path)
    converted = encoded(decoded(data, "utf-8", inputs.path), inputs.encoding, new=True)
    with explained("write", inputs.path):
        write_over(inputs.path, lambda descriptor: write_all(descriptor, converted))
