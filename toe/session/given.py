"""Parameters as a command line gives them: where a value ends is known only when the documents' parameters are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from toe.errors import ToeError
from toe.model import ParameterValue
from toe.records import NamedTuple


class Piece(NamedTuple):
    """One `name=value`. `raw` is its text where it stands behind a comma and may belong to the value before it.

    `blank`: there was a blank before the '='.
    """

    name: str
    value: ParameterValue
    raw: str = ""
    blank: bool = False


class Bound(NamedTuple):
    """The values by name, what people should know of them, and names that became a part of a value.

    `taken` has none that stood behind the value of a secret, for they may be a part of it.
    """

    values: dict[str, ParameterValue]
    warnings: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def bound(pieces: Sequence[Piece], declared: Collection[str], secret: Collection[str] = ()) -> Bound:
    """The values that are meant: a comma followed by a name that nobody knows belongs to the value before it.

    Known are the names in `declared` and those that begin a text. Values of the names in `secret` are not spoken of.
    Raises ToeError for a name given twice, and for blanks before '='.
    """
    known = {*declared, *(piece.name for piece in pieces if not piece.raw)}
    values: dict[str, ParameterValue] = {}
    warnings: list[str] = []
    taken: list[str] = []
    last = ""
    for piece in pieces:
        if piece.raw and piece.name not in known:
            values[last] = f"{values[last]},{piece.raw}"
            if last not in secret:
                warnings += _misspelt(piece.name, last, declared)
                taken.append(piece.name)
            continue
        last = piece.name
        if piece.blank:
            raise ToeError(f"a blank stands before the '=' of the parameter '{last}'", hint=f"write it as {last}=value")
        if last in values:
            raise ToeError(f"the parameter '{last}' is given twice")
        values[last] = piece.value
    return Bound(values, tuple(warnings), tuple(taken))


def _misspelt(name: str, before: str, declared: Collection[str]) -> list[str]:
    from toe.document.suggest import suggest

    near = suggest(name, declared)
    if near is None:
        return []
    said = f"',{name}=' is taken as a part of the value of '{before}': no document declares '{name}'"
    return [f"{said} (did you mean '{near}'?)"]
