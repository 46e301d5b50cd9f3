"""S3Download: an object, or all below a prefix, from Amazon S3 to this machine (reference, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import Context, Doc, InputFault, action
from toe.actions.s3 import BucketOwner, is_s3_object
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import shown


class Inputs(NamedTuple):
    """What to download, and where to."""

    source: Annotated[
        str,
        Doc(
            "The object, `s3://bucket/key`, or `s3://bucket/prefix/*` for all objects below a prefix.",
            path="unchecked",
            wildcard=True,
            examples=("s3://my-bucket/path/to/package.zip", "s3://my-bucket/path/to/*"),
        ),
    ]
    destination: Annotated[
        str,
        Doc(
            "The file to write, or the folder for a prefix; missing folders are created.",
            path="any",
            examples=("/tmp/a.zip",),
        ),
    ]
    expected_bucket_owner: BucketOwner = None
    overwrite: Annotated[bool, Doc("Replace an existing file; when false, an existing file fails the step.")] = True


def check(entry: Entry) -> Iterator[InputFault]:
    """The source must be an S3 address."""
    source = entry.get("source")
    if isinstance(source, str) and not holds_expression(source) and not is_s3_object(source):
        yield InputFault("source", f"'{source}' is no S3 address", "write s3://bucket/key or s3://bucket/prefix/*")


@action("S3Download", Inputs, each=True, check=check)
def s3_download(inputs: Inputs, ctx: Context) -> None:
    """Download an object, or all objects below a prefix, from Amazon S3.

    Whatever can be seen to go wrong is refused before the first object is fetched; what arrives takes the place of a
    file only when it is whole.
    """
    from toe.actions.s3.fetching import fetch

    if not is_s3_object(inputs.source):
        raise ActionError(f"'{shown(inputs.source)}' is no S3 address (write s3://bucket/key or s3://bucket/prefix/*)")
    fetch(inputs.source, inputs.destination, ctx, owner=inputs.expected_bucket_owner, overwrite=inputs.overwrite)
