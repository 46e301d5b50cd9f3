"""The grammar of expressions (reference, section 3): a text as literals and references. It resolves nothing.

A reference never spans lines. Braces do not occur in one, so the innermost pair of double braces is what counts:
`{{ {{ Name }} }}` holds one reference, and text in double braces that is not of the grammar is literal text.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from toe.records import NamedTuple

PathSegment: TypeAlias = "str | int"


class NameRef(NamedTuple):
    """`{{ Name }}`: a parameter or constant. `raw` is the whole `{{ ... }}`, `offset` its place in the text."""

    raw: str
    offset: int
    name: str


class StepRef(NamedTuple):
    """`{{ phase.step.outputs[0].field }}`. `side` is "inputs" or "outputs"; `index` None stands for the first entry.

    `path` leads from the entry to the value: keys, and positions in lists.
    """

    raw: str
    offset: int
    phase: str
    step: str
    side: str
    index: int | None  # type: ignore[assignment]  # AWSTOE's word; nobody looks for an item of a reference
    path: tuple[PathSegment, ...]


class LoopRef(NamedTuple):
    """`{{ loop.index }}`, `{{ Name.value }}`: `loop_name` is "loop" or a loop's own, `field` "index" or "value"."""

    raw: str
    offset: int
    loop_name: str
    field: str


class SsmRef(NamedTuple):
    """`{{ aws:ssm:/path }}`, `{{ aws:ssm:Name }}`: `path` is the parameter's name, its leading slash included."""

    raw: str
    offset: int
    path: str


class SsmResolveRef(NamedTuple):
    """`{{ aws:ssm:resolve(Name) }}`: the value of parameter or constant `name` is the path."""

    raw: str
    offset: int
    name: str


class SsmIndirectRef(NamedTuple):
    """`{{ aws:ssm:resolve(aws:ssm:/path) }}`: the value at `path` is the name of the parameter that is meant."""

    raw: str
    offset: int
    path: str


class EnvRef(NamedTuple):
    """`{{ env:NAME }}`; the name is everything after the colon."""

    raw: str
    offset: int
    name: str


class ImdsRef(NamedTuple):
    """`{{ aws:imds:path }}`, below `meta-data/`."""

    raw: str
    offset: int
    path: str


class ContextRef(NamedTuple):
    """`{{ context:key }}`, whether or not there is such a key."""

    raw: str
    offset: int
    key: str


class ForeignTemplate(NamedTuple):
    """Text in double braces that is no reference, such as `{{ .Names }}`."""

    raw: str
    offset: int


SsmReference: TypeAlias = SsmRef | SsmResolveRef | SsmIndirectRef
Reference: TypeAlias = NameRef | StepRef | LoopRef | SsmReference | EnvRef | ImdsRef | ContextRef
Part: TypeAlias = str | Reference
Match: TypeAlias = "re.Match[str]"

# Every quantifier is followed by a character outside of its class: a match, or none, in linear time. The patterns are
# texts, compiled (and kept, by `re`) when a document has expressions: compiling costs more than all else here.
_NAME = r"[A-Za-z0-9_-]+"
# What SSM allows in the name of a parameter, with a version or label behind a colon, or an ARN.
_SSM_NAME = r"[A-Za-z0-9_.-][A-Za-z0-9_.:/-]*"
_PAIR = r"\{\{([^{}\r\n]*)\}\}"
_FIELDS = rf"\.({_NAME})|\[([0-9]+)\]"


def _step_ref(raw: str, offset: int, found: Match) -> StepRef:
    phase, step, side, index, rest = found.groups()
    path = tuple(key if key else _index(position) for key, position in re.findall(_FIELDS, rest))
    return StepRef(raw, offset, phase, step, side, None if index is None else _index(index), path)


def _index(digits: str) -> int:
    """Digits as a number; a list never has more than 10**18 items, and Python refuses to read thousands of digits."""
    return int(digits) if len(digits) <= 18 else 10**18


# The commonest first.
_FORMS: tuple[tuple[str, Callable[[str, int, Match], Reference]], ...] = (
    (_NAME, lambda raw, offset, found: NameRef(raw, offset, found[0])),
    (rf"({_NAME})\.({_NAME})\.(inputs|outputs)(?:\[([0-9]+)\])?((?:\.{_NAME}(?:\[[0-9]+\])*)+)", _step_ref),
    (rf"({_NAME})\.(index|value)", lambda raw, offset, found: LoopRef(raw, offset, found[1], found[2])),
    (r"env:(.+)", lambda raw, offset, found: EnvRef(raw, offset, found[1])),
    (rf"context:({_NAME})", lambda raw, offset, found: ContextRef(raw, offset, found[1])),
    (rf"aws:ssm:(/\S+|{_SSM_NAME})", lambda raw, offset, found: SsmRef(raw, offset, found[1])),
    (rf"aws:ssm:resolve\(\s*({_NAME})\s*\)", lambda raw, offset, found: SsmResolveRef(raw, offset, found[1])),
    (
        rf"aws:ssm:resolve\(\s*aws:ssm:(/[^\s()]+|{_SSM_NAME})\s*\)",
        lambda raw, offset, found: SsmIndirectRef(raw, offset, found[1]),
    ),
    (r"aws:imds:(\S+)", lambda raw, offset, found: ImdsRef(raw, offset, found[1])),
)


def parse_template(text: str) -> tuple[Part, ...]:
    """The literals and references that `text` is made of, in order; put together again they are the text.

    Any text is accepted: what is not of the grammar is literal.
    """
    if "{{" not in text:
        return (text,)
    parts: list[Part] = []
    end = 0
    for reference in references(text):
        if reference.offset > end:
            parts.append(text[end : reference.offset])
        parts.append(reference)
        end = reference.offset + len(reference.raw)
    if end < len(text) or not parts:
        parts.append(text[end:])
    return tuple(parts)


def references(text: str) -> Iterator[Reference]:
    """The references in `text`, from left to right."""
    if "{{" not in text:
        return
    for pair in re.finditer(_PAIR, text):
        reference = _reference(pair[0], pair.start(), pair[1].strip())
        if reference is not None:
            yield reference


def _reference(raw: str, offset: int, inside: str) -> Reference | None:
    for pattern, build in _FORMS:
        found = re.fullmatch(pattern, inside)
        if found is not None:
            return build(raw, offset, found)
    return None


def whole_reference(text: str) -> Reference | None:
    """The reference that `text` consists of, None when there is anything else in it."""
    if not text.startswith("{{"):
        return None
    pair = re.fullmatch(_PAIR, text)
    return None if pair is None else _reference(text, 0, pair[1].strip())


def foreign_templates(text: str) -> tuple[ForeignTemplate, ...]:
    """Text in double braces that stays as it is because it is not of the grammar, innermost pairs, within a line."""
    if "{{" not in text:
        return ()
    found: list[ForeignTemplate] = []
    offset = 0
    for part in parse_template(text):
        if isinstance(part, str):
            found += _foreign_in(part, offset)
            offset += len(part)
        else:
            offset += len(part.raw)
    return tuple(found)


def _foreign_in(literal: str, offset: int) -> Iterator[ForeignTemplate]:
    for line in literal.splitlines(keepends=True):
        seen = 0
        while (end := line.find("}}", seen)) >= 0:
            start = line.rfind("{{", seen, end)
            if start >= 0:
                yield ForeignTemplate(line[start : end + 2], offset + start)
            seen = end + 2
        offset += len(line)
