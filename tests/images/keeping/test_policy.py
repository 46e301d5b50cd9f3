"""Which images a lifecycle policy wants to go, and the files in which it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from built_images import DAY, image_id, record

from toe.errors import ToeError
from toe.images.keeping.catalog import Entry, entries
from toe.images.keeping.policy import AGE, COUNT, Policy, Rule, chosen_by
from toe.images.keeping.policy_file import read_policy

NOW = 100 * DAY
REQUEST = {
    "name": "tidy",
    "executionRole": "arn:aws:iam::123456789012:role/lifecycle",
    "resourceType": "CONTAINER_IMAGE",
    "policyDetails": [
        {
            "action": {"type": "DELETE", "includeResources": {"containers": True}},
            "filter": {"type": "AGE", "value": 2, "unit": "WEEKS", "retainAtLeast": 1},
            "exclusionRules": {"tagMap": {"keep": "yes"}, "amis": {"isPublic": True}},
        },
        {"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 3}},
    ],
    "resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "1.x.x"}]},
}


def images(*made: tuple[str, str, float]) -> list[Entry]:
    """Images by recipe, version and age in days."""
    return entries(
        [record(name, version, image_id(name + version), at=NOW - age * DAY) for name, version, age in made], {}
    )


def chosen(policy: Policy, there: list[Entry]) -> list[str]:
    return [one.entry.described for one in chosen_by(policy, there, NOW)]


def policy(*rules: Rule, **more: Any) -> Policy:
    whole = Policy("p", "CONTAINER_IMAGE", rules, (("web", "x.x.x"), ("db", "x.x.x")))
    return whole._replace(**more)


def test_count_leaves_the_newest_of_each_recipe() -> None:
    there = images(("web", "1.0.0/1", 3), ("web", "1.0.0/2", 2), ("web", "1.0.0/3", 1), ("db", "1.0.0/1", 9))
    assert chosen(policy(Rule(COUNT, most=1)), there) == ["web 1.0.0/2", "web 1.0.0/1"]
    assert chosen(policy(Rule(COUNT, most=5)), there) == []


def test_age_leaves_so_many_at_least() -> None:
    there = images(("web", "1.0.0/1", 30), ("web", "1.0.0/2", 20), ("web", "1.0.0/3", 1))
    rule = Rule(AGE, seconds=14 * DAY)
    assert chosen(policy(rule), there) == ["web 1.0.0/2", "web 1.0.0/1"]
    assert chosen(policy(rule._replace(retain_at_least=2)), there) == ["web 1.0.0/1"]
    assert chosen(policy(Rule(AGE, seconds=30 * DAY)), there) == []


def test_selection_is_by_recipe_version_kind_or_tag() -> None:
    there = images(("web", "1.0.0/1", 3), ("web", "2.0.0/1", 3), ("db", "1.0.0/1", 3))
    rule = Rule(AGE, seconds=DAY)
    assert chosen(policy(rule, recipes=(("web", "1.x.x"),)), there) == ["web 1.0.0/1"]
    assert chosen(policy(rule, resource_type="AMI_IMAGE"), there) == []
    assert chosen(policy(rule, is_enabled=False), there) == []
    tagged = entries([record("x", "1.0.0/1", image_id("x"), at=0, tags={"team": "a", "keep": "yes"})], {})
    by_tag = policy(rule, recipes=(), tags={"team": "a"})
    assert chosen(by_tag, [*there, *tagged]) == ["x 1.0.0/1"]
    assert chosen(by_tag._replace(rules=(rule._replace(excluded={"keep": "yes"}),)), tagged) == []
    assert chosen(by_tag._replace(rules=(rule._replace(excluded={"keep": "no"}),)), tagged) == ["x 1.0.0/1"]


def test_the_services_own_form_is_read_and_what_means_nothing_here_is_said(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(REQUEST, indent=1))
    found, told = read_policy(str(path))
    assert found == Policy(
        "tidy",
        "CONTAINER_IMAGE",
        (
            Rule(AGE, seconds=14 * DAY, retain_at_least=1, excluded={"keep": "yes"}),
            Rule(COUNT, most=3, with_image=False),
        ),
        (("web", "1.x.x"),),
    )
    assert [problem.message for problem in told] == [
        "'executionRole' has no meaning here: images go by the rights of whoever asks for it",
        "'isPublic' has no meaning here: there is no AMI here",
    ]


def test_a_template_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "template.yml"
    path.write_text(
        """
Parameters: {Days: {Type: Number, Default: 30}, Least: {Type: Number}}
Resources:
  Tidy:
    Type: AWS::ImageBuilder::LifecyclePolicy
    Properties:
      Name: tidy
      Status: DISABLED
      ExecutionRole: lifecycle
      ResourceType: AMI_IMAGE
      PolicyDetails:
        - Action: {Type: DELETE, IncludeResources: {Amis: true}}
          Filter: {Type: AGE, Value: !Ref Days, Unit: DAYS}
      ResourceSelection: {TagMap: {team: a}}
"""
    )
    found, _ = read_policy(str(path))
    assert found == Policy("tidy", "AMI_IMAGE", (Rule(AGE, seconds=30 * DAY),), (), {"team": "a"}, is_enabled=False)
    text = path.read_text().replace("Value: !Ref Days", "Value: !Ref Least")
    path.write_text(text)
    with pytest.raises(ToeError, match=r"template\.yml:4:3: the value of 'value' is not known here"):
        read_policy(str(path))
    assert read_policy(str(path), parameters={"Least": "2"})[0].rules == (Rule(AGE, seconds=2 * DAY),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filter": {"type": "AGE", "value": 2}}, "an age needs 'unit'"),
        ({"filter": {"type": "COUNT", "value": 2, "unit": "DAYS"}}, "'unit' belongs to an age, and this is a count"),
        ({"filter": {"type": "COUNT", "value": 0}}, "'value' is 0"),
        ({"filter": {"type": "SIZE", "value": 1}}, "'type' cannot be 'SIZE'"),
    ],
)
def test_a_policy_with_a_fault_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({**REQUEST, "policyDetails": [{"action": {"type": "DELETE"}, **change}]}))
    with pytest.raises(ToeError) as refused:
        read_policy(str(path))
    assert message in refused.value.problems[0].message
    assert refused.value.problems[0].line == 1


def test_a_file_without_a_policy_says_so(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps({"name": "here", "instanceProfileName": "x"}))
    with pytest.raises(ToeError, match="there is no lifecycle policy in this file"):
        read_policy(str(path))
