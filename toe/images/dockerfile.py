"""The Dockerfile template of a container recipe, parted at its components. What stands in the parts, the engine reads.

Image Builder replaces three texts in it: `{{{ imagebuilder:parentImage }}}` by the base,
`{{{ imagebuilder:environments }}}` by what prepares its own run, `{{{ imagebuilder:components }}}` by that run. Here
the components are layers of their own; what stands before them is built first, and what follows is built on them.
"""

from __future__ import annotations

import re

from toe.records import NamedTuple

_PARENT, _ENVIRONMENTS, _COMPONENTS = (
    rf"\{{\{{\{{\s*imagebuilder:{name}\s*\}}\}}\}}" for name in ("parentImage", "environments", "components")
)
_FROM = re.compile(r"^[ \t]*FROM[ \t]", re.IGNORECASE | re.MULTILINE)
_STAGE_NAME = re.compile(r"[ \t]AS[ \t]+(\S+)[ \t]*$", re.IGNORECASE)
_ARGUMENT = re.compile(r"^[ \t]*ARG[ \t].*$", re.IGNORECASE | re.MULTILINE)


class Template(NamedTuple):
    """A template in two parts. `before` is all that stands before the components, `after` what follows them.

    `has_before`: there is something to build before the components; else they run on the base as it is.
    """

    before: str
    after: str
    has_before: bool

    @property
    def has_after(self) -> bool:
        """Whether there is something to build on the components."""
        return _says_something(self.after)

    def first(self, base: str) -> str:
        """The Dockerfile of what comes before the components."""
        return re.sub(_PARENT, lambda found: base, self.before)

    def rest(self, base: str, image: str) -> str:
        """The Dockerfile of what follows them: `image` takes the place of the stage in which they ran.

        Stages before it are there again, for what is copied from them; so are its arguments, which no image keeps.
        """
        first = self.first(base)
        starts = [found.start() for found in _FROM.finditer(first)]
        stage = first[starts[-1] :] if starts else ""
        line = stage.split("\n", 1)[0]
        name = _STAGE_NAME.search(line)
        head = first[: starts[-1]] if starts else first
        arguments = "".join(f"{found[0].strip()}\n" for found in _ARGUMENT.finditer(stage))
        return f"{head}FROM {image}{f' AS {name[1]}' if name else ''}\n{arguments}{self.after}"


def parted(template: str) -> Template:
    """The parts of a template. Without a place for the components they run on the base, before all else."""
    text = re.sub(_ENVIRONMENTS, "", template.replace("\r\n", "\n"))
    places = list(re.finditer(_COMPONENTS, text))
    if places:
        before, after = text[: places[0].start()], re.sub(_COMPONENTS, "", text[places[0].end() :])
    else:
        start = _FROM.search(text)
        end = text.find("\n", start.end()) if start else -1
        before, after = (text, "") if end < 0 else (text[: end + 1], text[end + 1 :])
    only_from = re.fullmatch(rf"FROM\s+{_PARENT}(?:\s+AS\s+\S+)?", _instructions(before), re.IGNORECASE)
    return Template(before, after, has_before=bool(_instructions(before)) and not only_from)


def _says_something(text: str) -> bool:
    return bool(_instructions(text))


def _instructions(text: str) -> str:
    """The lines that are neither empty nor comments."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def images_in(text: str) -> list[str]:
    """The images that a Dockerfile names, but for those of this build and its own stages."""
    stages = {
        found[1].lower() for found in re.finditer(r"^[ \t]*FROM[ \t].*[ \t]AS[ \t]+(\S+)[ \t]*$", text, re.I | re.M)
    }
    named = re.findall(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)", text, re.I | re.M)
    named += re.findall(r"--from=(\S+)", text, re.I)
    return [
        image
        for image in dict.fromkeys(named)
        if image not in ("BASE", "IMAGE", "scratch") and image.lower() not in stages and not image.isdecimal()
    ]
