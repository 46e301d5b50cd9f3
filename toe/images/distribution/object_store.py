"""Disks to S3: in parts whose checksums S3 verifies, whole under their own keys, then the pointer to the newest."""

from __future__ import annotations

import os
from typing import Any

from toe.aws.clients import AwsError, aws_client, aws_faults
from toe.errors import ToeError
from toe.images.distribution.disks import Disk, File
from toe.images.distribution.model import Source, Target
from toe.images.distribution.pointer import pointer_name, pointer_text
from toe.system.cancellation import Cancellation

#: Kept with the object: its digest (S3's own is one of the parts' digests), and that of the disk it was made of, for
#: the same disk converted twice gives two files.
_DIGEST, _MADE_OF = "sha256", "made-of"


class ObjectStore:
    """Sends a disk to buckets. Needs toe[aws]."""

    def __init__(self, source: Source, disk: Disk, cancellation: Cancellation) -> None:
        self._source = source
        self._disk = disk
        self._cancellation = cancellation
        self._made: dict[str, Any] = {}

    def has(self, target: Target) -> bool:
        """See `Sender.has`."""
        from toe.aws.s3_bucket import is_missing

        try:
            return bool(self._look(target)["Metadata"].get(_MADE_OF) == self._disk.sha256)
        except AwsError as error:
            if is_missing(error):
                return False
            raise

    def send(self, target: Target) -> str:
        """See `Sender.send`."""
        from boto3.exceptions import Boto3Error

        file, client = self._disk.file(target.format), self._client(target)
        what = f"cannot upload to '{_url(target)}'"
        with aws_faults(what):
            self._drop_halves(client, target)
            try:
                client.upload_file(
                    file.path,
                    target.place,
                    target.names[0],
                    ExtraArgs={
                        "Metadata": {_DIGEST: file.sha256, _MADE_OF: self._disk.sha256},
                        "ChecksumAlgorithm": "CRC32",
                    },
                    Callback=lambda count: self._cancellation.check(),
                )
            except (Boto3Error, OSError) as error:
                raise ToeError(f"{what}: {error}", exit_code=1) from error
        there = self._look(target)
        if (there["ContentLength"], there["Metadata"].get(_DIGEST)) != (file.size, file.sha256):
            raise ToeError(f"{what}: it is not what was sent", exit_code=1)
        return f"sha256:{file.sha256}"

    def announce(self, target: Target) -> str:
        """See `Sender.announce`."""
        folder, name = os.path.split(target.names[0])
        key = f"{folder}/{pointer_name(self._source)}" if folder else pointer_name(self._source)
        there = self._look(target)
        file = File("", there["Metadata"].get(_DIGEST, ""), there["ContentLength"])
        text = pointer_text(self._source, name, target.format, file)
        with aws_faults(f"cannot upload to 's3://{target.place}/{key}'"):
            self._client(target).put_object(
                Bucket=target.place, Key=key, Body=text.encode(), ContentType="application/json"
            )
        return _url(target)

    def _look(self, target: Target) -> Any:
        with aws_faults(f"cannot look at '{_url(target)}'"):
            return self._client(target).head_object(Bucket=target.place, Key=target.names[0])

    def _drop_halves(self, client: Any, target: Target) -> None:
        """Give up uploads of the same object that a killed run has begun: their parts cost money."""
        answer = client.list_multipart_uploads(Bucket=target.place, Prefix=target.names[0])
        for upload in answer.get("Uploads", ()):
            if upload["Key"] == target.names[0]:
                client.abort_multipart_upload(Bucket=target.place, Key=upload["Key"], UploadId=upload["UploadId"])

    def _client(self, target: Target) -> Any:
        region = target.regions[0]
        if region not in self._made:
            self._made[region] = aws_client("s3", region=None if region == "*" else region)
        return self._made[region]


def _url(target: Target) -> str:
    return f"s3://{target.place}/{target.names[0]}"
