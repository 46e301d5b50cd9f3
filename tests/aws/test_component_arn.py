from __future__ import annotations

import pytest

from toe.aws.component_arn import ComponentArn, parse_component_arn

BASE = "arn:aws:imagebuilder:eu-west-1:aws:component/hello"


def parsed(text: str) -> ComponentArn:
    arn = parse_component_arn(text)
    assert arn is not None
    return arn


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}/1.0.0/1",
        f"{BASE}/1.0.0",
        f"{BASE}/1.0.x",
        f"{BASE}/1.x.x",
        f"{BASE}/x.x.x",
        "arn:aws-cn:imagebuilder:cn-north-1:123456789012:component/my_part-2/2024.1.31/12",
        "arn:aws:imagebuilder:us-east-1:third-party:component/x/1.0.0",
        "arn:aws:imagebuilder:us-east-1:aws-marketplace:component/x/1.0.0",
    ],
)
def test_an_arn_is_read_and_written(text: str) -> None:
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3://bucket/key",
        f"{BASE}",
        f"{BASE}/1.0",
        f"{BASE}/latest",
        f"{BASE}/x.0.0",
        f"{BASE}/1.x.0",
        f"{BASE}/1.x.x/1",
        f"{BASE}/1.0.0/x",
        f"{BASE}/1.0.0/1/2",
        f"{BASE}/1.0.0\n",
        f"{BASE}/1.0.{'9' * 5000}",
        "arn:aws:imagebuilder:eu-west-1:123:component/hello/1.0.0",
        "arn:aws:imagebuilder:eu-west-1:aws:image/hello/1.0.0",
        "arn:aws:s3:::bucket/key",
        "arn:aws:imagebuilder:eu west:aws:component/hello/1.0.0",
    ],
)
def test_anything_else_is_no_component(text: str) -> None:
    assert parse_component_arn(text) is None


def test_versions_and_builds_are_ordered_as_numbers() -> None:
    arns = [f"{BASE}/1.10.0/2", f"{BASE}/1.9.9/30", f"{BASE}/1.10.0/10", f"{BASE}/1.10.0", f"{BASE}/0.99.0/1"]
    ordered = sorted(arns, key=lambda text: parsed(text).order)
    assert ordered == [arns[4], arns[1], arns[3], arns[0], arns[2]]


@pytest.mark.parametrize(
    ("pattern", "version", "expected"),
    [("x.x.x", "3.2.1", True), ("1.x.x", "1.9.0", True), ("1.x.x", "10.0.0", False), ("1.2.x", "1.2.0/4", True),
     ("1.2.3", "1.2.3/4", True), ("1.2.3/5", "1.2.3/4", False)],
)  # fmt: skip
def test_a_version_stands_for_those_that_match(pattern: str, version: str, expected: bool) -> None:
    assert parsed(f"{BASE}/{pattern}").matches(parsed(f"{BASE}/{version}")) is expected


def test_a_version_stands_for_no_other_component() -> None:
    assert not parsed(f"{BASE}/x.x.x").matches(parsed(f"{BASE}-2/1.0.0"))
    assert not parsed(f"{BASE}/x.x.x").matches(parsed(f"{BASE}/1.0.0")._replace(account="123456789012"))
