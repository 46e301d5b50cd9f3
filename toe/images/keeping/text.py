"""Images as text for people and as data for JSON: the list, one image, what a prune removes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from toe.images.engines.stock import Stocked
from toe.images.keeping.catalog import Entry
from toe.images.keeping.pruning import Pruning
from toe.images.records import LayerRecord
from toe.words import counted

_SHORT = 12
_DISKS_HEAD = ("LAYER OF", "STEP", "DISK", "SIZE", "MADE", "ON")
_HEAD = ("NAME", "VERSION", "IMAGE", "FORMAT", "SIZE", "MADE", "FROM")


def list_text(there: Sequence[Entry]) -> str:
    """The table of `toe images`."""
    return _table([_HEAD, *(_row(entry) for entry in there)])


def disks_text(disks: Iterable[tuple[LayerRecord, Stocked]]) -> str:
    """The table of the layers of machine images; "" for none."""
    rows = [
        (one.recipe, one.step, short_id(one.image), size_text(stocked.size), _time(one.made_at), short_id(one.below))
        for one, stocked in disks
    ]
    return _table([_DISKS_HEAD, *rows]) if rows else ""


def disk_json(layer: LayerRecord, stocked: Stocked) -> dict[str, Any]:
    """What is known of a layer of machine images; `size` is what it takes by itself, in bytes."""
    told = {"recipe": layer.recipe, "step": layer.step, "key": layer.key, "image": layer.image, "below": layer.below}
    return {**told, "size": stocked.size, "madeAt": _time(layer.made_at), "files": list(stocked.names)}


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


def _row(entry: Entry) -> tuple[str, ...]:
    base = entry.newest.base.get("name", "")
    return (
        entry.name,
        entry.version,
        short_id(entry.image),
        entry.format,
        _size(entry),
        _time(entry.made_at),
        base,
    )


def _size(entry: Entry) -> str:
    if entry.stocked is None:
        return "gone" if entry.is_known else "?"
    return size_text(entry.stocked.size)


def size_text(size: int | None) -> str:
    """`1.99 MB`, as engines write sizes."""
    if size is None:
        return "?"
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"


def short_id(image: str) -> str:
    """The beginning of an image's id, which engines take for it."""
    return image.removeprefix("sha256:")[:_SHORT]


def entry_json(entry: Entry) -> dict[str, Any]:
    """What is known of an image."""
    return {
        "name": entry.name,
        "version": entry.version,
        "image": entry.image,
        "format": entry.format,
        "size": entry.stocked.size if entry.stocked else None,
        "isThere": entry.stocked is not None if entry.is_known else None,
        "madeAt": _time(entry.made_at),
        "names": list(entry.names()),
        "from": dict(entry.newest.base),
        "engine": entry.engine,
        "platform": entry.newest.platform,
        "tags": dict(entry.resource_tags),
        "builds": [record.build for record in entry.records],
    }


def shown_json(entry: Entry) -> dict[str, Any]:
    """The same with the whole record of the last build."""
    return {**entry_json(entry), "record": entry.newest._asdict()}


def shown_text(entry: Entry) -> str:
    """One image, with its components and tests."""
    record = entry.newest
    lines = [
        entry.described,
        f"  image:      {entry.image}",
        f"  names:      {', '.join(entry.names()) or 'none'}",
        f"  format:     {entry.format}, {_size(entry)}, {record.platform}",
        f"  made:       {_time(entry.made_at)} by {record.engine.get('identity', '')}, "
        f"toe {record.toe.get('version', '')}",
        f"  from:       {record.base.get('name', '')} ({short_id(record.base.get('digest', ''))})",
        f"  recipe:     {record.recipe.get('file', '')} ({_digits(record.recipe.get('digest', ''))})",
    ]
    for key, value in entry.resource_tags.items():
        lines.append(f"  tag:        {key}={value}")
    for component in record.components:
        how = "from the cache" if component.get("cached") else f"{component.get('seconds', 0):.1f} s"
        version = f"{component.get('version', '')}/{component.get('build', '')}"
        lines.append(f"  component:  {component.get('name', '')} {version} ({how})")
    for test in record.tests:
        steps = counted(int(test.get("steps", 0)), "step")
        lines.append(f"  test:       {test.get('component', '')}: {test.get('status', '')}, {steps}")
    lines.append(f"  build:      {record.build}, logs: {record.logs}")
    return "\n".join(lines) + "\n"


def prune_lines(pruning: Pruning, *, is_dry: bool) -> Iterable[str]:
    """What goes or would go, and what stays, line by line."""
    verb = "would remove" if is_dry else "removed"
    for leaving in pruning.images:
        what = "" if leaving.with_image else " (its record alone)"
        yield f"{verb} {leaving.entry.described} {short_id(leaving.entry.image)}{what}: {leaving.why}"
    for layer in pruning.layers:
        yield f"{verb} the layer {layer.step} of {layer.recipe}, of {_time(layer.made_at)}"
    if pruning.logs:
        yield f"{verb} the logs of {counted(len(pruning.logs), 'build')} without an image"
    for disk in pruning.disks:
        yield f"{verb} {disk.what}, {size_text(disk.size)}"
    for staying in pruning.staying:
        yield f"kept {staying.entry.described} {short_id(staying.entry.image)}: {staying.why}"


def prune_json(pruning: Pruning, refused: Sequence[str], *, is_dry: bool) -> dict[str, Any]:
    """The same as data."""
    return {
        "dryRun": is_dry,
        "images": [{**entry_json(one.entry), "why": one.why, "withImage": one.with_image} for one in pruning.images],
        "kept": [{**entry_json(one.entry), "why": one.why} for one in pruning.staying],
        "layers": [
            {"recipe": one.recipe, "step": one.step, "key": one.key, "image": one.image, "madeAt": _time(one.made_at)}
            for one in pruning.layers
        ],
        "disks": [{"files": [str(path) for path in one.paths], "size": one.size} for one in pruning.disks],
        "logs": list(pruning.logs),
        "refused": list(refused),
    }


def _digits(digest: str) -> str:
    return digest.partition(":")[2][:_SHORT]


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
