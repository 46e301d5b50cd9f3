"""What the registry cannot hold: one error for the check before a run and for the run itself."""

from __future__ import annotations

from toe.errors import ActionError


class RegistryFault(ActionError):
    """An input that cannot be stored. `fault` says what is wrong, `hint` the way out, if any; the message is both.

    `is_published` as in InputFault.
    """

    def __init__(self, fault: str, hint: str = "", *, is_published: bool = False) -> None:
        super().__init__(f"{fault} ({hint})" if hint else fault)
        self.fault = fault
        self.hint = hint
        self.is_published = is_published


def refuse_nul(text: str, what: str) -> str:
    """The text itself. Raises RegistryFault where it has a NUL, at which Windows would cut it off."""
    if "\0" in text:
        raise RegistryFault(f"{what} has a NUL character", "the registry's texts end at a NUL")
    return text


def utf16_length(text: str) -> int:
    """How many characters Windows counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
