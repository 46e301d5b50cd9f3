"""What an input or an output of an action is: its `Doc`, and the `Field` that is made of it and of its type.

The types are read once, when the action's module is imported.
"""

from __future__ import annotations

import sys

from toe.quick_typing import Any, Literal
from toe.records import NamedTuple
from toe.words import Word

LINUX, MACOS, WINDOWS = "linux", "darwin", "windows"
EVERYWHERE = (LINUX, WINDOWS, MACOS)
POSIX = (LINUX, MACOS)

#: Stands for the default of a field that has none.
REQUIRED: Any = object()


class Shape(Word):
    """The form of one input in the document."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    TEXTS = "texts"
    TEXT_MAP = "text map"
    RECORDS = "records"
    ANY = "any"


class Doc(NamedTuple):
    """What people and editors read about an input, and what its text must look like.

    `key` is the name in the document where it is not the camelCase of the field's. `choices` are compared without
    case when `any_case`. `pattern` is a full match that a text without expressions must satisfy; `pattern_says` names
    it in messages ("octal digits such as 0644"). `platforms` narrows the action's own. `may_be_empty`: a required
    text of which the empty one is a sensible value, so that `null` is that, and not the key missing.

    `path`: the text is a path of the file system. It names a "file", a "folder", "any" of both, or a "destination",
    which is a folder to go into where it ends in a separator. Such paths are checked before the run, as far as they
    hold no expressions, and again when the inputs are converted. One that is "unchecked" may also be empty, a URL or a
    program's name: the action judges it itself. `wildcard`: `*` stands for any characters in its last segment.
    """

    text: str
    key: str | None = None
    choices: tuple[str, ...] = ()
    any_case: bool = False
    pattern: str = ""
    pattern_says: str = ""
    platforms: tuple[str, ...] = EVERYWHERE
    examples: tuple[Any, ...] = ()
    may_be_empty: bool = False
    path: Literal["", "file", "folder", "any", "destination", "unchecked"] = ""
    wildcard: bool = False

    @property
    def described(self) -> str:
        """The text for people, with what `path` and `wildcard` say."""
        said = self.text
        if self.path == "destination":
            said += " Where it ends in a separator it is a folder, in which the source keeps its name."
        if self.wildcard and self.path != "unchecked":
            said += " After the last separator `*` stands for any characters."
        return said


class Field(NamedTuple):
    """One input of an action, as its annotation and `Doc` say. `record` and `record_type` are set for RECORDS alone."""

    name: str
    key: str
    shape: Shape
    required: bool
    default: Any
    doc: Doc
    record: tuple[Field, ...] = ()
    record_type: type | None = None

    @property
    def takes_nothing_as_text(self) -> bool:
        """Whether `null` is the empty text here, and not the key left out (reference, section 1)."""
        if self.required:
            return self.shape is Shape.ANY or self.doc.may_be_empty
        return self.shape is Shape.TEXT and self.default == ""


def fields_of(record: type) -> tuple[Field, ...]:
    """The fields that a NamedTuple or a dataclass of inputs or outputs declares, in order."""
    hints = _hints_of(record)
    defaults = _defaults_of(record)
    return tuple(_field(name, hints[name], defaults.get(name, REQUIRED)) for name in hints)


def _hints_of(record: type) -> dict[str, Any]:
    """The annotations of the fields, evaluated as by `typing.get_type_hints`, whose import would slow every run."""
    hints: dict[str, Any] = {}
    for part in reversed(record.__mro__):
        names = vars(sys.modules[part.__module__])
        for name, hint in getattr(part, "__annotations__", {}).items():
            hint = getattr(hint, "__forward_arg__", hint)  # `typing.NamedTuple` wraps texts
            hints[name] = eval(hint, names) if isinstance(hint, str) else hint
    return hints


def _defaults_of(record: type) -> dict[str, Any]:
    if hasattr(record, "_field_defaults"):
        return dict(record._field_defaults)
    from dataclasses import MISSING, fields

    defaults: dict[str, Any] = {}
    for declared in fields(record):
        if declared.default_factory is not MISSING:
            defaults[declared.name] = declared.default_factory()
        elif declared.default is not MISSING:
            defaults[declared.name] = declared.default
    return defaults


def _field(name: str, hint: Any, default: Any) -> Field:
    doc = Doc("")
    if hasattr(hint, "__metadata__"):  # Annotated
        doc = next((extra for extra in hint.__metadata__ if isinstance(extra, Doc)), doc)
        hint = hint.__origin__
    shape, record_type, choices = _shape_of(hint)
    record = fields_of(record_type) if record_type else ()
    if choices and not doc.choices:
        doc = doc._replace(choices=choices)
    required = default is REQUIRED
    default = None if required else default
    return Field(name, doc.key or camel_case(name), shape, required, default, doc, record, record_type)


def _shape_of(hint: Any) -> tuple[Shape, type | None, tuple[str, ...]]:
    origin: Any = getattr(hint, "__origin__", None)
    arguments: Any = getattr(hint, "__args__", ())
    form = getattr(origin, "_name", type(hint).__name__)  # of `str | None` and the special forms of `typing`
    if form in ("Union", "UnionType"):
        rest = [argument for argument in arguments if argument is not type(None)]
        return _shape_of(rest[0]) if len(rest) == 1 else (Shape.ANY, None, ())
    if form == "Literal":
        return Shape.TEXT, None, tuple(str(argument) for argument in arguments)
    if origin is tuple:
        if hasattr(arguments[0], "_fields") or hasattr(arguments[0], "__dataclass_fields__"):
            return Shape.RECORDS, arguments[0], ()
        return Shape.TEXTS, None, ()
    if origin is dict:
        return Shape.TEXT_MAP, None, ()
    plain = {str: Shape.TEXT, bool: Shape.BOOLEAN, int: Shape.INTEGER}
    return plain.get(hint, Shape.ANY), None, ()


def camel_case(name: str) -> str:
    """`expected_bucket_owner` -> `expectedBucketOwner`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
