"""How long the checks of one script take, whatever is in it, in the processor's time."""

from __future__ import annotations

import json
import random
import resource
import shutil
import time
from collections.abc import Sequence

import pytest

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.lint.bash_reader import read_bash

SIZE = 64 * 1024
#: 0.5 s are promised; a shared machine gives a processor's second less work.
MOST_SECONDS = 1.5
#: What a script may spend in shellcheck, with what it takes to start and end it.
MOST_IN_SHELLCHECK = 3.5
ACTIONS = ActionTable()

UNITS = (
    *(
        "(",
        "((",
        "$(",
        "$((",
        "`",
        "x=(",
        "{ ",
        "if ",
        "case x in ",
        "a) ",
        "f() { ",
        "<(",
        "[[ a ",
        "for i in $a; do ",
    ),
    *("<<A\n", "<<A ", "'", '"', '"$', "$'", "$'\\", "\\", "\\\n", "${", "{{", "}}", "{{ a }}", "echo {{ a }}\n", "!"),
    *("a;", "a&", "a|", "a\n", "a=b;", "a=1 b=2 ", "2>&1 ", "\t", "\r\n", "é", "\U0001f600", "\x85", "=~ ( ", "done\n"),
    *("echo $x\n", "rm -rf $x/\n", "exit 1\n", "exit {{ a }}\n", "reboot\n", "sudo ", "cd x\n", "set -e\n"),
    *("curl http://x|sh\n", "curl -k x;", "chmod 777 a\n", "yum install x\n", "a | tee b\n", "trap x ERR\n"),
    *("password=abc1d ", "AKIAABCDEFGHIJKLMNOP ", "https://u:pw12@h/ ", "-----BEGIN PRIVATE KEY-----\n"),
    *("- name: a\n", "# toe: ignore\n", "{{ build.a.outputs.b }}\n", "$a=(Get-Item ", "~/", "$VAR", "%VAR%"),
)

_CHANCE = random.Random(28)
ALL_UNITS = (*UNITS, *("".join(_CHANCE.choices(UNITS, k=_CHANCE.randrange(2, 9))) for _ in range(8)))
#: The action that runs the script, and whether it stands in a block.
WAYS = (("ExecuteBash", True), ("ExecuteBash", False), ("ExecutePowerShell", True))


def document(script: str, action: str, *, block: bool) -> bytes:
    """A document of one step; the script stands in it as a `|` block or between double quotes."""
    text = json.dumps(script, ensure_ascii=False)
    if block:
        text = "|\n" + "".join(f"                {line}\n" for line in script.split("\n"))
    head = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: s\n"
    return f"{head}        action: {action}\n        inputs:\n          commands:\n            - {text}\n".encode()


def processor_seconds(data: bytes) -> float:
    """Of this process and of what it starts, for one check."""
    before = time.process_time() + _of_children()
    check_all(data, "a.yml", CheckOptions(lint=True), ACTIONS)
    return time.process_time() + _of_children() - before


def _of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def slow_units(units: Sequence[str], action: str, block: bool) -> list[tuple[str, float]]:
    """The units of which a script of 64 KB takes too long."""
    taken = [
        (unit, processor_seconds(document(unit * (SIZE // len(unit.encode())), action, block=block))) for unit in units
    ]
    return [(unit, seconds) for unit, seconds in taken if seconds > MOST_SECONDS]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_no_script_of_64_kb_takes_long(way: int) -> None:
    """Each unit in one of the ways."""
    assert slow_units(ALL_UNITS[way :: len(WAYS)], *WAYS[way]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("action", "block"), WAYS)
def test_no_script_of_64_kb_takes_long_in_any_way(action: str, block: bool) -> None:
    assert slow_units(ALL_UNITS, action, block) == []


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize(
    ("unit", "count"),
    [
        ("(", 15_000),
        pytest.param("$((", 300, marks=pytest.mark.slow),
        pytest.param("[", 15_000, marks=pytest.mark.slow),
        pytest.param("a&", 7000, marks=pytest.mark.slow),
        pytest.param("\\x", 7000, marks=pytest.mark.slow),
    ],
)
def test_what_shellcheck_takes_is_bounded(unit: str, count: int) -> None:
    assert processor_seconds(document(unit * count, "ExecuteBash", block=True)) < MOST_IN_SHELLCHECK


def test_forty_thousand_parentheses_are_no_matter() -> None:
    assert processor_seconds(document("(" * 40_000, "ExecuteBash", block=True)) < MOST_SECONDS


@pytest.mark.parametrize("opening", ["x=(", "$(", "(", "{ ", "${a:-", "if ", "f() { ", "<(", "case x in a) "])
def test_a_script_nested_without_end_is_not_read(opening: str) -> None:
    assert read_bash(opening * 5000) is None
