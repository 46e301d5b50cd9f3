"""What a build takes from the cache, and why it does not."""

from __future__ import annotations

import pytest

from toe.images.key import Change, Key
from toe.images.plan import BELOW, DAY_SECONDS, Fate, Known, Layer, Outlook, Rules, key_on, plan_layers
from toe.images.records import LayerRecord

BASE, FIRST, SECOND = "sha256:base", "sha256:first", "sha256:second"
NOW = 1_000_000_000.0
RULES = Rules(NOW)
ONE = Layer("one", Key({"document": "d1", "toe": "1"}))
TWO = Layer("two", Key({"document": "d2", "toe": "1"}))


def record(layer: Layer, below: str, image: str, age: float = 0.0) -> LayerRecord:
    key = key_on(layer, below)
    return LayerRecord(key.digest, key.parts, "web", layer.name, image, below, NOW - age, 1.0, "b")


BOTH = (record(ONE, BASE, FIRST), record(TWO, FIRST, SECOND))


def planned(
    *layers: Layer,
    records: tuple[LayerRecord, ...] = BOTH,
    gone: tuple[str, ...] = (),
    rules: Rules = RULES,
    base: str = BASE,
) -> tuple[Outlook, ...]:
    known = Known(
        {one.key: one for one in records}.get,
        {one.step: one for one in records}.get,
        lambda image: image not in gone,
    )
    return plan_layers(layers or (ONE, TWO), base, known, rules)


def fates(found: tuple[Outlook, ...]) -> list[str]:
    return [one.fate.value for one in found]


def test_nothing_changed() -> None:
    found = planned()
    assert fates(found) == ["cached", "cached"]
    assert [one.image for one in found] == [FIRST, SECOND]


def test_at_first_all_is_built() -> None:
    assert [one.why for one in planned(records=())] == ["it was not built before"] * 2


def test_the_part_that_changed_is_named() -> None:
    changed = ONE._replace(key=Key({"document": "d9", "toe": "1"}))
    first, second = planned(changed, TWO)
    assert first.why == "document changed"
    assert first.changes == (Change("document", "d1", "d9"),)
    assert (second.fate, second.why) == (Fate.FOLLOWS, "what it is built on is made anew")


def test_behind_a_changed_one_a_change_of_its_own_is_named() -> None:
    newer = [layer._replace(key=Key({**layer.key.parts, "toe": "2"})) for layer in (ONE, TWO)]
    assert [one.why for one in planned(*newer)] == ["toe changed", "toe changed"]


def test_another_base_is_another_image_below() -> None:
    found = planned(base="sha256:newer")
    assert found[0].changes == (Change(BELOW, BASE, "sha256:newer"),)
    assert fates(found) == ["runs", "follows"]


def test_an_image_that_was_removed_is_made_again() -> None:
    assert [one.why for one in planned(gone=(SECOND,))] == ["", "its image is gone"]


def test_an_old_layer_is_made_again() -> None:
    old = (BOTH[0], record(TWO, FIRST, SECOND, age=8 * DAY_SECONDS))
    assert [one.why for one in planned(records=old)] == ["", "it is 8 days old, and the limit is 7 days"]
    assert fates(planned(records=old, rules=Rules(NOW, max_age_seconds=9 * DAY_SECONDS))) == ["cached", "cached"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(NOW, no_cache=True), ["--no-cache", "--no-cache"]),
        (Rules(NOW, refresh=("two",)), ["", "--refresh"]),
        (Rules(NOW, refresh=("one",)), ["--refresh", "what it is built on is made anew"]),
    ],
)
def test_what_the_user_asks_for_is_made(rules: Rules, expected: list[str]) -> None:
    assert [one.why for one in planned(rules=rules)] == expected


def test_what_differs_in_each_build_is_never_taken() -> None:
    layer = ONE._replace(key=ONE.key._replace(uncacheable=("{{ context:date }} is another one in each build",)))
    assert planned(layer)[0].why == "not cached: {{ context:date }} is another one in each build"


def test_a_record_that_is_gone_is_no_change() -> None:
    """The newest record of a layer is of the same key, but was made under another one's name: a damaged store."""
    damaged = (BOTH[0]._replace(key="0" * 64),)
    assert planned(ONE, records=damaged)[0].why == "its record is gone"
