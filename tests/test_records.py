"""The quick names behave as those of `typing`."""

from __future__ import annotations

import pickle
import typing

import pytest

from toe import quick_typing
from toe.actions.fields import Doc, fields_of
from toe.records import NamedTuple


class Quick(NamedTuple):
    name: str
    size: int = 0
    rest: tuple[str, ...] = ()

    @property
    def shout(self) -> str:
        """A method beside the fields."""
        return self.name.upper()


class Usual(typing.NamedTuple):
    name: str
    size: int = 0
    rest: tuple[str, ...] = ()


@pytest.mark.parametrize("kind", [Quick, Usual])
def test_a_record_is_made_read_and_changed(kind: type[Quick]) -> None:
    record = kind("a", rest=("x",))
    assert tuple(record) == ("a", 0, ("x",))
    assert record == kind(name="a", size=0, rest=("x",))
    assert (record.name, record.size, record.rest) == tuple(record)
    assert tuple(record._replace(size=2)) == ("a", 2, ("x",))
    assert record._asdict() == {"name": "a", "size": 0, "rest": ("x",)}
    assert record._field_defaults == {"size": 0, "rest": ()}
    assert repr(record) == f"{kind.__name__}(name='a', size=0, rest=('x',))"
    assert pickle.loads(pickle.dumps(record)) == record
    assert hash(record) == hash(kind("a", 0, ("x",)))


@pytest.mark.parametrize("kind", [Quick, Usual])
def test_a_record_refuses_wrong_arguments_and_changes(kind: type[Quick]) -> None:
    for arguments, named in [((), {}), (("a", 1, (), 4), {}), (("a",), {"name": "b"}), (("a",), {"other": 1})]:
        with pytest.raises(TypeError):
            kind(*arguments, **named)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        kind("a")._replace(other=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        kind("a").name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        kind("a").other = "b"  # type: ignore[attr-defined]


def test_a_record_has_methods_and_type_hints() -> None:
    assert Quick("a").shout == "A"
    assert typing.get_type_hints(Quick)["size"] is int


class Told(NamedTuple):
    path: quick_typing.Annotated[str, Doc("A path.")]
    mode: quick_typing.Annotated[typing.Literal["a", "b"], Doc("A mode.")] = "a"
    owner: quick_typing.Annotated[str | None, Doc("A name.")] = None
    lines: quick_typing.Annotated[tuple[str, ...], Doc("Lines.")] = ()


class UsuallyTold(typing.NamedTuple):
    path: typing.Annotated[str, Doc("A path.")]
    mode: typing.Annotated[typing.Literal["a", "b"], Doc("A mode.")] = "a"
    owner: typing.Annotated[str | None, Doc("A name.")] = None
    lines: typing.Annotated[tuple[str, ...], Doc("Lines.")] = ()


def test_inputs_of_actions_are_the_same_with_the_quick_names_and_those_of_typing() -> None:
    assert fields_of(Told) == fields_of(UsuallyTold)
    assert [field.shape.value for field in fields_of(Told)] == ["text", "text", "text", "texts"]
    assert fields_of(Told)[1].doc == Doc("A mode.", choices=("a", "b"))
