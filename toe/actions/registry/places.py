r"""Where a value of the registry stands: hive and key from a path in either spelling, and the value's name.

A slash is a character of a key's name like any other (`MIME\Database\Content Type\text/html`), no separator.
"""

from __future__ import annotations

from toe.errors import ActionError

HIVES = {
    "HKLM:": "HKEY_LOCAL_MACHINE",
    "HKCU:": "HKEY_CURRENT_USER",
    "HKCR:": "HKEY_CLASSES_ROOT",
    "HKU:": "HKEY_USERS",
    "HKCC:": "HKEY_CURRENT_CONFIG",
}
# Windows' limits ("Registry element size limits").
KEY_NAME_LENGTH, VALUE_NAME_LENGTH, DEPTH = 255, 16_383, 512


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


def hive_and_key(path: str) -> tuple[str, str]:
    r"""`hklm:\SOFTWARE\\X\` as ("HKEY_LOCAL_MACHINE", r"SOFTWARE\X"). Raises RegistryFault.

    Doubled and trailing backslashes are taken as one and none: a key has no empty name, and both come from YAML that
    was quoted otherwise than meant.
    """
    root, *rest = refuse_nul(path, "'path'").split("\\")
    hive = _hive(root)
    names = [name for name in rest if name]
    if not hive:
        raise RegistryFault(f"'{path}' is no registry path", _way_out(root))
    if not names:
        raise RegistryFault(f"'{path}' is no registry path", f"a value needs a key below {hive}")
    if len(names) > DEPTH:
        raise RegistryFault("'path' is too deep", f"Windows allows {DEPTH} keys below each other")
    if any(_utf16_length(name) > KEY_NAME_LENGTH for name in names):
        raise RegistryFault("'path' has a key whose name is too long", f"Windows allows {KEY_NAME_LENGTH} characters")
    return hive, "\\".join(names)


def value_name(name: str) -> str:
    """The name as Windows takes it, "" for the key's default value. Raises RegistryFault.

    `(Default)` is refused: it is how editors and PowerShell show the default value, while for Windows it would be one
    more value of that name.
    """
    if name.lower() == "(default)":
        raise RegistryFault(f"'{name}' is no value's name", "the default value of a key has the name ''")
    if _utf16_length(refuse_nul(name, "'name'")) > VALUE_NAME_LENGTH:
        raise RegistryFault("'name' is too long", f"Windows allows {VALUE_NAME_LENGTH} characters")
    return name


def _hive(root: str) -> str:
    name = root.upper()
    return name if name in HIVES.values() else HIVES.get(name, "")


def _way_out(root: str) -> str:
    if _hive(root.partition("/")[0]):
        return "keys are separated by backslashes; a slash is part of a name"
    return f"it starts with one of {', '.join(HIVES)}"


def _utf16_length(text: str) -> int:
    """How many characters Windows counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
