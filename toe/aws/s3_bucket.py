"""One bucket of S3: its objects listed, read and written in parts, with the expected owner on every call.

Knows nothing of files and threads; its methods may be called from several threads at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any

from toe.aws.clients import ATTEMPTS, AwsError, aws_client, aws_faults, error_code
from toe.records import NamedTuple
from toe.words import counted

#: Over TLS too, the end of a connection is no proof that all has come.
LENGTH_MISSING = "the answer does not say how long the object is"
BLOCK_BYTES = 1 << 20
PART_BYTES = 8 << 20
MOST_PARTS = 10_000

#: Codes of S3, and kinds of boto3's errors, that all other transfers would meet as well.
_HOPELESS = frozenset(
    {
        "AccountProblem",
        "AllAccessDisabled",
        "AuthorizationHeaderMalformed",
        "ConnectTimeoutError",
        "CredentialRetrievalError",
        "EndpointConnectionError",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "MetadataRetrievalError",
        "NoCredentialsError",
        "NoSuchBucket",
        "PartialCredentialsError",
        "PermanentRedirect",
        "ProxyConnectionError",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SSLError",
        "SignatureDoesNotMatch",
        "UnauthorizedSSOTokenError",
    }
)
#: A HEAD request is answered without a body, and so without the reason.
_REASON_UNKNOWN = frozenset({"400", "403", "404"})


class S3Object(NamedTuple):
    """An object as S3 names it. `size` in bytes."""

    key: str
    size: int
    etag: str


class Part(NamedTuple):
    """A range of bytes."""

    offset: int
    length: int


class TransferStopped(Exception):
    """Somebody set the event that a transfer was told to watch."""


def parts_of(size: int) -> list[Part]:
    """The ranges in which `size` bytes travel: one up to 8 MiB, and never more than S3 allows."""
    length = PART_BYTES
    while length * MOST_PARTS < size:
        length *= 2
    return [Part(offset, min(length, size - offset)) for offset in range(0, max(size, 1), length)]


def any_below(client: Any, named: Mapping[str, Any], key: str) -> bool:
    """Whether there are objects below `key` in the bucket that `named` names, the parameters of a request to S3."""
    answer = client.list_objects_v2(Prefix=f"{key.rstrip('/')}/", MaxKeys=1, **named)
    return bool(answer.get("Contents"))


#: What people should know of a refusal: S3 keeps to itself what those who may not list a bucket ask for in vain.
DENIED_OR_MISSING = "an object that does not exist gets this answer too, unless s3:ListBucket is allowed"


def is_denied(error: AwsError) -> bool:
    """Whether the object may not be read, or nobody is told that there is none."""
    return error_code(error.__cause__ or error) in ("AccessDenied", "403")


def is_missing(error: AwsError) -> bool:
    """Whether there is no such object."""
    return error_code(error.__cause__ or error) in ("NoSuchKey", "404")


def is_hopeless(error: AwsError) -> bool:
    """Whether all other transfers would end with this error as well: no credentials, no bucket, nobody answers."""
    cause = error.__cause__
    return cause is not None and not _HOPELESS.isdisjoint((error_code(cause), type(cause).__name__))


class Bucket:
    """A bucket that must belong to the account `owner`, if one is given. All methods raise AwsError with the URL.

    Making one looks for credentials, which may take its time. `settings` are those of `aws_client`.
    """

    def __init__(self, name: str, owner: str | None, *, connections: int, **settings: Any) -> None:
        self.name = name
        self._client = aws_client("s3", max_pool_connections=connections, **settings)
        self._named = {"Bucket": name, "ExpectedBucketOwner": owner} if owner else {"Bucket": name}

    def url(self, key: str) -> str:
        """The `s3://` address of a key or prefix."""
        return f"s3://{self.name}/{key}"

    def objects(self, prefix: str) -> Iterator[S3Object]:
        """All objects whose keys begin with `prefix`, in S3's order, however many pages they fill."""
        with aws_faults(f"cannot list '{self.url(prefix)}*'"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Prefix=prefix, **self._named):
                for found in page.get("Contents", ()):
                    yield S3Object(found["Key"], found["Size"], found["ETag"])

    def is_prefix(self, key: str) -> bool:
        """Whether `key` names no object, but what is a folder elsewhere: there are objects below it."""
        with aws_faults(f"cannot list '{self.url(key)}/*'"):
            return any_below(self._client, self._named, key)

    def object(self, key: str) -> S3Object:
        """Size and version of one object."""
        with aws_faults(f"cannot download '{self.url(key)}'"):
            answer = self._look(key)
        if answer.get("ContentLength") is None:
            raise AwsError(f"cannot download '{self.url(key)}': {LENGTH_MISSING}")
        return S3Object(key, answer["ContentLength"], answer["ETag"])

    def _look(self, key: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return self._client.head_object(Key=key, **self._named)
        except ClientError as error:
            if error_code(error) not in _REASON_UNKNOWN:
                raise
        answer = self._client.get_object(Key=key, **self._named)
        answer["Body"].close()
        return answer

    def read(self, found: S3Object, part: Part | None, write: Callable[[bytes, int], None], stop: Event) -> int:
        """Give the bytes of an object, or of a part of it, to `write(block, offset)`; their number.

        A connection that breaks is made anew, ATTEMPTS times in all, and `write` then gets the same offsets again. A
        part is only read from the version that `found` stands for. Length and checksum are verified. Raises
        TransferStopped soon after `stop` is set.
        """
        from botocore.exceptions import BotoCoreError

        asked = {}
        if part is not None:
            asked = {"Range": f"bytes={part.offset}-{part.offset + part.length - 1}", "IfMatch": found.etag}
        with aws_faults(f"cannot download '{self.url(found.key)}'"):
            for attempt in range(1, ATTEMPTS + 1):
                _leave_if(stop)
                answer = self._client.get_object(Key=found.key, **asked, **self._named)
                try:
                    return self._stream(answer, found, part, write, stop)
                except BotoCoreError:
                    if attempt == ATTEMPTS or stop.wait(_pause_seconds(attempt)):
                        raise
        raise AssertionError("the last attempt returns or raises")

    def _stream(
        self, answer: Any, found: S3Object, part: Part | None, write: Callable[[bytes, int], None], stop: Event
    ) -> int:
        body, length = answer["Body"], answer.get("ContentLength")
        try:
            if length is None:
                raise AwsError(f"cannot download '{self.url(found.key)}': {LENGTH_MISSING}")
            if part is not None and length != part.length:
                wanted = f"{counted(part.length, 'byte')} asked for, {length} offered"
                raise AwsError(f"cannot download '{self.url(found.key)}': {wanted}")
            start = position = part.offset if part else 0
            while block := body.read(BLOCK_BYTES):  # the read that finds the end verifies length and checksum
                _leave_if(stop)
                write(block, position)
                position += len(block)
        finally:
            body.close()
        return position - start

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Write a whole object."""
        with self._writing(key):
            self._client.put_object(Key=key, Body=data, ContentType=content_type, **self._named)

    def begin_upload(self, key: str, content_type: str) -> str:
        """Begin to write an object in parts; the upload's id, for the methods below."""
        with self._writing(key):
            answer = self._client.create_multipart_upload(
                Key=key, ContentType=content_type, ChecksumAlgorithm="CRC32", **self._named
            )
        return str(answer["UploadId"])

    def put_part(self, key: str, upload: str, number: int, data: bytes) -> dict[str, Any]:
        """Write one part (numbers begin at 1); what `end_upload` wants to know of it."""
        with self._writing(key):
            answer = self._client.upload_part(
                Key=key, UploadId=upload, PartNumber=number, Body=data, ChecksumAlgorithm="CRC32", **self._named
            )
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        return {**part, "ChecksumCRC32": answer["ChecksumCRC32"]} if "ChecksumCRC32" in answer else part

    def end_upload(self, key: str, upload: str, parts: list[dict[str, Any]]) -> None:
        """Make the object of its parts."""
        with self._writing(key):
            self._client.complete_multipart_upload(
                Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **self._named
            )

    def drop_upload(self, key: str, upload: str) -> None:
        """Give up an upload, so that its parts cost nothing."""
        with self._writing(key):
            self._client.abort_multipart_upload(Key=key, UploadId=upload, **self._named)

    def _writing(self, key: str) -> Any:
        return aws_faults(f"cannot upload to '{self.url(key)}'")


def _leave_if(stop: Event) -> None:
    if stop.is_set():
        raise TransferStopped


def _pause_seconds(attempt: int) -> float:
    from random import random

    return random() * min(0.2 * 2.0**attempt, 5.0)
