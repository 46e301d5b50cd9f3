from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from time import process_time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.secrets.forms import SHORTEST_SECRET, SHORTEST_WITH_NOISE
from toe.secrets.masker import Secrets
from toe.secrets.needles import merged


def masking(*values: str) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.add(value)
    return secrets


def test_without_secrets_texts_stay_the_same_object() -> None:
    secrets, text, data = Secrets(), "s3cret", b"s3cret"
    assert not secrets
    assert secrets.mask_text(text) is text
    assert secrets.mask_bytes(data) is data


def test_without_secrets_nothing_is_imported_for_them() -> None:
    program = (
        "import sys; from toe.secrets.masker import Secrets; Secrets(['X']).mask_bytes(b'x' * 99);"
        "print({'re2', 'toe.secrets.forms'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", program]) == b"set()\n"


def test_a_text_without_a_secret_stays_the_same_object() -> None:
    secrets, text, data = masking("s3cret"), "nothing to see: s3cre t", b"\xff\x00 s3cre\n"
    assert secrets
    assert secrets.mask_text(text) is text
    assert secrets.mask_bytes(data) is data


def test_every_occurrence_is_masked_and_all_else_stays() -> None:
    secrets = masking("s3cret", "other one")
    assert secrets.mask_bytes(b"\xff s3cret.s3cret, other%20one\r\nother one\x00") == b"\xff ***.***, ***\r\n***\x00"
    assert secrets.mask_text("a s3cret é") == "a *** é"


def test_secrets_that_overlap_or_touch_are_masked_together() -> None:
    assert masking("abcdef", "efghij").mask_bytes(b"-abcdefghij-") == b"-***-"
    assert masking("abcdef", "bcde").mask_bytes(b"-abcdef-bcde-") == b"-***-***-"
    assert masking("abab").mask_bytes(b"-ababab-abab-") == b"-***-***-"
    assert masking("s3cret", "t0ken").mask_bytes(b"-s3crets3crett0ken-") == b"-***-"


def test_a_secret_of_several_lines_is_masked_whole_and_line_by_line() -> None:
    secrets = masking("-----BEGIN KEY-----\nMIIEvQ\nabc\n-----END KEY-----\n")
    assert secrets.mask_text("<-----BEGIN KEY-----\r\nMIIEvQ\r\nabc\r\n-----END KEY----->") == "<***>"
    assert secrets.mask_text("Stdout: MIIEvQ\nStdout: -----END KEY-----\n") == "Stdout: ***\nStdout: ***\n"
    assert secrets.mask_text('"-----BEGIN KEY-----\\nMIIEvQ\\nabc\\n-----END KEY-----\\n"') == '"***\\n"'


def test_what_a_secret_of_json_holds_is_secret_too() -> None:
    secrets = masking('{"username": "admin", "password": "hunter2 & more", "hosts": ["db.example.com"]}')
    assert secrets.mask_text("admin: hunter2%20%26%20more at db.example.com") == "admin: *** at ***"


@pytest.mark.parametrize("value", ["", "  ", "abc", " 12 \n"])
def test_a_value_that_is_too_short_is_named_and_not_masked(value: str) -> None:
    secrets = Secrets()
    secrets.add(value, "Pin")
    secrets.add(value, "Pin")
    assert not secrets
    assert secrets.too_short == (["Pin"] if value.strip() else [])
    assert len(value.strip()) < SHORTEST_SECRET


def test_a_value_of_many_lines_is_masked_line_by_line_and_soon() -> None:
    lines = [f"line {number} says {number * 7919 % 1_000_003}" for number in range(20_000)]
    began = process_time()
    secrets = masking("\n".join(lines))
    assert secrets.mask_text(f"{lines[0]}, {lines[-1]!r} and more") == "***, '***' and more"
    assert process_time() - began < 4
    small = masking("\n".join(lines[:50]))
    assert small.mask_text(lines[3].encode().hex()) == "***"


def test_values_of_named_parameters_and_variables_are_added() -> None:
    secrets = Secrets(["Password", "Keys", "TOKEN", "Pasword"])
    secrets.add_named({"Password": "hunter2", "Keys": ("first key", "second key"), "Host": "example"})
    secrets.add_named({"TOKEN": "t0ken", "PATH": "/bin"})
    assert secrets.mask_text("hunter2 first+key second key t0ken example /bin") == "*** *** *** *** example /bin"
    assert secrets.unseen_names == ["Pasword"]


def test_a_secret_that_is_added_later_is_masked_from_then_on() -> None:
    secrets = masking("first one")
    assert secrets.mask_text("first one, second one") == "***, second one"
    secrets.add("second one")
    assert secrets.mask_text("first one, second one") == "***, ***"
    secrets.add("second one")
    assert len(secrets) == 2


def test_texts_with_lone_surrogates_are_masked() -> None:
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    secrets = masking(f"pass-{name}")
    assert secrets.mask_text(f"\ud800 pass-{name} \udcff") == "\ud800 *** \udcff"
    assert secrets.mask_bytes(b"pass-caf\xe9 pass%2Dcaf%E9") == b"*** ***"


def test_many_secrets_are_all_found() -> None:
    values = [f"{number}:" + "&<é>'" * 300 for number in range(4)] + [f"s3cret-{number:03}" for number in range(200)]
    assert masking(*values).mask_text("|".join(values)) == "|".join(["***"] * len(values))


def test_a_long_run_of_near_misses_takes_no_time() -> None:
    secrets = masking("\\'\\'" * 30 + "x")
    near = b"\\\\\\'" * 50_000
    assert secrets.mask_bytes(near) is near


def test_merging_joins_what_overlaps_or_touches() -> None:
    assert merged([(5, 9), (0, 4), (3, 6), (9, 12), (14, 16), (10, 11)]) == [(0, 12), (14, 16)]


#: Secrets that repeat themselves, that overlap one another, or of which most is quotes or escapes.
AWKWARD = {
    "ordinary": [f"Tr0ub4dor&3-{number}correct/horse'battery" for number in range(10)],
    "zeros": ["0" * (4 + number) for number in range(10)],
    "zeros and a one": ["0" * (4 + 100 * number) + "1" for number in range(10)],
    "long zeros": ["0" * (2048 - number) for number in range(10)],
    "two letters": ["ab" * (2 + number) for number in range(10)],
    "four letters": "abcd bcda cdab dabc abcde bcdea abcda abcdabcd bcdabcd cdabcda".split(),
    "backslashes": ["\\" * (4 + number) for number in range(10)],
    "quotes": ["'a\\b\"c'd" * (1 + number) for number in range(10)],
    "percents": ["%41%42" * (1 + number) for number in range(10)],
    "accents": ["é" * (4 + number) for number in range(10)],
}
REPEATED = [
    *(
        b"0",
        b"\\",
        b"%",
        b"&",
        b"ab",
        b"abcd",
        b"abcd ",
        b"a'b'c'd'",
        b"'a\\b\"c'd",
        "é".encode(),
        b"MDAw",
        b"30",
        b" 30\n",
    ),
    *(b"%30", b"%25", b"\\x30", b"&#48;", b"&amp;", b"\\r\\n", b"%5Ca", b"%25255C'b", b"A A A\n", b"\\u00e9\\u20ac"),
]
HOSTILE_SIZE = 250_000


def hostile_texts() -> Iterator[bytes]:
    for unit in REPEATED:
        yield unit * (HOSTILE_SIZE // len(unit))
    yield b"\\" * HOSTILE_SIZE + b"s3cret"
    yield b"0" * HOSTILE_SIZE + b"%2525252541"
    yield b"%" + b"25" * (HOSTILE_SIZE // 2)
    yield b"&#" + b"0" * HOSTILE_SIZE
    chance = Random(11)
    yield b"".join(chance.choice([b"0", b"%30", b"\\x30", b"&#48;"]) for _ in range(HOSTILE_SIZE // 3))
    yield bytes(chance.choice(b"\\'\"%&;0ab") for _ in range(HOSTILE_SIZE))
    yield chance.randbytes(HOSTILE_SIZE)


def seconds_to_mask(secrets: Secrets, data: bytes) -> float:
    began = process_time()
    secrets.mask_bytes(data)
    return process_time() - began


def slow_to_mask(values: list[str], texts: Iterable[bytes]) -> dict[bytes, float]:
    """A megabyte in a second at most, on a machine that is four times slower than it should be."""
    secrets = masking(*values)
    return {text[:20]: seconds for text in texts if (seconds := seconds_to_mask(secrets, text)) > 1}


@pytest.mark.parametrize("kind", AWKWARD)
def test_masking_takes_time_in_proportion_to_the_text_whatever_is_in_it(kind: str) -> None:
    """Each kind of secret in a quarter of the texts, and each text with some."""
    assert slow_to_mask(AWKWARD[kind], islice(hostile_texts(), list(AWKWARD).index(kind) % 4, None, 4)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("values", AWKWARD.values(), ids=AWKWARD.keys())
def test_masking_takes_time_in_proportion_to_every_text(values: list[str]) -> None:
    assert slow_to_mask(values, hostile_texts()) == {}


@settings(max_examples=30, deadline=None)
@given(
    units=st.lists(st.text("0a%&x\\'5C2;#é ", min_size=1, max_size=5), min_size=1, max_size=4),
    repeats=st.lists(st.integers(1, 300), min_size=10, max_size=10),
)
def test_masking_takes_time_in_proportion_to_any_text_that_repeats_its_secrets(
    units: list[str], repeats: list[int]
) -> None:
    values = [units[number % len(units)] * count for number, count in enumerate(repeats)]
    secrets = masking(*values)
    for text in (units[0], "".join(units), "".join(values)):
        assert seconds_to_mask(secrets, (text.encode() * (100_000 // len(text.encode()) + 1))[:100_000]) < 1


letters = st.text("abc%&'\\ é", min_size=4, max_size=8).map(str.strip).filter(lambda value: len(value) >= 4)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(letters, min_size=1, max_size=4), text=st.lists(st.text("abc%&'\\ é\n", max_size=6), max_size=8))
def test_no_secret_is_left_and_nothing_else_is_touched(values: list[str], text: list[str]) -> None:
    secrets = masking(*values)
    mixed = "".join(piece + values[number % len(values)] for number, piece in enumerate(text))
    masked = secrets.mask_text(mixed)
    assert not [value for value in values if value in masked or quote(value) in masked]
    data, position = mixed.encode(), 0
    for start, end in secrets.regions(data):
        assert position <= start < end
        assert end - start > SHORTEST_WITH_NOISE
        position = end
    kept = masked.split("***")
    rest = mixed
    for piece in kept:
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]
