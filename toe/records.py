"""`NamedTuple` as in `typing`, made quickly: for the value types that every run imports.

`typing.NamedTuple` compiles a constructor for each class and checks each annotation, 0.1 ms a class; a run has some 80
of them and would spend more time on that than on its steps. To type checkers this is `typing.NamedTuple` itself.
"""

from __future__ import annotations

import sys

from toe.quick_typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple
else:
    try:
        from _collections import _tuplegetter
    except ImportError:  # not CPython
        from operator import itemgetter

        def _tuplegetter(index: int, name: str) -> property:
            return property(itemgetter(index), doc=name)

    class _Making(type):
        """Turns the annotations of a class body into the fields of a tuple."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            fields = tuple(body.get("__annotations__", ()))
            body["_field_defaults"] = {field: body[field] for field in fields if field in body}
            body.update({field: _tuplegetter(index, field) for index, field in enumerate(fields)})
            body.update(__slots__=(), __match_args__=fields, _fields=fields)
            return super().__new__(mcs, name, bases, body)

    class NamedTuple(tuple, metaclass=_Making):
        """A tuple with named fields; as `typing.NamedTuple`, positional and keyword arguments, defaults, `_replace`."""

        def __new__(cls, *values: Any, **named: Any) -> Any:
            if named or len(values) != len(cls._fields):
                values = _complete(cls, values, named)
            return tuple.__new__(cls, values)

        def _replace(self, **named: Any) -> Any:
            values = dict(zip(self._fields, self, strict=True))
            if not named.keys() <= values.keys():
                raise ValueError(f"{type(self).__name__} has no field {sorted(named.keys() - values.keys())}")
            values.update(named)
            return tuple.__new__(type(self), values.values())

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)


def _complete(cls: Any, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The values of all fields. Raises TypeError as a constructor does."""
    fields = cls._fields
    given = dict(zip(fields, values, strict=False))
    if len(values) > len(fields) or not named.keys() <= set(fields) or named.keys() & given.keys():
        raise TypeError(f"{cls.__name__} takes {', '.join(fields)}, each once")
    all_values = {**cls._field_defaults, **given, **named}
    missing = [field for field in fields if field not in all_values]
    if missing:
        raise TypeError(f"{cls.__name__} lacks {', '.join(missing)}")
    return tuple(all_values[field] for field in fields)


__all__ = ["NamedTuple"]
