"""The plan of a build for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from toe.images.key import Change
from toe.images.plan import BuildPlan, Fate, Outlook
from toe.words import counted

_SHORT = 12


def build_plan_text(plan: BuildPlan, now: float) -> str:
    """What will run and what is cached, a line each, with the parts of keys that changed. `now`: since the epoch."""
    return "\n".join(_lines(plan, now)) + "\n"


def build_plan_json(plan: BuildPlan) -> str:
    """The same for machines."""
    layers = [
        {
            "name": one.name,
            "fate": one.fate.value,
            "why": one.why,
            "key": one.key or None,
            "image": one.image or None,
            "changes": [change._asdict() for change in one.changes],
        }
        for one in plan.layers
    ]
    data = {
        "recipe": plan.recipe,
        "version": plan.version,
        "file": plan.file,
        "base": {"name": plan.base, "digest": plan.base_digest},
        "platform": plan.platform,
        "engine": plan.engine,
        "layers": layers,
        "tests": plan.tests,
        "hostTests": plan.host_tests,
        "tags": plan.tags,
    }
    return json.dumps(data, indent=4) + "\n"


def outlook_line(one: Outlook, now: float) -> str:
    """One layer in one line."""
    told = f"{short(one.image)}, {_age(now - one.made_at)} old" if one.is_given else one.why
    return f"{one.fate.value:<8} {one.name}: {told}"


def short(digest: str) -> str:
    """The beginning of a digest, as engines show it."""
    return digest.removeprefix("sha256:")[:_SHORT]


def _lines(plan: BuildPlan, now: float) -> Iterator[str]:
    yield f"What a build of {plan.recipe} {plan.version} ({plan.file}) would do; nothing was built."
    yield ""
    yield f"base     {plan.base}: {short(plan.base_digest)}, {plan.platform}, {plan.engine}"
    for one in plan.layers:
        yield outlook_line(one, now)
        for change in one.changes:
            yield f"           {_told(change)}"
    for word, names in (("tests", plan.tests), ("on host", plan.host_tests)):
        if names:
            yield f"{word:<8} {', '.join(names)}"
    for tag in plan.tags:
        yield f"name     {tag}"
    yield ""
    count = {fate: sum(one.fate is fate for one in plan.layers) for fate in Fate}
    told = [f"{count[Fate.CACHED]} cached", f"{count[Fate.RUNS]} to run"]
    if count[Fate.REGISTRY]:
        told.insert(1, f"{count[Fate.REGISTRY]} from the registry")
    if count[Fate.FOLLOWS]:
        told.append(f"{count[Fate.FOLLOWS]} to run unless what is below comes out as it was")
    yield f"{counted(len(plan.layers), 'layer')}: {', '.join(told)}"


def _told(change: Change) -> str:
    if change.before is None:
        return f"{change.part}: new, {_value(change.after)}"
    if change.after is None:
        return f"{change.part}: was {_value(change.before)}, is gone"
    return f"{change.part}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: str | None) -> str:
    """A value in short; of digests the beginning tells them apart."""
    text = value or ""
    for prefix in ("sha256:", "pbkdf2:"):
        if text.startswith(prefix):
            return short(text.removeprefix(prefix)) if prefix == "sha256:" else "a secret"
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _age(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return counted(max(0, int(seconds)), "second")
