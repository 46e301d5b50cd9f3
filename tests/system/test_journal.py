from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from binascii import crc32
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.errors import ToeError
from toe.system.files.journal import Journal, JournalBusyError, is_busy, read_records
from toe.system.files.journal_lines import JournalDamagedError, parse

RECORDS: list[dict[str, Any]] = [{"t": "run", "id": "a"}, {"t": "step", "k": [0, 0, 0], "r": "x\ny é"}, {"t": "end"}]


def written(records: list[dict[str, Any]] = RECORDS, path: str = "a.journal") -> bytes:
    journal = Journal.create(path)
    for record in records:
        journal.append(record)
    journal.close()
    return Path(path).read_bytes()


def test_journal_gives_back_what_was_written_and_goes_on() -> None:
    written()
    journal, records = Journal.open("a.journal")
    assert records == RECORDS
    journal.append({"more": 1})
    journal.close()
    assert read_records("a.journal") == [*RECORDS, {"more": 1}]


def test_journal_is_private() -> None:
    journal = Journal.create("state/a.journal")
    journal.close()
    assert os.stat("state").st_mode & 0o777 == 0o700
    assert os.stat("state/a.journal").st_mode & 0o777 == 0o600


def test_a_torn_end_is_cut_off_wherever_it_is_torn() -> None:
    data = written()
    for size in range(len(data) + 1):
        whole = data[:size].count(b"\n")
        found = parse(data[:size], "a")
        assert found.records == RECORDS[:whole]
        Path("torn").write_bytes(data[:size])
        journal, _ = Journal.open("torn")
        journal.append({"more": 1})
        journal.close()
        assert read_records("torn") == [*RECORDS[:whole], {"more": 1}]


BLOCK = 16


@pytest.mark.parametrize("room", [0, 100])
def test_whatever_blocks_a_power_cut_takes_of_what_was_not_synced_it_is_torn(room: int) -> None:
    """Pages get to the disk in any order; the others are zeros, as they were laid out. Small pages stand for them."""
    journal = Journal.create("a.journal")
    journal.append({"t": "run"})
    journal.append({"t": "step", "n": 1})
    synced = len(Path("a.journal").read_bytes().rstrip(b"\0"))
    for record in ({"t": "folder"}, {"t": "started", "pid": 123}):
        journal.append(record, durable=False)
    journal.append({"t": "step", "n": 2})
    journal.close()
    data = Path("a.journal").read_bytes()
    blocks = range(synced // BLOCK, len(data) // BLOCK + 1)
    for chosen in range(2 ** len(blocks)):
        left = bytearray(data + bytes(room))
        for number, block in enumerate(blocks):
            if chosen >> number & 1:
                first, last = max(block * BLOCK, synced), min((block + 1) * BLOCK, len(data))
                left[first:last] = bytes(max(0, last - first))
        found = parse(bytes(left), "a").records
        assert found[:2] == [{"t": "run"}, {"t": "step", "n": 1}]


def test_zeros_in_what_was_synced_are_damage() -> None:
    data = written([{"t": "step", "n": number, "text": "x" * 100} for number in range(9)])
    lines = data.splitlines(keepends=True)
    for number in range(7):
        first = sum(map(len, lines[:number]))
        with pytest.raises(JournalDamagedError):
            parse(data[:first] + bytes(50) + data[first + 50 :], "a")
    page = len(lines[0]) * 2
    with pytest.raises(JournalDamagedError):
        parse(data[:page] + bytes(page) + data[2 * page :], "a")


def test_a_changed_byte_is_never_taken_for_what_was_written() -> None:
    data = written()
    for position in range(len(data)):
        for bit in (1, 0x80):
            changed = bytearray(data)
            changed[position] ^= bit
            with pytest.raises(JournalDamagedError):
                parse(bytes(changed), "a")


@given(st.permutations(range(4)), st.integers(min_value=0, max_value=3))
def test_lines_that_are_moved_doubled_or_missing_are_seen(order: list[int], missing: int) -> None:
    path = "many.journal"
    if os.path.exists(path):
        os.unlink(path)
    lines = written([{"n": number} for number in range(4)], path).splitlines(keepends=True)
    if order != sorted(order):
        with pytest.raises(JournalDamagedError):
            parse(b"".join(lines[number] for number in order), path)
    if missing < 3:
        with pytest.raises(JournalDamagedError):
            parse(b"".join(lines[:missing] + lines[missing + 1 :]), path)
    with pytest.raises(JournalDamagedError):
        parse(b"".join(lines[: missing + 1] + lines[missing:]), path)


def test_a_damaged_journal_is_left_as_it_is() -> None:
    data = bytearray(written())
    data[3] ^= 1
    Path("a.journal").write_bytes(data)
    with pytest.raises(JournalDamagedError, match="damaged in line 1"):
        Journal.open("a.journal")
    assert Path("a.journal").read_bytes() == bytes(data)


def test_a_journal_of_an_earlier_version_is_not_called_damaged() -> None:
    payload = b'{"t":"run","format":2}'
    data = b"%08x %s\n" % (crc32(payload), payload)
    with pytest.raises(ToeError, match="was written by another version of toe") as refusal:
        parse(data, "j")
    assert not isinstance(refusal.value, JournalDamagedError)
    with pytest.raises(JournalDamagedError):
        parse(data.replace(b"2", b"3"), "j")


def test_one_process_at_a_time_and_the_kernel_gives_the_lock_back() -> None:
    written()
    code = (
        "import sys, time; from toe.system.files.journal import Journal\n"
        "journal, _ = Journal.open('a.journal'); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    assert is_busy("a.journal")
    with pytest.raises(JournalBusyError):
        Journal.open("a.journal")
    assert read_records("a.journal") == RECORDS
    holder.kill()
    holder.communicate()
    assert not is_busy("a.journal")


def test_asking_whether_a_journal_is_in_use_holds_nobody_up() -> None:
    written()
    code = (
        "from toe.system.files.journal import is_busy; print('asking', flush=True)\n"
        "while True: is_busy('a.journal'); is_busy('new.journal')"
    )
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert asker.stdout is not None
        assert asker.stdout.readline() == b"asking\n"
        for _ in range(1000):
            Journal.open("a.journal")[0].close()
            Journal.create("new.journal").remove()
    finally:
        asker.kill()
        asker.communicate()


def test_a_journal_that_was_put_aside_before_it_was_locked_is_not_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    written()
    code = (
        "import os; from toe.system.files.journal import held\nwith held('a.journal'): os.rename('a.journal', 'aside')"
    )
    flock = fcntl.flock

    def late(descriptor: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        subprocess.run([sys.executable, "-c", code], check=True)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(ToeError, match="was removed or put aside just now"):
        Journal.open("a.journal")
    assert Path("aside").exists()


def test_a_journal_that_exists_is_not_made_anew() -> None:
    written()
    with pytest.raises(ToeError, match="File exists"):
        Journal.create("a.journal")


def test_texts_of_any_characters_survive() -> None:
    odd = {"text": "\ud800 \u2028 \0 \x1b", "number": 1.5, "list": [None, True]}
    written([odd])
    assert read_records("a.journal") == [json.loads(json.dumps(odd))]
