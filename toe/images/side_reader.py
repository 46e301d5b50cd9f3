"""Reads `toe-images.yml` (toe.images.side_file): what is right of it, and what is wrong with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from toe import codes
from toe.check.findings import Findings
from toe.document.loader import parse_yaml
from toe.document.source import read_document
from toe.document.suggest import did_you_mean
from toe.errors import Problem, ToeError, first_of
from toe.images.model import Place
from toe.images.names import is_reference_like
from toe.images.side_file import (
    ARTIFACTS,
    COMMAND,
    ENGINES,
    FIELDS,
    FILE_NAME,
    ISOLATIONS,
    SEVERITIES,
    SNS,
    WEBHOOK,
    Named,
    Notice,
    SideFile,
)
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar
from toe.nodes import Sequence as SequenceNode

_NOTICE_FIELDS = (SNS, WEBHOOK, COMMAND, "secret_file", "secret_env")
_TOPIC = re.compile(r"arn:[^:]+:sns:[^:]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
#: Without TLS a notice stays on this machine.
_WEB = re.compile(r"https://\S+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?(?:/\S*)?")
_CACHE_FIELDS = ("max_age",)
_SCAN_FIELDS = ("fail_on_severity",)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_REGION_OR_ACCOUNT = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+|[0-9]{12}|\*")
#: A hundred years: what is longer is a slip.
_LONGEST_SECONDS = 100 * 366 * 86400


def side_file_of(recipe: str, named: str = "") -> SideFile:
    """The file that `--images-file` names, else that beside a recipe; an empty one where there is none.

    Raises ToeError with the problems of the file, and where a named one cannot be read.
    """
    path = named or os.path.join(os.path.dirname(recipe), FILE_NAME)
    if not named and not os.path.lexists(path):
        return SideFile()
    side, problems = read_side_file(read_document(path), path)
    if problems:
        raise ToeError(first_of(problems), hint=problems[0].hint, problems=tuple(problems))
    return side


def read_side_file(data: bytes, path: str) -> tuple[SideFile, list[Problem]]:
    """The file in `data` as far as it is right, and what is wrong with it."""
    root, problems = parse_yaml(data, path)
    findings = Findings(path, data)
    if root is None:
        is_empty = all(problem.code == codes.EMPTY for problem in problems)
        return SideFile(path), [] if is_empty else problems
    reader = _Reader(path, findings)
    side = reader.read(root)
    return side, sorted([*problems, *findings.problems], key=lambda problem: (problem.line, problem.column))


class _Reader:
    """Reads the fields of one file. A fault is a finding, and its field is left out."""

    def __init__(self, path: str, findings: Findings) -> None:
        self._path = path
        self._findings = findings

    def read(self, root: Node) -> SideFile:
        fields = self._fields(root, FIELDS, "the file")
        return SideFile(
            path=self._path,
            components=dict(self._components(fields.get("components"))),
            images={
                key.text: self._named(value, value.text) for key, value in self._texts(fields.get("images"), "images")
            },
            engine=self._word(fields.get("engine"), "engine", ENGINES),
            isolation=self._word(fields.get("isolation"), "isolation", ISOLATIONS),
            max_age_seconds=self._max_age(fields.get("cache")),
            registries=dict(self._places(fields.get("registries"), "registries")),
            notices=tuple(self._notices(fields.get("notices"))),
            fail_on_severity=self._severity(fields.get("scan")),
            disks={key: self._disk_place(place) for key, place in self._places(fields.get("disks"), "disks")},
        )

    def _fault(self, node: Node, message: str, hint: str = "") -> None:
        self._findings.at(node, codes.RECIPE_SIDE_FILE, message, hint)

    def _fields(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._fault(node, f"{what} is a mapping, not {node.described}", f"its fields: {', '.join(known)}")
            return {}
        for key, _ in node:
            if key.text not in known:
                message = f"unknown field '{key.text}'{did_you_mean(key.text, known)}"
                self._fault(key, message, f"known here: {', '.join(known)}")
        return {key.text: value for key, value in node if key.text in known}

    def _texts(self, node: Node | None, field: str) -> Iterator[tuple[Scalar, Scalar]]:
        if node is None:
            return
        if not isinstance(node, MappingNode):
            self._fault(node, f"'{field}' is a mapping of texts, not {node.described}")
            return
        for key, value in node:
            if not isinstance(value, Scalar) or not value.text.strip():
                self._fault(value, f"behind '{key.text}' stands a text, not {value.described}")
            elif not key.text.strip():
                self._fault(key, f"an empty name in '{field}'")
            else:
                yield key, value

    def _named(self, value: Scalar, text: str) -> Named:
        return Named(text, Place(self._path, value.line, value.column))

    def _components(self, node: Node | None) -> Iterator[tuple[str, Named]]:
        for key, value in self._texts(node, "components"):
            path = os.path.join(os.path.dirname(self._path), value.text)
            if not is_reference_like(key.text):
                hint = "write an ARN, a name, or name/version such as nginx/1.0.x"
                self._fault(key, f"'{key.text}' is no component", hint)
            elif not os.path.isfile(path):
                what = "a folder" if os.path.isdir(path) else "not there"
                self._fault(value, f"the component's file '{value.text}' is {what}")
            else:
                yield key.text, self._named(value, path)

    def _word(self, node: Node | None, field: str, words: tuple[str, ...]) -> str:
        if node is None:
            return ""
        if isinstance(node, Scalar) and node.text in words:
            return node.text
        shown = f"'{node.text}'" if isinstance(node, Scalar) else node.described
        near = did_you_mean(node.text, words) if isinstance(node, Scalar) else ""
        self._fault(node, f"'{field}' cannot be {shown}{near}", f"one of {', '.join(words)}")
        return ""

    def _max_age(self, node: Node | None) -> float | None:
        value = self._fields(node, _CACHE_FIELDS, "'cache'").get("max_age") if node is not None else None
        if value is None:
            return None
        seconds = duration_seconds(value.text) if isinstance(value, Scalar) else None
        if seconds is None:
            shown = f"'{value.text}'" if isinstance(value, Scalar) else value.described
            self._fault(value, f"'max_age' cannot be {shown}", "a number and s, m, h, d or w, such as 12h or 7d")
        return seconds

    def _severity(self, node: Node | None) -> str:
        field = _SCAN_FIELDS[0]
        value = self._fields(node, _SCAN_FIELDS, "'scan'").get(field) if node is not None else None
        return self._word(value, field, SEVERITIES)

    def _notices(self, node: Node | None) -> Iterator[Notice]:
        if node is None:
            return
        if not isinstance(node, SequenceNode):
            self._fault(node, f"'notices' is a list, not {node.described}")
            return
        for item in node.items:
            notice = self._notice(item)
            if notice is not None:
                yield notice

    def _notice(self, item: Node) -> Notice | None:
        fields = self._fields(item, _NOTICE_FIELDS, "a notice")
        kinds = [kind for kind in (SNS, WEBHOOK, COMMAND) if kind in fields]
        if len(kinds) != 1:
            if isinstance(item, MappingNode):
                self._fault(item, f"a notice has one of {SNS}, {WEBHOOK}, {COMMAND}")
            return None
        (kind,) = kinds
        value = fields[kind]
        words = _texts_of(value)
        if not words or (kind != COMMAND and not isinstance(value, Scalar)):
            self._fault(value, f"'{kind}' is a text, not {value.described}")
        elif kind == COMMAND and isinstance(value, Scalar):
            self._fault(value, "'command' is a list of texts", "[PROGRAM, ARGUMENT]: no shell reads it")
        elif kind == SNS and not _TOPIC.fullmatch(words[0]):
            self._fault(value, f"'{words[0]}' is no ARN of a topic", "arn:aws:sns:REGION:ACCOUNT:NAME")
        elif kind == WEBHOOK and not _WEB.fullmatch(words[0]):
            self._fault(value, f"'{words[0]}' is not https", "http is for this machine itself: http://127.0.0.1:PORT/")
        elif kind == WEBHOOK and len(fields) != 2:
            self._fault(item, "a webhook has a secret", "secret_file: PATH, or secret_env: VARIABLE")
        else:
            file, variable = (_texts_of(fields.get(key)) for key in ("secret_file", "secret_env"))
            place = os.path.join(os.path.dirname(self._path), file[0]) if file else ""
            return Notice(kind, words, place, variable[0] if variable else "")
        return None

    def _disk_place(self, place: str) -> str:
        return place if place.startswith(("s3://", ARTIFACTS)) else os.path.join(os.path.dirname(self._path), place)

    def _places(self, node: Node | None, field: str) -> Iterator[tuple[str, str]]:
        for key, value in self._texts(node, field):
            if _REGION_OR_ACCOUNT.fullmatch(key.text):
                yield key.text, value.text
            else:
                hint = "write a region such as eu-west-1, an account of 12 digits, or '*'"
                self._fault(key, f"'{key.text}' is neither a region nor an account", hint)


def _texts_of(node: Node | None) -> tuple[str, ...]:
    """A text, or those of a list; () where there is anything else."""
    items = node.items if isinstance(node, SequenceNode) else [node]
    texts = tuple(item.text for item in items if isinstance(item, Scalar) and item.text)
    return texts if len(texts) == len(items) else ()


def duration_seconds(text: str) -> float | None:
    """The seconds of `90s`, `12h`, `7d` and the like, of `0`; None for any other text."""
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhdw])", text)
    if found is None:
        return 0.0 if text == "0" else None
    seconds = float(found[1]) * _SECONDS[found[2]]
    return seconds if seconds <= _LONGEST_SECONDS else None
