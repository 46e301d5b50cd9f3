"""Where a place of a text is, read off its lines: also where that is no YAML."""

from __future__ import annotations

import pytest

from toe.language_server.line_reader import LineReader, Spot

STEPS = ("phases", "[]", "steps")
STEP = (*STEPS, "[]")
INPUTS = (*STEP, "inputs")


def spot(text: str) -> Spot:
    """That of the mark `§`."""
    before = text[: text.index("§")].split("\n")
    return LineReader(text.replace("§", "").split("\n")).spot(len(before), len(before[-1]) + 1)


HEAD = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
STEP_TEXT = HEAD + "      - name: A\n        action: ExecuteBash\n"


@pytest.mark.parametrize(
    ("text", "path", "key", "word"),
    [
        ("§", (), "", ""),
        ("sche§", (), "", "sche"),
        ("phases:\n  - na§", ("phases", "[]"), "", "na"),
        ("phases:\n- name: bu§", ("phases", "[]"), "name", "bu"),
        (STEP_TEXT + "        on§", STEP, "", "on"),
        (STEP_TEXT + "        onFailure: Ab§", STEP, "onFailure", "Ab"),
        (STEP_TEXT + "        onFailure: §\n      - name: B", STEP, "onFailure", ""),
        (STEP_TEXT + "        inputs:\n          §", INPUTS, "", ""),
        (STEP_TEXT + "        inputs:\n          - co§", (*INPUTS, "[]"), "", "co"),
        (STEP_TEXT + "        inputs:\n        - path: x\n          co§", (*INPUTS, "[]"), "", "co"),
        (STEP_TEXT + "      - §", STEP, "", ""),
        (STEP_TEXT + "      §", STEPS, "", ""),
        (STEP_TEXT + "  - na§", ("phases", "[]"), "", "na"),
        (STEP_TEXT + "        inputs: {\n          [ x: 'unclosed\n        if: §", STEP, "if", ""),
        (STEP_TEXT + '        "if":\n          stringEquals: a\n          §', (*STEP, "if"), "", ""),
        ("\tname: x\nphases: # §", (), "phases", "# "),
    ],
)
def test_the_path_is_read_off_the_indentation(text: str, path: tuple[str, ...], key: str, word: str) -> None:
    found = spot(text)
    assert (found.path, found.key, found.word) == (path, key, word)
    assert not found.text


def test_the_step_around_is_known_above_and_below() -> None:
    found = spot(
        HEAD + "      - name: A\n        inputs:\n          §\n        action: 'CopyFile' # c\n      - name: B\n"
    )
    assert found.value("action") == "CopyFile"
    assert {key: token.value for key, token in found.step.items()} == {"name": "A", "inputs": "", "action": "CopyFile"}
    assert found.phase["name"].value == "build"
    assert spot("phases:\n  - §name: x").step == {}


def test_siblings_are_those_of_the_same_mapping() -> None:
    text = HEAD + "      - name: A\n        §\n        action: X\n      - name: B\n        loop: {}\n"
    assert set(spot(text).siblings) == {"name", "action"}


@pytest.mark.parametrize("style", ["|", ">-", "|2+ # c", "&a |"])
def test_a_block_scalar_is_text(style: str) -> None:
    text = STEP_TEXT + f"        inputs:\n          commands:\n            - {style}\n"
    text += "              name: §x\n\n              b: c\n"
    found = spot(text)
    assert found.text
    assert found.path[: len(INPUTS)] == INPUTS
    assert found.value("action") == "ExecuteBash"
    assert not spot(text.replace("§", "") + "        onFailure: §").text
