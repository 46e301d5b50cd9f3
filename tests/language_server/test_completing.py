"""Completion, in documents that are whole and in documents that are being typed."""

from __future__ import annotations

import pytest
from typed import offered

HEAD = """\
schemaVersion: 1.0
parameters:
  - Version: {type: string, default: '1', description: Which one}
constants:
  - Folder: {type: string, value: /opt}
phases:
  - name: build
    steps:
      - name: Fetch
        action: ExecuteBash
        inputs: {commands: [echo 😀]}
      - name: Sizes
        action: WebDownload
        loop: {name: Each, forEach: [a, b]}
        inputs:
          - {source: https://a/b, destination: /b}
  - name: test
    steps:
      - name: Look
        action: CopyFile
"""
STEP = HEAD + "        loop:\n          name: Own\n          forEach: [a]\n        inputs:\n"
ENTRY = STEP + "          - source: "


@pytest.mark.parametrize(
    ("marked", "some", "none"),
    [
        ("§\nphases: []\n", {"schemaVersion", "parameters", "name"}, {"phases", "steps"}),
        ("phases:\n  - §", {"name", "steps"}, {"action", "- name"}),
        ("phases:\n  §", {"name"}, {"phases"}),
        (HEAD + "        §", {"inputs", "onFailure", "loop", "if", "timeoutSeconds"}, {"name", "action", "steps"}),
        (HEAD + "        onFailure: §", {"Abort", "Continue", "Ignore"}, {"name"}),
        (HEAD + "        disableLogging: §", {"true", "false"}, {"Abort"}),
        (HEAD + "        action: §", {"CopyFile", "ExecuteBash", "UpdateOS"}, {"name"}),
        (STEP + "          - §", {"source", "destination", "overwrite"}, {"commands"}),
        (ENTRY + "/a\n            §", {"destination"}, {"source"}),
        (HEAD + "        loop:\n          §", {"name", "for", "forEach"}, {"start"}),
        (HEAD + "        loop:\n          for:\n            §", {"start", "end", "updateBy"}, {"for"}),
        (HEAD + "        if:\n          §", {"stringEquals", "fileExists", "and"}, {"name"}),
        (HEAD + "        if:\n          not:\n            §", {"stringEquals", "fileExists"}, {"name"}),
        (HEAD + "        if:\n          and:\n            - §", {"stringEquals", "fileExists"}, {"name"}),
        ("phases: []\nparameters:\n  - Name:\n      §", {"type", "default"}, {"value"}),
        ("phases: []\nparameters:\n  - Name:\n      type: §", {"string", "stringList"}, {"boolean"}),
        ("phases:\n  - name: §", {"build", "validate", "test"}, {"steps"}),
    ],
)
def test_keys_and_words(marked: str, some: set[str], none: set[str]) -> None:
    labels = set(offered(marked))
    assert some <= labels
    assert not none & labels


@pytest.mark.parametrize(
    ("marked", "label", "line"),
    [
        (HEAD + "        onF§", "onFailure", "onFailure: "),
        (HEAD + "        inp§", "inputs", "inputs:"),
        (HEAD + "        onFailure: Ab§", "Abort", "onFailure: Abort"),
        ("phases:\n  §", "name", "- name: "),
        (ENTRY + "/a\n            over§", "overwrite", "overwrite: "),
        (HEAD.replace("CopyFile", "Copy§"), "CopyFolder", "action: CopyFolder"),
        (ENTRY + "'😀 {{ Ver§'", "Version", "- source: '😀 {{ Version }}'"),
        (ENTRY + "'{{ Ver§ }}'", "Version", "- source: '{{ Version }}'"),
        (ENTRY + '"{{ build.Fetch.outputs.st§ }}"', "stdout", '- source: "{{ build.Fetch.outputs.stdout }}"'),
        (ENTRY + "{{§", "build", "- source: {{build"),
    ],
)
def test_what_is_written(marked: str, label: str, line: str) -> None:
    assert offered(marked)[label].rstrip() == line.rstrip()


@pytest.mark.parametrize(
    ("written", "some", "none"),
    [
        ("", {"Version", "Folder", "loop", "Own", "build", "context:", "env:", "aws:ssm:"}, {"test", "Each"}),
        ("build.", {"Fetch", "Sizes"}, {"Look"}),
        ("build.Fetch.", {"outputs", "inputs"}, {"Fetch"}),
        ("build.Fetch.outputs.", {"stdout"}, {"commands"}),
        ("build.Fetch.inputs.", {"commands"}, {"stdout"}),
        ("build.Sizes.inputs[0].", {"source", "destination"}, {"stdout"}),
        ("loop.", {"index", "value"}, set()),
        ("Own.", {"index", "value"}, set()),
        ("context:", {"date", "step"}, {"Version"}),
        ("aws:ssm:resolve(", {"Version"}, {"build"}),
        ("test.", set(), {"Look"}),
        ("env:", set(), {"Version"}),
        ("nobody.Fetch.outputs.", set(), {"stdout"}),
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_expressions(written: str, some: set[str], none: set[str], broken: bool) -> None:
    """Also where quotes are not closed yet, and where another line is wrong: then the last good version counts."""
    whole = ENTRY + "'{{ x }}'\n            destination: /d\n"
    marked = ENTRY + f"'{{{{ {written}§\n            destination: /d\n"
    if broken:
        marked += "  - [\n"
    labels = set(offered(marked, whole if broken else ""))
    assert some <= labels
    assert not none & labels


def test_a_script_has_expressions_and_no_keys() -> None:
    step = "      - name: S\n        action: ExecuteBash\n        inputs:\n          commands:\n            - |\n"
    assert offered(HEAD + step + "              na§\n") == {}
    assert "Version" in offered(HEAD + step + "              echo {{ §\n")


def test_a_text_that_never_was_yaml_has_keys() -> None:
    assert "action" in offered("phases:\n  - name: 'build\n    steps:\n      - §\n  - }\n")
    assert offered("phases:\n  - name: 'build\n    steps:\n      - name: {{ §\n  - }\n") == {}


def test_a_long_text_is_not_read_for_each_letter() -> None:
    whole = ENTRY + "'x'\n" + "# long\n" * 20_000
    assert "Version" in offered(whole.replace("'x'", "{{ §"), whole)
