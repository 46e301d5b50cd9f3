"""S3Upload: files or folders of this machine to Amazon S3 (reference, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import Context, Doc, InputFault, action
from toe.actions.s3 import S3_SCHEME, BucketOwner, bucket_and_key
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import shown


class Inputs(NamedTuple):
    """What to upload, and where to."""

    source: Annotated[
        str,
        Doc(
            "A file or a folder of this machine.",
            path="any",
            wildcard=True,
            examples=("/tmp/report.json", "/tmp/reports/*"),
        ),
    ]
    destination: Annotated[
        str,
        Doc(
            "`s3://bucket/key`, or `s3://bucket/prefix/` for several files.",
            path="unchecked",
            examples=("s3://my-bucket/path/to/report.json", "s3://my-bucket/path/to/"),
        ),
    ]
    recurse: Annotated[bool, Doc("Upload the folders below a source folder too.")] = False
    expected_bucket_owner: BucketOwner = None


def check(entry: Entry) -> Iterator[InputFault]:
    """The destination must be an S3 address, and the source must not."""
    destination, source = entry.get("destination"), entry.get("source")
    if isinstance(destination, str) and not holds_expression(destination) and not _names_bucket(destination):
        yield InputFault("destination", f"'{destination}' is no S3 address", "write s3://bucket/key")
    if isinstance(source, str) and source.startswith(S3_SCHEME):
        yield InputFault("source", f"the source '{source}' is an S3 address", "S3Upload sends local files to S3")


def _names_bucket(text: str) -> bool:
    return text.startswith(S3_SCHEME) and bucket_and_key(text)[0] != ""


@action("S3Upload", Inputs, each=True, check=check)
def s3_upload(inputs: Inputs, ctx: Context) -> None:
    """Upload a file, the files that a wildcard matches, or a folder to Amazon S3.

    A file that fails does not keep the others from being uploaded; what was uploaded stays.
    """
    from toe.actions.s3.sending import send

    if not _names_bucket(inputs.destination):
        raise ActionError(f"'{shown(inputs.destination)}' is no S3 address (write s3://bucket/key)")
    if inputs.source.startswith(S3_SCHEME):
        raise ActionError(f"the source '{shown(inputs.source)}' is an S3 address; S3Upload sends local files to S3")
    send(inputs.source, inputs.destination, ctx, owner=inputs.expected_bucket_owner, recurse=inputs.recurse)
