"""What S3Download does: one object, or all below a prefix, fetched into files.

toe.actions.s3.keys decides where keys may go; toe.actions.s3.batch has the threads, counts and failures.
"""

from __future__ import annotations

import os
from threading import Event

from toe.actions.base import Context
from toe.actions.files.paths import ends_in_separator
from toe.actions.s3 import bucket_and_key
from toe.actions.s3.batch import Batch
from toe.actions.s3.keys import EXISTS, Arrival, Landscape, landing_path, last_name
from toe.actions.s3.transfer import Transfer, aws_refusals, bucket_of, failure_text, size_text
from toe.aws.clients import AwsError
from toe.aws.s3_bucket import DENIED_OR_MISSING, Bucket, Part, is_denied, is_missing, parts_of
from toe.errors import ActionError
from toe.system.files.opening import THREADS_SHARE_A_DESCRIPTOR, explained, make_folders, shown, write_at
from toe.system.files.writing import put_in_place, stage
from toe.waiting import waited_for
from toe.words import counted


def fetch(source: str, destination: str, ctx: Context, *, owner: str | None, overwrite: bool) -> None:
    """Download an object, or all below a key that ends in `/*`. Raises ActionError."""
    bucket_name, key = bucket_and_key(source)
    with aws_refusals():
        bucket = bucket_of(bucket_name, owner, ctx)
        if key == "*" or key.endswith("/*"):
            _fetch_prefix(bucket, key[:-1], destination, ctx, overwrite=overwrite)
        else:
            _fetch_object(bucket, key, destination, ctx, overwrite=overwrite)


def _fetch_object(bucket: Bucket, key: str, path: str, ctx: Context, *, overwrite: bool) -> None:
    url = bucket.url(key)
    if key.endswith("/"):
        raise ActionError(f"'{shown(url)}' names no object (write '{shown(url)}*' for all objects below it)")
    if ends_in_separator(path):
        path = os.path.join(path, last_name(key, url, ctx.host.platform))
    with explained("download to", path):
        path = landing_path(path, ctx, overwrite=overwrite)
    try:
        found = waited_for(lambda: bucket.object(key), ctx.check)
    except AwsError as error:
        wildcard = "; a wildcard is possible as '/*' at the end alone" if "*" in key else ""
        raise ActionError(failure_text(error) + (wildcard or _below(bucket, key, error, ctx))) from error
    Batch(ctx, "download", 1, found.size).carry([Download(bucket, Arrival(found, path), overwrite=overwrite)])


def _below(bucket: Bucket, key: str, error: AwsError, ctx: Context) -> str:
    """What S3's answer leaves out: that there is no such object, or that there are objects below its key."""
    if is_denied(error):
        return f"; {DENIED_OR_MISSING}"
    try:
        if is_missing(error) and waited_for(lambda: bucket.is_prefix(key), ctx.check):
            return f"; there are objects below it: write '{shown(bucket.url(key))}/*' for all of them"
    except AwsError:
        pass
    return ""


def _fetch_prefix(bucket: Bucket, prefix: str, destination: str, ctx: Context, *, overwrite: bool) -> None:
    found = waited_for(lambda: list(bucket.objects(prefix)), ctx.check)
    if not found:
        raise ActionError(f"there is no object below '{shown(bucket.url(prefix))}'")
    landscape = Landscape(destination, ctx, overwrite=overwrite, url=bucket.url)
    arrivals = []
    for item in found:
        ctx.check()
        arrival = landscape.arrival(item, item.key[len(prefix) :])
        if arrival is not None:
            arrivals.append(arrival)
    size = sum(arrival.found.size for arrival in arrivals)
    amount = f"{counted(len(arrivals), 'object')} ({size_text(size)})"
    ctx.log(f"'{shown(bucket.url(prefix))}*' to '{shown(destination)}': {amount}")
    for folder in landscape.folders:
        with explained("create", folder):
            make_folders(folder)
    downloads = (Download(bucket, arrival, overwrite=overwrite) for arrival in arrivals)
    Batch(ctx, "download", len(arrivals), size).carry(downloads)


class Download(Transfer):
    """One object on its way to a file."""

    def __init__(self, bucket: Bucket, arrival: Arrival, *, overwrite: bool) -> None:
        found, self._path = arrival
        parts = parts_of(found.size) if THREADS_SHARE_A_DESCRIPTOR else [Part(0, found.size)]
        super().__init__(f"'{shown(bucket.url(found.key))}' to '{shown(self._path)}'", found.size, parts)
        self._bucket = bucket
        self._found = found
        self._overwrite = overwrite

    def begin(self) -> None:
        with explained("download to", self._path):
            self._file = stage(self._path)

    def move(self, part: Part, stop: Event) -> None:
        if len(self.parts) > 1:
            self._bucket.read(self._found, part, self._write, stop)
        else:  # whatever version is there now, whole
            self.size = self._bucket.read(self._found, None, self._write, stop)

    def _write(self, block: bytes, offset: int) -> None:
        with explained("write", self._path):
            write_at(self._file.descriptor, block, offset)
        self.count(len(block))

    def complete(self) -> None:
        try:
            with explained("write", self._path):
                os.ftruncate(self._file.descriptor, self.size)  # an attempt that failed may have brought more
                put_in_place(self._file, overwrite=self._overwrite)
        except ActionError as error:
            if isinstance(error.__cause__, FileExistsError):
                raise ActionError(EXISTS) from error
            raise

    def discard(self) -> None:
        self._file.discard()

    def forsake(self) -> None:
        self._file.forsake()
