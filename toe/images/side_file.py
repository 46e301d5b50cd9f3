"""`toe-images.yml`: what a recipe cannot say and a build needs: files of components, local images, engine, cache.

It stands beside the recipe, or where `--images-file` says. Paths in it are relative to its own folder.

    components:
      arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x: components/update-linux.yml
      nginx/1.0.0: nginx.yml
    images:
      amazonlinux:latest: localhost/amazonlinux:2
    engine: buildah
    isolation: oci
    cache: {max_age: 7d}
    registries: {eu-west-1: registry.example.com/eu}
    disks: {eu-west-1: /srv/images, 123456789012: "s3://bucket/images", us-east-1: "oci://registry.example.com/disks"}
    scan: {fail_on_severity: HIGH}
    notices: [{sns: "arn:aws:sns:eu-west-1:123456789012:images"}, {command: [./tell]}]
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from toe.document.suggest import did_you_mean
from toe.errors import ToeError
from toe.images.model import Place
from toe.images.names import covers_image
from toe.images.recipes.marks import SIDE_FILE_NAME
from toe.records import NamedTuple

FILE_NAME = SIDE_FILE_NAME
ENGINES = ("buildah", "podman", "docker")
ISOLATIONS = ("oci", "rootless", "chroot")
FIELDS = ("components", "images", "engine", "isolation", "cache", "registries", "disks", "notices", "scan")
#: Of vulnerabilities, in rising order.
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
#: How a registry begins that gets disks, as ORAS and Helm write it.
ARTIFACTS = "oci://"
#: Kinds of notices.
SNS, WEBHOOK, COMMAND = "sns", "webhook", "command"


class Named(NamedTuple):
    """A path or a name that the file gives, and where."""

    value: str
    place: Place


class Notice(NamedTuple):
    """Somebody who is told when an image is available or has failed.

    `words` is the ARN of a topic, the address of a webhook, or a command with its arguments. A webhook's secret stands
    in `secret_file`, or in the variable `secret_variable`.
    """

    kind: str
    words: tuple[str, ...]
    secret_file: str = ""
    secret_variable: str = ""

    @property
    def described(self) -> str:
        """Who it is, for messages."""
        return self.words[0]


class SideFile(NamedTuple):
    """What the file says; all is empty where there is no file.

    `components`: ARN, `name/version` or name -> path, absolute or relative to the working directory. `images`: what a
    recipe says -> the local image. Keys may hold `*` for any characters. `max_age_seconds` None: it is not said.
    `registries`: region, account or `*` -> registry. `disks`: the same -> a folder, absolute or relative to the working
    directory, `s3://bucket/prefix` or `oci://registry/path`. `notices`: who is told of images.
    `fail_on_severity`: one of SEVERITIES, from which on a vulnerability keeps an image from its places.
    """

    path: str = ""
    components: Mapping[str, Named] = MappingProxyType({})
    images: Mapping[str, Named] = MappingProxyType({})
    engine: str = ""
    isolation: str = ""
    max_age_seconds: float | None = None
    registries: Mapping[str, str] = MappingProxyType({})
    disks: Mapping[str, str] = MappingProxyType({})
    notices: tuple[Notice, ...] = ()
    fail_on_severity: str = ""

    def local_image(self, base: str) -> Named | None:
        """The local image for the base of a recipe: the very name first, then what covers it, in the file's order."""
        if base in self.images:
            return self.images[base]
        return next((named for key, named in self.images.items() if covers_image(key, base)), None)


def severity_named(word: str) -> str:
    """One of SEVERITIES as the command line names it, "" for "". Raises ToeError for another word."""
    if word and word.upper() not in SEVERITIES:
        hint = f"one of {', '.join(SEVERITIES)}"
        raise ToeError(f"--fail-on-severity cannot be '{word}'{did_you_mean(word.upper(), SEVERITIES)}", hint=hint)
    return word.upper()
