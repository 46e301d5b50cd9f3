"""A plan tells the names of secrets, and never what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.cli.main import command_line

DOCUMENT = """\
name: Doc
schemaVersion: 1.0
parameters:
  - Pin: {type: string, default: '73'}
  - Key: {type: stringList, default: 'k3y-one,k3y-two'}
  - DbPassword: {type: string, default: '91'}
phases:
  - name: build
    steps:
      - name: Use
        action: ExecuteBash
        if: {stringEquals: '73', value: '{{ Pin }}'}
        inputs:
          commands:
            - use '{{ Pin }}' '{{ Key }}' '{{ DbPassword }}' '{{ env:MY_TOKEN }}' https://me:hunter2@example.com/
      - name: Loop
        action: ExecuteBash
        loop: {forEach: ['{{ Key }}']}
        inputs:
          commands:
            - use '{{ loop.value }}'
      - name: Again
        action: ExecuteBash
        inputs:
          commands:
            - again {{ build.Loop.inputs[0].commands }}
      - name: Call
        action: ExecuteDocument
        inputs:
          document: inner.yml
          parameters:
            - {name: Given, value: 'x{{ Pin }}'}
            - {name: Mode, value: '{{ DbPassword }}'}
      - name: Hidden
        action: ExecuteBash
        disableLogging: true
        if: {stringEquals: not-to-be-told, value: not-to-be-told}
        inputs:
          commands:
            - curl not-to-be-told
"""
INNER = """\
name: Inner
schemaVersion: 1.0
parameters:
  - Given: {type: string}
  - Mode: {type: string, default: '', allowedValues: ['', 'a', '91']}
phases:
  - name: build
    steps:
      - name: Inside
        action: CreateFolder
        inputs:
          - path: '/x/{{ Given }}/{{ Mode }}'
"""
SECRETS = ("73'", "73", "k3y-one", "k3y-two", "91", "t0ken-value", "hunter2", "not-to-be-told")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("inner", [INNER, INNER.replace("'91'", "'b'")], ids=["planned", "refused"])
def test_no_secret_is_told(
    form: str, inner: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "t0ken-value")
    Path("doc.yml").write_text(DOCUMENT.replace("stringEquals: '73'", "patternMatches: '^[0-9]+$'"))
    Path("inner.yml").write_text(inner)
    code = command_line(["plan", "doc.yml", "--mask", "Pin,Key,MY_TOKEN", "--format", form])
    out, err = capfd.readouterr()
    assert code == 0, err
    assert [secret for secret in SECRETS if secret in out + err] == []
    for name in ("{{ Pin }}", "{{ Key }}", "{{ DbPassword }}", "{{ env:MY_TOKEN }}", "/x/{{ Given }}/{{ Mode }}"):
        assert (name in out) or (name == "/x/{{ Given }}/{{ Mode }}" and inner is not INNER)
    assert "true" in out


CONDITION = """\
name: Doc
schemaVersion: 1.0
parameters:
  - Pin: {type: string, default: '[x'}
phases:
  - name: build
    steps:
      - name: Bad
        action: ExecuteDocument
        if: {patternMatches: '{{ Pin }}', value: a}
        inputs:
          document: '{{ Pin }}.yml'
      - name: Missing
        action: ExecuteDocument
        inputs:
          document: '{{ Pin }}.yml'
"""


def test_no_error_quotes_a_secret(capfd: pytest.CaptureFixture[str]) -> None:
    Path("doc.yml").write_text(CONDITION)
    assert command_line(["plan", "doc.yml", "--mask", "Pin"]) == 0
    out, _ = capfd.readouterr()
    assert "[x" not in out
    assert "it cannot be evaluated" in " ".join(out.split())
    Path("[x.yml").write_text(INNER.replace("type: string}", "type: string, default: d}"))
    assert command_line(["plan", "doc.yml", "--mask", "Pin"]) == 0
    out, _ = capfd.readouterr()
    assert "[x" not in out
    assert "Document {{ Pin }}.yml (Inner)" in out
