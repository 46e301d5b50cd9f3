"""Values set by `winreg`: what it is called with. A module of that name stands in for it and notes its calls.

What a registry makes of such calls is shown under Wine (tests/wine/test_registry_wine.py).
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import pytest

from toe.errors import ActionError
from toe.system.windows.registry import RegistryValue, set_value

VALUE = RegistryValue("HKEY_LOCAL_MACHINE", r"SOFTWARE\X", "Version", 1, "1.0")


class NotingWinreg(ModuleType):
    """Python's `winreg` as far as it is used. `refusal` is raised instead of a value being set."""

    HKEY_LOCAL_MACHINE, KEY_SET_VALUE, KEY_WOW64_64KEY = 0x80000002, 0x2, 0x100

    def __init__(self) -> None:
        super().__init__("winreg")
        self.calls: list[tuple[Any, ...]] = []
        self.refusal: OSError | None = None
        self.CreateKeyEx, self.SetValueEx = self.create_key, self.set_value

    def create_key(self, *arguments: Any) -> Any:
        self.calls.append(arguments)
        return nullcontext("the key")

    def set_value(self, *arguments: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(arguments)


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> NotingWinreg:
    module = NotingWinreg()
    monkeypatch.setitem(sys.modules, "winreg", module)
    return module


def test_a_value_is_set_in_the_view_of_64_bit_programs(winreg: NotingWinreg) -> None:
    set_value(VALUE)
    assert winreg.calls == [(0x80000002, r"SOFTWARE\X", 0, 0x102), ("the key", "Version", 0, 1, "1.0")]


@pytest.mark.parametrize(("name", "what"), [("Version", "'Version'"), ("", "the default value")])
def test_a_refusal_of_windows_is_an_error_that_names_the_value(name: str, what: str, winreg: NotingWinreg) -> None:
    winreg.refusal = PermissionError(13, "Access is denied")
    with pytest.raises(ActionError) as failure:
        set_value(VALUE._replace(name=name))
    assert failure.value.message == rf"cannot set {what} of 'HKEY_LOCAL_MACHINE\SOFTWARE\X': access is denied"
