"""Facts that Windows tells through functions of its own: who we are, and which boot of the machine this is."""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any

from toe.system.windows.api import library

_TIME_OF_DAY = 3


class TimeOfDay(ctypes.Structure):
    """SYSTEM_TIMEOFDAY_INFORMATION; times count in units of 100 ns."""

    _fields_ = [
        ("boot_time", ctypes.c_int64),
        ("current_time", ctypes.c_int64),
        ("time_zone_bias", ctypes.c_int64),
        ("time_zone", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("boot_time_bias", ctypes.c_uint64),
        ("sleep_time_bias", ctypes.c_uint64),
    ]

    @property
    def mark(self) -> str:
        """A text that stays the same until the next boot.

        Whenever the clock is set, Windows moves the time of the boot along and notes by how much: taken off, the time
        is what it was at the boot.
        """
        return f"{(self.boot_time - self.boot_time_bias) % 2**64:016x}"


def is_administrator() -> bool:
    """Whether this process has the rights of an administrator, which with UAC takes more than to be one."""
    return bool(library("shell32").IsUserAnAdmin())


def machine_guid() -> str:
    """What Windows calls this installation; made anew by Sysprep. "" where the system does not tell."""
    winreg: Any = import_module("winreg")  # not `import`: to type checkers it has no content elsewhere
    try:
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return ""


def boot_time() -> str:
    """A text that is the same until the machine is booted again; "" where the system does not tell."""
    found = TimeOfDay()
    status = library("ntdll").NtQuerySystemInformation(_TIME_OF_DAY, ctypes.byref(found), ctypes.sizeof(found), None)
    return found.mark if status == 0 else ""
