from __future__ import annotations

from time import process_time

import pytest

from toe.secrets.masker import LogSecrets, Secrets, credentials_in


def shown(text: str) -> str:
    return LogSecrets(Secrets(), has_credentials=True).mask_text(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("git clone https://user:s3cret@example.com/a.git", "git clone https://user:***@example.com/a.git"),
        ("redis://:s3cret@db:6379/0", "redis://:***@db:6379/0"),
        ('{"url": "https:\\/\\/user:s3cret@host"}', '{"url": "https:\\/\\/user:***@host"}'),
        ("http://a:one@h http://b:two@h", "http://a:***@h http://b:***@h"),
        ("postgres://u:p@ss:word@h:5432/db@1", "postgres://u:***@h:5432/db@1"),
        ("https://u:with#and?@host", "https://u:***@host"),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Security-Token=IQoJ%2F%3D&X-Amz-Signature=abc123",
            "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Security-Token=***&X-Amz-Signature=***",
        ),
        ("GET /k?x-amz-signature=abc123&a=b HTTP/1.1", "GET /k?x-amz-signature=***&a=b HTTP/1.1"),
        (
            "https://a.blob.core.windows.net/c?sv=2024&sig=aBc%2Bd%3D&se=1",
            "https://a.blob.core.windows.net/c?sv=2024&sig=***&se=1",
        ),
        (
            '"https://h/k?a=b\\u0026X-Goog-Signature=abc123\\u0026c=d"',
            '"https://h/k?a=b\\u0026X-Goog-Signature=***\\u0026c=d"',
        ),
        ("<a href='https://h/?a=b&amp;Signature=abc123&amp;c'>", "<a href='https://h/?a=b&amp;Signature=***&amp;c'>"),
        ("u=https%3A%2F%2Fh%3Fa%26X-Amz-Signature%3Dabc", "u=https%3A%2F%2Fh%3Fa%26X-Amz-Signature%3D***"),
        ("'X-Amz-Security-Token': b'IQoJ='", "'X-Amz-Security-Token': b'***'"),
        ("AWS4-HMAC-SHA256 Credential=a, Signature=abc", "AWS4-HMAC-SHA256 Credential=a, Signature=***"),
    ],
)
def test_passwords_and_signatures_of_addresses_are_masked(text: str, masked: str) -> None:
    assert shown(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "https://user:${TOKEN}@host https://user:$TOKEN@host https://user:{{Token}}@host https://user:***@host",
        "https://example.com:8443/a@b ssh://git@example.com:22/x git@github.com:a/b.git",
        "http://localhost:8080?mail=a@b.c http://[::1]:80/ mailto:a@b.c",
        "design=1&sigma=2 --signature=none signature: ok",
        "https://h/?X-Amz-Signature=$SIGNATURE&sig={{Sig}}",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert shown(text) is text


@pytest.mark.parametrize(
    "unit", [b"://", b"://a", b"://a:", b"://a:b@", b"://a:b", b"sig=", b"?sig=", b"X-Amz-Signature=", b"@:/", b":a"]
)
def test_the_search_takes_time_in_proportion_to_the_text(unit: bytes) -> None:
    text = unit * (500_000 // len(unit))
    began = process_time()
    credentials_in(text)
    credentials_in(b"://a:" + text)
    assert process_time() - began < 2
