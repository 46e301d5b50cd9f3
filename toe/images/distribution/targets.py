"""From a distribution configuration to targets: which places an image goes to, under which names. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from toe.errors import ToeError
from toe.images.distribution.model import FOLDER, ORAS, REGISTRY, S3, Parameter, Plan, Source, Target
from toe.images.distribution.naming import NEWEST, file_name, repository_name, tags_of
from toe.images.model import CONTAINER, UNKNOWN_PART, Resource
from toe.images.side_file import ARTIFACTS, FILE_NAME, SideFile

#: Formats of disks, by what files of them are called.
FORMATS = {"raw": "raw", "img": "raw", "qcow2": "qcow2", "vmdk": "vmdk", "vhd": "vhd", "vpc": "vhd"}
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_REGISTRY = re.compile(rf"[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?(?:/{_REPOSITORY.pattern})?")
_S3 = "s3://"
#: Fields of a distribution -> why nothing follows from them here.
_UNUSED = {
    "licenseConfigurationArns": "licenses are counted by AWS",
    "launchTemplateConfigurations": "launch templates are EC2's",
    "fastLaunchConfigurations": "fast launching is EC2's",
}
_PERMITTED = ("userIds", "userGroups", "organizationArns", "organizationalUnitArns")


def plan_of(source: Source, configuration: Resource, side: SideFile) -> Plan:
    """Where the image goes. Raises ToeError, with the place of the configuration, for what cannot be."""
    planner = _Planner(source, side)
    try:
        for distribution in configuration.fields.get("distributions") or ():
            planner.add(distribution)
    except ToeError as error:
        raise ToeError(f"{configuration.place}: {error.message}", hint=error.hint) from error
    if not planner.targets:
        what = "containerDistributionConfiguration" if source.kind == CONTAINER else "amiDistributionConfiguration"
        message = f"{configuration.place}: no distribution is for {source.described}, which is a {source.kind}"
        raise ToeError(message, hint=f"it needs one with a '{what}'")
    return Plan(merged(planner.targets), tuple(planner.parameters), tuple(planner.permissions), tuple(planner.remarks))


class _Planner:
    def __init__(self, source: Source, side: SideFile) -> None:
        self._source = source
        self._side = side
        self.targets: list[Target] = []
        self.parameters: list[Parameter] = []
        self.permissions: list[Mapping[str, Any]] = []
        self.remarks: list[str] = []

    def add(self, fields: Mapping[str, Any]) -> None:
        """One distribution of the configuration."""
        region = str(fields.get("region", UNKNOWN_PART))
        before = len(self.targets)
        if self._source.kind == CONTAINER:
            self._add_container(region, fields.get("containerDistributionConfiguration"))
        else:
            self._add_disk(region, fields.get("amiDistributionConfiguration"), fields.get("s3ExportConfiguration"))
        if len(self.targets) == before:
            self.remarks.append(f"{region}: nothing in this distribution is for a {self._source.kind}")
            return
        for field, why in _UNUSED.items():
            if fields.get(field):
                self.remarks.append(f"{region}: '{field}' has no meaning here: {why}")
        for one in fields.get("ssmParameterConfigurations") or ():
            self._add_parameter(region, one)

    def _add_container(self, region: str, wanted: Mapping[str, Any] | None) -> None:
        if wanted is None:
            return
        repository = str((wanted.get("targetRepository") or {}).get("repositoryName", ""))
        if not _REPOSITORY.fullmatch(repository):
            raise ToeError(
                f"'{repository}' is no name of a repository", hint="small letters, digits, '.', '_', '-', '/'"
            )
        registry = _found(self._side.registries, region)
        if registry is None:
            raise ToeError(f"no registry is known for the region '{region}'", hint=_hint("registries", region))
        tags = tags_of([str(tag) for tag in wanted.get("containerTags") or ()], self._source)
        self.targets.append(Target(REGISTRY, (region,), f"{registry.rstrip('/')}/{repository}", tags))

    def _add_disk(self, region: str, wanted: Mapping[str, Any] | None, export: Mapping[str, Any] | None) -> None:
        ami = wanted or {}
        name = file_name(str(ami.get("name", "")), self._source)
        accounts = [str(account) for account in ami.get("targetAccountIds") or ()]
        if export is not None:
            self._add_export(region, name, export)
        if wanted is not None:
            places = [_found(self._side.disks, region), *(self._side.disks.get(account) for account in accounts)]
            for place in filter(None, places):
                self._add_place(region, place, name, self._own_format())
            if not any(places) and export is None:
                raise ToeError(f"no place is known for disks in the region '{region}'", hint=_hint("disks", region))
            self._add_permissions(region, name, ami, accounts)
        for field in ("kmsKeyId", "amiTags"):
            if ami.get(field):
                self.remarks.append(f"{region}: '{field}' has no meaning here: there is no AMI")

    def _add_export(self, region: str, name: str, export: Mapping[str, Any]) -> None:
        kind = str(export.get("diskImageFormat", "RAW")).lower()
        prefix = str(export.get("s3Prefix", ""))
        self._add_place(region, f"{_S3}{export.get('s3Bucket', '')}/{prefix}", name, kind)

    def _add_place(self, region: str, place: str, name: str, kind: str) -> None:
        if place.startswith(ARTIFACTS):
            if not _REGISTRY.fullmatch(place.removeprefix(ARTIFACTS).rstrip("/")):
                raise ToeError(f"'{place}' is no place in a registry", hint="oci://registry.example.com/images")
            repository = f"{place.removeprefix(ARTIFACTS).rstrip('/')}/{repository_name(self._source.name)}"
            self.targets.append(Target(ORAS, (region,), repository, tags_of([name, NEWEST], self._source), kind))
        elif place.startswith(_S3):
            bucket, _, prefix = place.removeprefix(_S3).partition("/")
            key = "/".join(part for part in (prefix.strip("/"), f"{name}.{kind}") if part)
            self.targets.append(Target(S3, (region,), bucket, (key,), kind))
        else:
            self.targets.append(Target(FOLDER, (region,), place, (f"{name}.{kind}",), kind))

    def _own_format(self) -> str:
        return format_of(self._source.disk)

    def _add_permissions(self, region: str, name: str, ami: Mapping[str, Any], accounts: list[str]) -> None:
        launch = ami.get("launchPermission") or {}
        permitted = {field: [str(one) for one in launch[field]] for field in _PERMITTED if launch.get(field)}
        if accounts:
            permitted["targetAccountIds"] = accounts
        if permitted:
            self.permissions.append({"region": region, "name": name, **permitted})

    def _add_parameter(self, region: str, wanted: Mapping[str, Any]) -> None:
        name, kind = str(wanted.get("parameterName", "")), str(wanted.get("dataType", "text"))
        if kind != "text":
            self.remarks.append(f"{region}: the parameter '{name}' becomes a text: there is no AMI for '{kind}'")
        self.parameters.append(Parameter(name, region))


def format_of(disk: str) -> str:
    """The format of a disk by the name of its file. Raises ToeError for another ending."""
    ending = os.path.splitext(disk)[1].lower().removeprefix(".")
    if ending not in FORMATS:
        raise ToeError(f"'{disk}' is no disk: its name tells no format", hint=f"endings: .{', .'.join(FORMATS)}")
    return FORMATS[ending]


def merged(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Each place once: regions may share one. A repository gets the tags of all."""
    found: dict[tuple[str, ...], Target] = {}
    for target in targets:
        is_tagged = target.kind in (REGISTRY, ORAS)
        key = (target.kind, target.place) if is_tagged else (target.kind, target.place, *target.names)
        same = found.get(key)
        if same is not None:
            names = dict.fromkeys((*same.names, *target.names))
            regions = tuple(dict.fromkeys((*same.regions, *target.regions)))
            target = same._replace(names=tuple(sorted(names, key=lambda name: name == NEWEST)), regions=regions)
        found[key] = target
    return tuple(found.values())


def _found(places: Mapping[str, str], region: str) -> str | None:
    return places.get(region) or places.get(UNKNOWN_PART)


def _hint(field: str, region: str) -> str:
    where = {"registries": "registry.example.com/images", "disks": "/srv/images"}[field]
    key = "'*'" if region == UNKNOWN_PART else region
    return f"name it in {FILE_NAME}: {field}: {{{key}: {where}}}"
