"""The record of an image: from what it was built, by what, when, and with which results. It holds no secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from toe.check.lint.secret_patterns import is_secret_name
from toe.images.key import digest_of
from toe.images.order import Found, Part
from toe.images.records import ImageRecord
from toe.images.results import ComponentVerdict, LayerResult
from toe.secrets.masker import MASK
from toe.version import __version__


def image_record(
    found: Found,
    build: str,
    image: str,
    layers: Iterable[LayerResult],
    verdicts: Iterable[ComponentVerdict],
    times: tuple[float, float],
    logs: str,
) -> ImageRecord:
    """The record of a build that has come to its end; `times` are its begin and end, in seconds since the epoch."""
    recipe = found.recipe
    by_name = {layer.outlook.name: layer for layer in layers}
    return ImageRecord(
        build=build,
        image=image,
        tags=list(found.tags),
        recipe={
            "kind": recipe.kind,
            "name": recipe.name,
            "version": str(found.version),
            "file": recipe.place.file,
            "digest": found.recipe_digest,
            "parentImage": recipe.parent_image,
            "description": recipe.description,
            "tags": {**recipe.tags, **found.order.image_tags},
        },
        base={"name": found.base, "digest": found.base_digest},
        components=[_component(part, by_name.get(part.name)) for part in found.parts],
        tests=[{**verdict._asdict(), "results": [*verdict.results]} for verdict in verdicts],
        toe={"version": __version__, "capsule": found.toe},
        engine=_engine(found),
        platform=found.platform,
        started_at=times[0],
        ended_at=times[1],
        logs=logs,
    )


def _engine(found: Found) -> Mapping[str, str]:
    """What built it; `format` is that of a disk and `bootable` how it starts by itself: absent where there is none."""
    order = found.order
    told = {"format": order.disk_format, "bootable": order.bootable}
    return {
        "name": found.engine.split(" ")[0],
        "identity": found.engine,
        **{key: value for key, value in told.items() if value},
    }


def _component(part: Part, layer: LayerResult | None) -> Mapping[str, Any]:
    component = part.component
    return {
        "name": component.name,
        "version": component.version,
        "build": component.build,
        "reference": component.path,
        "digest": digest_of(component.text),
        "parameters": {name: _shown(name, values) for name, values in component.parameters.items()},
        "key": layer.outlook.key if layer else "",
        "image": layer.image if layer else "",
        "cached": layer is not None and layer.outlook.is_given,
        "seconds": round(layer.seconds, 3) if layer else 0.0,
        "results": list(layer.results) if layer else [],
    }


def _shown(name: str, values: tuple[str, ...]) -> list[str]:
    return [MASK] if is_secret_name(name) else list(values)
