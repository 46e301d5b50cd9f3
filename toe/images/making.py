"""What a build asks of whatever makes its layers and keeps its images. The walk, cache and plan know no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from toe.images.plan import Layer
from toe.images.results import ComponentVerdict


class Keeper(Protocol):
    """Has images, which are named by content. `engines` are the names of those whose images are here."""

    @property
    def engines(self) -> tuple[str, ...]:
        """See above: buildah and podman have the same ones."""

    def image(self, name: str) -> str:
        """The image, by content, that has a name or is one itself; "" where there is none."""

    def remove(self, name: str) -> None:
        """Remove a name of an image, and what only that name kept; nothing happens where there is none."""

    def tag(self, image: str, name: str) -> None:
        """Give an image a name, which another one may have had."""


class Maker(Keeper, Protocol):
    """Makes layers on images, and tests images.

    Methods raise BuildError for what is the fault of the recipe, ToeError otherwise, and Interrupted when the build is
    stopped. Whatever they raise, nothing is left of what they began.
    """

    def make(self, layer: Layer, below: str, name: str, key: str) -> str:
        """Make a layer on an image and return the image with it, which is called `name` and says its `key`."""

    def results(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """What the steps came to that made the layer of this name, () where no component did."""

    def test(self, image: str) -> Sequence[ComponentVerdict]:
        """Run the tests of all components in something new that is made of the image, then those on this machine."""
