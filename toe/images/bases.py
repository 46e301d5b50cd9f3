"""The images that a recipe is built on: its base, and those that its Dockerfile template takes files from."""

from __future__ import annotations

from toe.errors import ToeError
from toe.images.dockerfile import images_in
from toe.images.engines.base import MISSING, NEVER, NEWER, Engine
from toe.images.finding import Given, base_of
from toe.images.foreign import require_runnable, require_same
from toe.images.image_names import LOCAL
from toe.system.cancellation import Cancellation


def base_image(given: Given, engine: Engine, pull: str, cancellation: Cancellation) -> tuple[str, str, str]:
    """The base's name, its id and the platform of the build; it is fetched as `pull` says.

    What the template names besides is here then as well, unless `pull` is NEVER. Raises ToeError, and Interrupted.
    """
    wanted = given.order.platform
    if wanted:
        require_runnable(wanted, engine.platform())
    name = base_of(given)
    pull = MISSING if pull == NEWER and name.startswith(f"{LOCAL}/") else pull  # no registry has a newer one
    digest = engine.digest(name, pull=pull, platform=wanted, cancellation=cancellation)
    if wanted:
        require_same(name, engine.platform_of(digest), wanted)
    if pull != NEVER:
        _have_images(given, engine, cancellation)
    return name, digest, wanted or engine.platform()


def _have_images(given: Given, engine: Engine, cancellation: Cancellation) -> None:
    """Have those of the template here; they are fetched if the order says so. Names with variables are the engine's."""
    if given.template is None:
        return
    for image in images_in(given.template.rest("BASE", "IMAGE")):
        if "$" in image:
            continue
        try:
            engine.digest(image)
        except ToeError as error:
            what = f"{given.recipe.place}: the Dockerfile template takes from the image '{image}', which is not here"
            if image.startswith(f"{LOCAL}/"):
                raise ToeError(what, hint="make it first: no registry has it") from error
            if not given.order.fetches:
                raise ToeError(what, hint=f"--fetch fetches it, and so does: {engine.name} pull {image}") from error
            engine.digest(image, pull=MISSING, platform=given.order.platform, cancellation=cancellation)
