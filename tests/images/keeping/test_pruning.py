"""What a prune removes, and what needs what: by records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from built_images import DAY, image_id, layer, record

from toe.images.engines.stock import Stocked
from toe.images.keeping.catalog import entries
from toe.images.keeping.needs import Uses
from toe.images.keeping.policy import COUNT, Chosen, Rule
from toe.images.keeping.pruning import Pruning, There, old_logs, plan_prune
from toe.images.records import ImageRecord, LayerRecord

NOW = 100 * DAY
WEEK = 7 * DAY
A, B, C, BASE = (image_id(name) for name in ("a", "b", "c", "base"))


def there(
    records: Sequence[ImageRecord],
    layers: Sequence[LayerRecord] = (),
    *,
    gone: Sequence[str] = (),
    used: Sequence[str] = (),
    pipelines: Mapping[str, str] | None = None,
) -> There:
    ids = ({one.image for one in records} | {one.image for one in layers}) - {*gone}
    stocks = {"buildah": {image: Stocked(image, (), 1) for image in ids}}
    return There(
        entries(records, stocks),
        layers,
        stocks,
        Uses({"buildah": dict.fromkeys(used, "a container uses it")}, pipelines or {}),
    )


def pruned(all_of: There, *chosen: str) -> Pruning:
    rule = Rule(COUNT, most=1)
    wanted = [Chosen(entry, rule) for entry in all_of.entries if entry.name in chosen]
    return plan_prune(all_of, wanted, WEEK, NOW)


def names(plan: Pruning) -> tuple[list[str], list[tuple[str, str]]]:
    return [one.entry.name for one in plan.images], [(one.entry.name, one.why) for one in plan.staying]


def test_an_image_that_another_one_is_built_on_stays_with_it_and_goes_behind_it() -> None:
    all_of = there([record("a", "1.0.0/1", A, at=1), record("b", "1.0.0/1", B, at=2, base=A)])
    assert names(pruned(all_of, "a")) == ([], [("a", "b 1.0.0/1 is built on it")])
    assert names(pruned(all_of, "a", "b")) == (["b", "a"], [])


def test_an_image_that_a_container_or_a_pipeline_has_stays_and_so_does_what_it_is_built_on() -> None:
    records = [record("a", "1.0.0/1", A, at=1), record("b", "1.0.0/1", B, at=2, base=A)]
    used = pruned(there(records, used=[B]), "a", "b")
    assert names(used) == ([], [("b", "a container uses it"), ("a", "b 1.0.0/1 is built on it")])
    newest = pruned(there(records, pipelines={"nightly": A}), "a")
    assert names(newest) == ([], [("a", "it is the newest of the pipeline 'nightly'")])


def test_layers_go_when_they_are_old_and_no_image_is_made_of_them() -> None:
    old, young = NOW - 8 * DAY, NOW - DAY
    first = layer("first", A, BASE, at=old)
    second = layer("second", B, A, at=old)
    unused = layer("unused", C, BASE, at=old)
    fresh = layer("fresh", image_id("d"), BASE, at=young)
    plan = pruned(there([record("web", "1.0.0/1", B)], [first, second, unused, fresh]))
    assert [one.step for one in plan.layers] == ["unused"]
    plan = pruned(there([record("web", "1.0.0/1", B)], [first, second, unused, fresh]), "web")
    assert [one.step for one in plan.layers] == ["first", "second", "unused"]


def test_an_old_layer_below_a_young_one_stays() -> None:
    old = layer("first", A, BASE, at=0)
    young = layer("second", B, A, at=NOW - DAY)
    assert pruned(there([], [old, young])).layers == ()


def test_an_image_that_a_layer_of_another_recipe_is_built_on_stays() -> None:
    young = layer("Step", B, A, at=NOW, recipe="app")
    plan = pruned(there([record("a", "1.0.0/1", A)], [young]), "a")
    assert names(plan) == ([], [("a", "a cached layer of app is built on it: Step")])


def test_an_image_whose_layer_stays_in_the_cache_may_lose_its_names() -> None:
    own, next_one = layer("first", A, BASE, at=NOW), layer("second", B, A, at=NOW)
    plan = pruned(there([record("web", "1.0.0/1", A)], [own, next_one]), "web")
    assert names(plan) == (["web"], [])
    assert plan.layers == ()


def test_records_of_images_that_are_gone_go_and_their_layers_too() -> None:
    lost = layer("first", A, BASE, at=NOW)
    plan = pruned(there([record("web", "1.0.0/1", A), record("db", "1.0.0/1", B)], [lost], gone=[A]))
    assert [(one.entry.name, one.why, one.with_image) for one in plan.images] == [("web", "its image is gone", False)]
    assert plan.layers == (lost,)


def test_what_an_engine_has_that_is_not_here_is_left_alone() -> None:
    all_of = there([record("web", "1.0.0/1", A)], [layer("first", A, BASE)])
    elsewhere = all_of._replace(entries=entries([record("web", "1.0.0/1", A)], {}), stocks={})
    assert pruned(elsewhere) == Pruning((), (), ())


def test_logs_of_builds_that_gave_no_image_go_when_they_are_old() -> None:
    builds = [("kept", 0.0), ("old", 0.0), ("young", NOW)]
    assert old_logs(builds, {"kept"}, WEEK, NOW) == ["old"]
