"""What a distribution configuration means for an image, without sending anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from distribution_fixtures import containers_to, record_of, write_configuration
from forked_toe import toe_says

from toe.errors import ToeError
from toe.images.distribution.configuration import read_configuration
from toe.images.distribution.model import FOLDER, S3, Plan, Source, Target, source_of
from toe.images.distribution.naming import build_date, file_name, filled, tags_of
from toe.images.distribution.targets import plan_of
from toe.images.model import IMAGE
from toe.images.side_reader import side_file_of
from toe.images.store import store_in

WEB = source_of(record_of("sha256:" + "a" * 64))
DISK = Source("b1", "golden", "2.1.0/7", IMAGE, 1795953600.0, disk="/images/golden.qcow2")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))


def built() -> None:
    """An image of an engine that is not here."""
    store_in("state").put_image(record_of("sha256:" + "a" * 64, engine={"name": ""}))


def planned(source: Source, *distributions: object, **side: object) -> Plan:
    file = write_configuration(*distributions, **side)
    return plan_of(source, read_configuration(file), side_file_of(file))


def test_variables_in_names() -> None:
    assert filled("a-{{imagebuilder:buildVersion}}-{{ imagebuilder:buildDate }}", WEB) == "a-2-2026-11-29T12-00-00.250Z"
    assert build_date(0.9999) == "1970-01-01T00-00-00.999Z"
    with pytest.raises(ToeError, match=r"unknown variable 'imagebuilder:builddate' .did you mean 'buildDate'"):
        filled("{{ imagebuilder:builddate }}", WEB)


def test_tags_and_names_of_files() -> None:
    assert tags_of([], WEB) == ("1.0.0-2", "latest")
    assert tags_of(["latest", "b", "b"], WEB) == ("b", "latest")
    with pytest.raises(ToeError, match="'a b' is no tag"):
        tags_of(["a b"], WEB)
    assert file_name("", DISK) == "golden-2.1.0-7"
    assert file_name("Golden: {{ imagebuilder:buildVersion }}/../x", DISK) == "Golden-7-..-x"


def test_regions_that_share_a_registry_are_one_target() -> None:
    plan = planned(
        WEB,
        containers_to("eu-west-1", "a", "latest"),
        containers_to("us-east-1", "b"),
        registries={"*": "r.example.com"},
    )
    (target,) = plan.targets
    assert (target.place, target.names) == ("r.example.com/team/web", ("a", "b", "latest"))
    assert target.regions == ("eu-west-1", "us-east-1")


def test_disks_go_to_folders_accounts_and_exports() -> None:
    ami = {
        "name": "golden {{ imagebuilder:buildVersion }}",
        "targetAccountIds": ["123456789012"],
        "launchPermission": {"userIds": ["111122223333"], "userGroups": ["all"]},
        "kmsKeyId": "k",
    }
    export = {"roleName": "vmimport", "diskImageFormat": "VMDK", "s3Bucket": "exports", "s3Prefix": "disks/"}
    plan = planned(
        DISK,
        {"region": "eu-west-1", "amiDistributionConfiguration": ami, "s3ExportConfiguration": export},
        disks={"eu-west-1": "out", "123456789012": "s3://theirs/in"},
    )
    region = ("eu-west-1",)
    assert plan.targets == (
        Target(S3, region, "exports", ("disks/golden-7.vmdk",), "vmdk"),
        Target(FOLDER, region, "out", ("golden-7.qcow2",), "qcow2"),
        Target(S3, region, "theirs", ("in/golden-7.qcow2",), "qcow2"),
    )
    assert plan.permissions == (
        {
            "region": "eu-west-1",
            "name": "golden-7",
            "userIds": ["111122223333"],
            "userGroups": ["all"],
            "targetAccountIds": ["123456789012"],
        },
    )
    assert plan.remarks == ("eu-west-1: 'kmsKeyId' has no meaning here: there is no AMI",)


@pytest.mark.parametrize(
    ("source", "distribution", "side", "message"),
    [
        (WEB, containers_to("eu-west-1"), {}, "no registry is known for the region 'eu-west-1'"),
        (WEB, containers_to("eu-west-1", repository="UPPER"), {"registries": {"*": "r"}}, "'UPPER' is no name of a"),
        (WEB, containers_to("eu-west-1", "a b"), {"registries": {"*": "r"}}, "'a b' is no tag of an image"),
        (WEB, {"region": "eu-west-1", "amiDistributionConfiguration": {}}, {}, "no distribution is for web 1.0.0/2"),
        (DISK, {"region": "eu-west-1", "amiDistributionConfiguration": {}}, {}, "no place is known for disks in"),
    ],
    ids=["registry", "repository", "tag", "kind", "place"],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(
    source: Source, distribution: object, side: dict[str, object], message: str
) -> None:
    with pytest.raises(ToeError, match=f"distribution.json:1:1: {message}"):
        planned(source, distribution, **side)


def test_a_template_names_its_configuration() -> None:
    Path("t.yml").write_text(
        """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Everywhere:
    Type: AWS::ImageBuilder::DistributionConfiguration
    Properties:
      Name: everywhere
      Distributions:
        - Region: !Ref AWS::Region
          ContainerDistributionConfiguration:
            ContainerTags: [!Sub "x", latest]
            TargetRepository: {Service: ECR, RepositoryName: web}
"""
    )
    plan = plan_of(WEB, read_configuration("t.yml"), side_file_of("t.yml")._replace(registries={"*": "r.example.com"}))
    assert [target.described for target in plan.targets] == ["r.example.com/web: x, latest"]
    with pytest.raises(ToeError, match=r"no distribution configuration 'Everywher' .did you mean 'Everywhere'"):
        read_configuration("t.yml", resource="Everywher")


def test_a_plan_for_people() -> None:
    built()
    file = write_configuration(
        {**containers_to("eu-west-1"), "ssmParameterConfigurations": [{"parameterName": "/web"}]},
        registries={"*": "registry.example.com"},
    )
    done = toe_says("distribute", "web", file, "--plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "web 1.0.0/2, a container, goes to\n"
        "  registry.example.com/team/web: 1.0.0-2, latest\n"
        "parameter /web in eu-west-1 gets its address\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("web",), "'toe distribute' takes an image and a file"),
        (("wep", "distribution.json"), "there is no image 'wep'"),
        (("web", "none.json"), "none.json"),
        (("toe-images.yml", "distribution.json"), "'toe-images.yml' is no disk: its name tells no format"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], message: str) -> None:
    built()
    write_configuration(containers_to("eu-west-1"), registries={"*": "registry.example.com"})
    done = toe_says("distribute", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_fault_of_the_file_has_its_place() -> None:
    built()
    file = write_configuration({"regio": "eu-west-1"}, registries={"*": "registry.example.com"})
    done = toe_says("distribute", "web", file)
    assert done.returncode == 2
    assert "distribution.json:5:4: error[TOE701]: unknown field 'regio'" in done.stderr
