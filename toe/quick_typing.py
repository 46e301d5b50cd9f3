"""The names of `typing` without its import, which takes a twentieth of a small run: for what every run imports.

To type checkers they are `typing`'s own. At run time most stand in annotations alone, which nobody evaluates; those of
the inputs of actions are evaluated (toe.actions.base), and `Annotated` keeps what is said there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Annotated, Any, Literal, NoReturn, Protocol, TypeAlias, TypeVar
else:
    IO = Any = Literal = NoReturn = TypeAlias = object

    class Protocol:
        """A base class that says what its subclasses, and whatever looks like them, can do."""

    class TypeVar:
        """A name for a type that a function takes and gives."""

        def __init__(self, name: str, *constraints: Any) -> None:
            self.__name__ = name

    class Annotated:
        """`Annotated[origin, *metadata]`, with the attributes that `typing`'s has."""

        def __init__(self, origin: Any, metadata: tuple[Any, ...]) -> None:
            self.__origin__ = origin
            self.__metadata__ = metadata

        def __class_getitem__(cls, parts: tuple[Any, ...]) -> Annotated:
            return cls(parts[0], parts[1:])


__all__ = ["IO", "TYPE_CHECKING", "Annotated", "Any", "Literal", "NoReturn", "Protocol", "TypeAlias", "TypeVar"]
