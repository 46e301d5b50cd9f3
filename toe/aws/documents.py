"""Documents that AWS keeps: objects of S3 and components of Image Builder. Not files, and not what has a URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.aws.clients import AwsError, answered, aws_client, aws_faults
from toe.aws.component_arn import FORM as ARN_FORM
from toe.aws.component_arn import parse_component_arn
from toe.aws.s3_bucket import DENIED_OR_MISSING, LENGTH_MISSING, any_below, is_denied, is_missing
from toe.errors import Check, DocumentError, go_on
from toe.records import NamedTuple

S3_PREFIX = "s3://"


class Fetched(NamedTuple):
    """A document's bytes, and the address of exactly these: an ARN with its version and build."""

    data: bytes
    address: str


def fetch(
    address: str,
    *,
    bucket_owner: str = "",
    environment: Mapping[str, str],
    size_limit: int,
    check: Check = go_on,
) -> Fetched:
    """Read a document from `s3://bucket/key` or a component's ARN. Raises DocumentError with address and cause.

    `bucket_owner` is the account that must own the bucket, "" for any. `environment` may name Image Builder's endpoint.
    `size_limit` counts bytes. `check` is called all the time and raises to stop.
    """

    def ask() -> Fetched:
        if address.startswith(S3_PREFIX):
            return _fetch_object(address, bucket_owner, size_limit)
        return _fetch_component(address, environment)

    try:
        fetched = answered("S3" if address.startswith(S3_PREFIX) else "Image Builder", ask, check)
    except AwsError as error:
        raise DocumentError(f"{address}: cannot read the document: {error.message}", hint=error.hint) from error
    if len(fetched.data) > size_limit:
        raise DocumentError(f"{address}: the document is larger than {size_limit // 1024 // 1024} MiB")
    return fetched


def kept_name(address: str) -> str:
    """A file name for a document: the last part of a path or URL, the name and version of a component."""
    import re

    arn = parse_component_arn(address)
    if arn is not None:
        return f"{arn.name}-{arn.version}{'-' if arn.build else ''}{arn.build}.yml"
    path = re.split("[?#]", address)[0] if address.startswith(("https://", "http://")) else address
    last = path.rstrip("/").rpartition("/")[2]
    name = re.sub(r"[^\w. +@=-]", "_", last)[-200:]
    return name if name.strip(".") else "document.yml"


def _fetch_object(address: str, bucket_owner: str, size_limit: int) -> Fetched:
    bucket, _, key = address.removeprefix(S3_PREFIX).partition("/")
    if not bucket or not key or key.endswith("/"):
        raise DocumentError(f"{address}: this is no address of a document", hint="write s3://bucket/key")
    named = {"Bucket": bucket, "ExpectedBucketOwner": bucket_owner} if bucket_owner else {"Bucket": bucket}
    client = aws_client("s3")
    try:
        with aws_faults("GetObject"):
            answer = client.get_object(Key=key, **named)
            body = answer["Body"]
            with body:
                if answer.get("ContentLength") is None:
                    raise AwsError(f"GetObject: {LENGTH_MISSING}")
                # Length and checksum are verified by the read that finds the end.
                return Fetched(body.read(size_limit) + body.read(1), address)
    except AwsError as error:
        if is_missing(error) and _is_prefix(client, named, key):
            hint = "there are objects below it: name one of them, a document"
            raise AwsError(error.message, hint=hint) from error
        raise _object_error(error, bucket, bucket_owner) from error


def _is_prefix(client: Any, named: Mapping[str, Any], key: str) -> bool:
    try:
        with aws_faults("ListObjectsV2"):
            return any_below(client, named, key)
    except AwsError:  # nobody asked for this: that it is not allowed is no news
        return False


def _object_error(error: AwsError, bucket: str, bucket_owner: str) -> AwsError:
    if not is_denied(error):
        return error
    hint = f"allow s3:GetObject; {DENIED_OR_MISSING}"
    if bucket_owner:
        hint = f"the bucket '{bucket}' must belong to the account '{bucket_owner}', and s3:GetObject must be allowed"
    return AwsError(error.message, hint=hint)


def _fetch_component(address: str, environment: Mapping[str, str]) -> Fetched:
    arn = parse_component_arn(address)
    if arn is None:
        raise DocumentError(
            f"{address}: this is no address of a document",
            hint=f"write s3://bucket/key or {ARN_FORM}; 1.0.x, 1.x.x and x.x.x name the newest version",
        )
    from toe.aws.image_builder import read_component

    component = read_component(arn, environment)
    return Fetched(component.document.encode("utf-8", "surrogatepass"), component.arn)
