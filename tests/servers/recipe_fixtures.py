"""Recipes for tests: small components on the static base, built by the real engine with a store of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from toe.images.build import build_image
from toe.images.engines.commands import asked
from toe.images.model import Recipe
from toe.images.order import BuildOrder
from toe.images.plan import BuildPlan
from toe.images.preparing import Hooks, Prepared, plan_of, prepare
from toe.images.recipes.read import judged_recipes, recipe_to_build
from toe.images.results import BuildResult
from toe.images.walk import Telling
from toe.system.cancellation import Cancellation

Step = Mapping[str, object]
TEMPLATE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"


def one_recipe(path: str, resource: str = "") -> Recipe:
    """The recipe of a file that would be built. Raises ToeError as a build does."""
    return recipe_to_build(judged_recipes(path), path, resource)


def sh(name: str, script: str) -> Step:
    """A step that needs no bash."""
    return {"name": name, "action": "ExecuteBinary", "inputs": {"path": "sh", "arguments": ["-c", script]}}


def write_component(name: str, *parameters: str, **phases: Sequence[Step]) -> str:
    """A component `components/NAME/1.0.0`; `_` in the names of phases stands for `-`. Returns how a recipe names it."""
    folder = Path("components", name, "1.0.0")
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "schemaVersion": "1.0",
        "parameters": [{parameter: {"type": "string"}} for parameter in parameters],
        "phases": [{"name": phase.replace("_", "-"), "steps": [*steps]} for phase, steps in phases.items()],
    }
    (folder / "component.yml").write_text(json.dumps(document))
    return f"{name}/1.0.0"


def write_recipe(base: str, *components: str | Mapping[str, object], after: str = "", **more: object) -> str:
    """A container recipe of these components; those that are texts have no parameters."""
    used = [{"componentArn": one} if isinstance(one, str) else one for one in components]
    recipe = {
        "name": "web",
        "semanticVersion": "1.0.0",
        "containerType": "DOCKER",
        "parentImage": base,
        "components": used,
        "targetRepository": {"service": "ECR", "repositoryName": "web"},
        "dockerfileTemplateData": TEMPLATE + after,
        **more,
    }
    Path("recipe.json").write_text(json.dumps(recipe))
    return "recipe.json"


def build(recipe: str = "recipe.json", stop: Cancellation | None = None, **order: Any) -> BuildResult:
    """Build in this process; the store is the test's own. `stop` may ask for the end."""
    with prepared(recipe, stop, **order) as found:
        return build_image(found)


def plan(recipe: str = "recipe.json", now: float = 0.0, **order: Any) -> BuildPlan:
    """The plan of the same."""
    with prepared(recipe, **order) as found:
        return plan_of(found, now)


@contextmanager
def prepared(
    recipe: str,
    stop: Cancellation | None = None,
    report: Callable[[str], None] = lambda line: None,
    **order: Any,
) -> Iterator[Prepared]:
    """A build that can begin. `report` gets its lines for people."""
    cancellation = stop or Cancellation()
    try:
        wanted = BuildOrder(recipe, environment=dict(os.environ), **order)
        yield prepare(wanted, os.environ["TOE_STATE_DIRECTORY"], cancellation, Hooks(Telling(), report=report))
    finally:
        cancellation.close()


def wait_for_process(*argv: str) -> None:
    """Until a process with these arguments is there."""
    wanted = "".join(f"{word}\0" for word in argv).encode()
    while True:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if path.read_bytes() == wanted:
                    return
        Event().wait(0.05)


def fates(result: BuildResult) -> list[str]:
    """What became of each layer."""
    return [layer.outlook.fate.value for layer in result.layers]


@contextmanager
def files_of(image: str) -> Iterator[Path]:
    """The file system of an image, as long as the block lasts."""
    container = asked("buildah", "from", "--pull-never", image.removeprefix("sha256:"))
    try:
        yield Path(asked("buildah", "mount", container))
    finally:
        asked("buildah", "rm", container)


def configuration(image: str) -> dict[str, Any]:
    """The configuration of an image."""
    told = json.loads(asked("buildah", "inspect", "--type", "image", image.removeprefix("sha256:")))
    found: dict[str, Any] = told["OCIv1"]
    return found


def tags() -> list[str]:
    """The names of all images but the base and the cache's."""
    told = json.loads(asked("buildah", "images", "--json") or "[]") or []
    names = [name for image in told for name in image.get("names") or ()]
    return sorted(name for name in names if "/static:" not in name and "/toe-cache:" not in name)


@pytest.fixture
def no_names(container_storage: Path) -> Iterator[None]:
    """Names of images that a test gives are removed behind it: the engine's storage is shared."""
    yield
    for name in tags():
        asked("buildah", "rmi", name)
