"""The quick NamedTuple behaves as the one of `typing`."""

from __future__ import annotations

import pickle
import typing

import pytest

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
