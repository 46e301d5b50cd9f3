"""What the actions on Amazon S3 share. Here: its addresses, and the account that a bucket must belong to.

Nothing of AWS is loaded by this module itself: validation needs it.
"""

from __future__ import annotations

import re
from typing import Annotated

from toe.actions.base import Doc
from toe.model import Value

S3_SCHEME = "s3://"
_OBJECT = re.compile(r"s3://[^/]+/.+", re.DOTALL)

BucketOwner = Annotated[
    str | None,
    Doc("The account that must own the bucket.", pattern="[0-9]{12}", pattern_says="an account id of 12 digits"),
]


def is_s3_object(text: Value) -> bool:
    """Whether a text without expressions names an object or a prefix: scheme, bucket and key."""
    return isinstance(text, str) and _OBJECT.fullmatch(text) is not None


def bucket_and_key(address: str) -> tuple[str, str]:
    """The two parts of an address; the key is "" where there is none."""
    bucket, _, key = address[len(S3_SCHEME) :].partition("/")
    return bucket, key
