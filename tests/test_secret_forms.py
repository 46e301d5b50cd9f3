"""Real quoting, by Python's libraries and by bash, of values that are hard to quote."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.secrets.forms import LONGEST_PART, parts
from toe.secrets.masker import Secrets

Quoting = Callable[[str], str]

AWKWARD = [
    "p@ss w'rd$&/\"<é\\>\t%25\U0001f600''x",
    "\\\"\\\"''%2525&amp;&#39;",
    "hunter2",
    "a\x01b\x1bc\x7fd",
    "+ /=~-_",
]


def json_text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def json_of_go(value: str) -> str:
    return json_text(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def double_quoted(value: str) -> str:
    return '"' + "".join("\\" * (character in '$`"\\') + character for character in value) + '"'


def with_backslashes(value: str) -> str:
    return "".join(character if character.isalnum() else "\\" + character for character in value)


QUOTINGS: dict[str, Quoting] = {
    "plain": str,
    "json": json.dumps,
    "json in utf-8": json_text,
    "json with upper case": lambda value: json_text(value).replace("é", "\\u00E9"),
    "json within json": lambda value: json.dumps(json.dumps(value)),
    "json of php": lambda value: json.dumps(value).replace("/", "\\/"),
    "json of go": json_of_go,
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda value: repr(value.encode())[1:],
    "html": html.escape,
    "html twice": lambda value: html.escape(html.escape(value)),
    "xml": escape,
    "xml attribute": quoteattr,
    "xml with names": lambda value: escape(value, {"'": "&apos;", '"': "&quot;"}),
    "xml with numbers": lambda value: escape(value, {"'": "&#39;", '"': "&#x22;"}),
    "xml in ascii": lambda value: escape(value).encode("ascii", "xmlcharrefreplace").decode(),
    "url": lambda value: quote(value, safe=""),
    "url with lower case": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "url with every byte": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "url path": quote,
    "url form": quote_plus,
    "encodeURIComponent": lambda value: quote(value, safe="!'()*"),
    "encodeURI": lambda value: quote(value, safe=";,/?:@&=+$#!'()*"),
    "url twice": lambda value: quote(quote(value, safe="!")),
    "shlex": shlex.quote,
    "single quotes": lambda value: "'" + value.replace("'", "'\\''") + "'",
    "double quotes": double_quoted,
    "backslashes": with_backslashes,
    "json of shlex": lambda value: json.dumps(shlex.quote(value)),
}

#: name -> program that prints `$1`, and what it prints around it.
BASH = {
    "printf %q": ('printf %q "$1"', "***"),
    "printf %q in C": ('export LC_ALL=C; printf %q "$1"', "***"),
    "@Q": ('printf %s "${1@Q}"', "***"),
    "set -x": ('PS4=; exec 2>&1; set -x; : "$1"', ": ***\n"),
    "declare": ("value=$1; declare -p value", "declare -- value=***\n"),
}


def without_quotes(text: str) -> str:
    """The text without what quoting puts before and after a value."""
    return text.translate(dict.fromkeys(map(ord, "\"'\\$")))


def masking(*values: str) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.add(value)
    return secrets


@pytest.mark.parametrize("value", AWKWARD)
@pytest.mark.parametrize("quoting", QUOTINGS.values(), ids=QUOTINGS.keys())
def test_a_quoted_secret_is_masked_as_a_whole(quoting: Quoting, value: str) -> None:
    masked = masking(value).mask_text(f"[{quoting(value)}]")
    assert without_quotes(masked) == "[***]"


@pytest.mark.parametrize("value", AWKWARD)
@pytest.mark.parametrize(("program", "expected"), BASH.values(), ids=BASH.keys())
def test_a_secret_is_masked_however_bash_quotes_it(program: str, expected: str, value: str) -> None:
    done = subprocess.run(["bash", "-c", program, "bash", value], stdout=subprocess.PIPE, check=True)
    assert without_quotes(masking(value).mask_bytes(done.stdout).decode()) == expected


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"u", b"u:", b"us:"])
@pytest.mark.parametrize("after", [b"", b"\n", b"x", b":x", b"/xy"])
@pytest.mark.parametrize("value", AWKWARD)
def test_base64_of_a_secret_is_masked_wherever_it_stands(
    value: str, after: bytes, before: bytes, encode: Callable[[bytes], bytes]
) -> None:
    secrets = masking(value)
    for text in (encode(before + value.encode() + after), encode(before + value.encode() + after).rstrip(b"=")):
        masked = secrets.mask_bytes(b"[" + text + b"]")
        head, mask, tail = masked[1:-1].partition(b"***")
        assert mask
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(head) <= -(-len(before) * 8 // 6) if len(before) % 3 else len(head) == len(before) // 3 * 4
        assert len(tail) <= -(-(len(after) + 2) // 3) * 4


def test_base64_alone_and_of_echo_leaves_nothing() -> None:
    for length in (4, 5, 6, 20, 21, 22):
        value = "Tr0ub4dor&3-correct-horse"[:length]
        for data in (value.encode(), value.encode() + b"\n"):
            assert masking(value).mask_bytes(base64.b64encode(data)) == b"***"


def test_base64_in_lines_is_masked() -> None:
    value = "correct horse battery staple " * 6
    text = base64.encodebytes(b"user: me, password: " + value.encode() + b", and more of it that is no secret at all")
    masked = masking(value).mask_bytes(text)
    head, _, tail = masked.partition(b"***")
    assert base64.b64decode(head + b"A")[:20] == b"user: me, password: "
    assert text.endswith(tail)
    rest = base64.b64decode(b"A" * (-len(tail.replace(b"\n", b"")) % 4) + tail)
    assert rest.endswith(b"no secret at all")
    assert len(rest) < 50


HEXADECIMAL = {
    "hex()": lambda data: data.hex().encode(),
    "in capitals": lambda data: data.hex().upper().encode(),
    "with colons": lambda data: data.hex(":").encode(),
    "with dashes": lambda data: data.hex("-").upper().encode(),
    "xxd -p": lambda data: b"\n".join(data[start : start + 30].hex().encode() for start in range(0, len(data), 30)),
    "od -An -tx1": lambda data: b"\n".join(
        b" " + data[start : start + 16].hex(" ").encode() for start in range(0, len(data), 16)
    ),
}


@pytest.mark.parametrize("write", HEXADECIMAL.values(), ids=HEXADECIMAL.keys())
@pytest.mark.parametrize("value", AWKWARD)
def test_hexadecimal_digits_of_a_secret_are_masked(value: str, write: Callable[[bytes], bytes]) -> None:
    masked = masking(value).mask_bytes(write(b"user: " + value.encode() + b"\n"))
    assert re.fullmatch(rb"[0-9a-fA-F\s:-]{12,20}\*\*\*[\s:-]?0[aA]", masked)


@pytest.mark.parametrize("command", ["od -An -tx1 -v", "xxd -p", "xxd -p -u", "base64"])
def test_what_tools_make_of_a_secret_is_masked(command: str) -> None:
    if shutil.which(command.split()[0]) is None:
        pytest.skip(f"no {command.split()[0]} here")
    value = ("correct horse battery staple " * 6).strip()
    done = subprocess.run(command.split(), input=value.encode(), stdout=subprocess.PIPE, check=True)
    assert masking(value).mask_bytes(done.stdout).strip() == b"***"


single_lines = (
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n*"), min_size=4, max_size=30)
    .map(str.strip)
    .filter(lambda value: len(value) >= 4 and len(value.translate(dict.fromkeys(map(ord, "\"'\\")))) >= 2)
)


@settings(max_examples=60, deadline=None)
@given(value=single_lines)
def test_any_secret_is_masked_in_any_quoting(value: str) -> None:
    secrets = masking(value)
    for name, quoting in QUOTINGS.items():
        assert without_quotes(secrets.mask_text(f"[{quoting(value)}]")) == "[***]", name
    for before in (b"", b"u", b"u:"):
        text = base64.b64encode(before + value.encode())
        assert len(secrets.mask_bytes(text).partition(b"***")[0]) == (0, 2, 3)[len(before)]


def test_the_parts_of_a_value_are_itself_its_lines_and_its_json_texts() -> None:
    assert list(parts("  s3cret\n")) == ["s3cret"]
    assert list(parts("first line\r\n  second\nab\n")) == ["first line\n  second\nab", "first line", "second"]
    assert list(parts('{"user": "admin", "password": "hunter2", "port": 33061234, "none": null}')) == [
        '{"user": "admin", "password": "hunter2", "port": 33061234, "none": null}',
        "33061234",
        "hunter2",
    ]
    assert list(parts('[["a key\\nof lines"]]'))[1:] == ["a key\nof lines", "a key", "of lines"]
    assert list(parts("{no json}")) == ["{no json}"]


def test_what_is_too_short_has_no_parts() -> None:
    assert list(parts(" 123 ")) == list(parts("")) == list(parts("\n \n")) == []


def test_a_very_long_value_is_looked_for_in_pieces() -> None:
    value = "0123456789" * 1000
    pieces = list(parts(value))
    assert "".join(pieces) == value
    assert max(map(len, pieces)) <= LONGEST_PART
    assert min(map(len, pieces)) > LONGEST_PART // 2
    assert set(parts("\n".join([value[:1000]] * 5))) == {value[:1000]}


def test_a_json_bomb_is_one_text() -> None:
    bomb = "[" * 100_000
    assert "".join(parts(bomb)) == bomb
