"""The statement of an image: in-toto's, with SLSA's predicate of provenance. Pure.

https://in-toto.io/Statement/v1 and https://slsa.dev/spec/v1.0/provenance. It says what the record of the image says
(toe.images.records), so it holds no secret either.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from toe.images.records import ImageRecord
from toe.records import NamedTuple

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
#: Who built, and how: names of ours, which have to be URIs.
BUILDER = "pkg:pypi/toe-executor"
BUILD_TYPE = "pkg:pypi/toe-executor#image-build-v1"


class Subject(NamedTuple):
    """Something that the statement is about: a name, and a digest `sha256:...`."""

    name: str
    digest: str


def subjects_of(record: ImageRecord) -> list[Subject]:
    """The image as the engine has it: by the digest of its configuration."""
    return [Subject(record.tags[0] if record.tags else record.build, record.image)]


def statement_of(record: ImageRecord, subjects: Iterable[Subject]) -> dict[str, Any]:
    """The statement of an image; `subjects` are the places where it is."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": one.name, "digest": _digest(one.digest)} for one in subjects],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate_of(record),
    }


def predicate_of(record: ImageRecord) -> dict[str, Any]:
    """What SLSA asks for: what was to be built, from what, by whom, when, and what else came of it."""
    recipe, base = record.recipe, record.base
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "recipe": {key: recipe.get(key, "") for key in ("kind", "name", "version", "file", "parentImage")},
                "components": [
                    {key: one.get(key) for key in ("name", "version", "build", "parameters")}
                    for one in record.components
                ],
            },
            "internalParameters": {"platform": record.platform, "engine": dict(record.engine)},
            "resolvedDependencies": [
                _resource("base", base.get("name", ""), base.get("digest", "")),
                _resource("recipe", str(recipe.get("file", "")), str(recipe.get("digest", ""))),
                *(
                    _resource(f"component {one.get('name', '')}", one.get("reference", ""), one.get("digest", ""))
                    for one in record.components
                ),
            ],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"toe": record.toe.get("version", ""), **_capsule(record)}},
            "metadata": {
                "invocationId": record.build,
                "startedOn": _time(record.started_at),
                "finishedOn": _time(record.ended_at),
            },
            "byproducts": [*map(_layer, record.components), *map(_test, record.tests)],
        },
    }


def payload_of(statement: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: the same for the same statement."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _capsule(record: ImageRecord) -> dict[str, str]:
    return {"capsule": record.toe["capsule"]} if record.toe.get("capsule") else {}


def _resource(name: str, uri: str, digest: str) -> dict[str, Any]:
    return {"name": name, "uri": uri, "digest": _digest(digest)}


def _layer(component: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: component.get(key) for key in ("key", "cached", "seconds")} | _results(component)
    return {
        "name": f"layer {component.get('name', '')}",
        "digest": _digest(component.get("image", "")),
        "annotations": told,
    }


def _test(verdict: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: verdict.get(key) for key in ("phase", "status", "steps")} | _results(verdict)
    return {"name": f"test {verdict.get('component', '')}", "annotations": told}


def _results(told: Mapping[str, Any]) -> dict[str, Any]:
    """What each step came to; nothing for a record of a time that did not keep it, as its statement has it."""
    return {"results": [*told["results"]]} if told.get("results") else {}


def _digest(text: str) -> dict[str, str]:
    """`sha256:...` as in-toto writes digests; empty for what has none."""
    return {"sha256": text.removeprefix("sha256:")} if text else {}


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
