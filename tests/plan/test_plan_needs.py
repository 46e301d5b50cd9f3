"""What a plan says that steps need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Planned = Callable[..., list[dict[str, Any]]]


def bash(command: str) -> str:
    return f"- name: One\n  action: ExecuteBash\n  inputs:\n    commands:\n      - |-\n        {command}\n"


@pytest.mark.parametrize(
    ("command", "root", "network", "reboot"),
    [
        ("echo curl", None, None, None),
        ("curl -fsS https://example.com", None, "curl", None),
        ("sudo systemctl restart x", "systemctl", None, None),
        ("apt-get install -y jq", "apt-get", "apt-get", None),
        ("git status", None, None, None),
        ("git clone https://example.com/x", None, "git", None),
        ("test -f /x || exit 194", None, None, "'exit 194'"),
        ("shutdown -r now", None, None, "shutdown"),
        ("wget '{{ env:ADDRESS_NOT_SET }}'", None, "wget", None),
    ],
)
def test_a_script_is_read_for_what_it_may_need(
    plan: Planned, command: str, root: str | None, network: str | None, reboot: str | None
) -> None:
    (step,) = plan(bash(command))
    for need, why in (("root", root), ("network", network), ("reboot", reboot)):
        assert step["needs"][need] == (None if why is None else {"certain": False, "why": why})


def test_actions_need_what_they_need(plan: Planned) -> None:
    steps = plan(
        "- name: U\n  action: UpdateOS\n"
        "- name: R\n  action: Reboot\n"
        "- name: W\n  action: WebDownload\n  inputs:\n    - source: https://example.com/{{ env:NAME_NOT_SET }}\n"
        "      destination: /tmp/x\n"
        "- name: S\n  action: S3Upload\n  inputs:\n    - source: /tmp/x\n      destination: s3://bucket/x\n"
        "- name: O\n  action: CreateFile\n  inputs:\n    - path: /tmp/x\n      owner: root\n"
    )
    update, reboot, web, s3, owner = (step["needs"] for step in steps)
    assert update["root"]["certain"]
    assert update["network"]["certain"]
    assert update["platforms"] == ["linux", "windows"]
    assert reboot["reboot"]["certain"]
    assert not reboot["root"]["certain"]
    assert web["network"] == {"certain": True, "why": "https://example.com/{{ env:NAME_NOT_SET }}"}
    assert s3["network"] == {"certain": True, "why": "s3://bucket/x"}
    assert owner["root"] == {"certain": False, "why": "giving files to others"}
    assert owner["platforms"] == ["linux", "darwin"]


def test_settings_that_matter_are_told(plan: Planned) -> None:
    (step,) = plan(bash("echo") + "  timeoutSeconds: 5\n  maxAttempts: 3\n  onFailure: Ignore\n")
    assert (step["timeoutSeconds"], step["maxAttempts"], step["onFailure"]) == (5, 3, "Ignore")


def test_a_script_that_is_too_long_to_be_read_is_planned_all_the_same(plan: Planned) -> None:
    (step,) = plan(bash("curl " + "x " * 60_000))
    assert step["needs"]["network"] is None
    assert step["outlook"] == "runs"
