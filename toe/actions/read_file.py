"""ReadFile: the text of a file, for later steps."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.encodings import Encoding, decoded
from toe.records import NamedTuple
from toe.system.files.opening import explained, read_bytes


class Inputs(NamedTuple):
    path: Annotated[str, Doc("File to read; links are followed.", path="file", examples=("/etc/os-release",))]
    encoding: Encoding = "utf-8"
    print_file_content: Annotated[bool, Doc("Whether the text is written to console.log.", examples=(True,))] = False


class Outputs(NamedTuple):
    content: Annotated[str, Doc("The text of the file, without a byte-order mark.")]


@action("ReadFile", Inputs, outputs=Outputs, each=True)
def read_file(inputs: Inputs, ctx: Context) -> Outputs:
    """Read a text file."""
    with explained("read", inputs.path):
        data = read_bytes(inputs.path)
    content = decoded(data, inputs.encoding, inputs.path)
    if inputs.print_file_content:
        ctx.print(content)
    return Outputs(content=content)
