"""Structures and numbers that toe hands to Windows, held against those of Windows' headers (as MinGW has them)."""

from __future__ import annotations

import ctypes

import pytest
from wine_machine import WineMachine

from toe.actions.registry.data import KINDS
from toe.system.windows import api as windows_api
from toe.system.windows import child as windows_child
from toe.system.windows import job as windows_job
from toe.system.windows.job import Accounting, BasicLimits, ExtendedLimits

pytestmark = pytest.mark.wine

OURS = {
    "JOBOBJECT_BASIC_LIMIT_INFORMATION": ctypes.sizeof(BasicLimits),
    "JOBOBJECT_BASIC_LIMIT_INFORMATION.LimitFlags": BasicLimits.flags.offset,
    "JOBOBJECT_EXTENDED_LIMIT_INFORMATION": ctypes.sizeof(ExtendedLimits),
    "JOBOBJECT_EXTENDED_LIMIT_INFORMATION.IoInfo": ExtendedLimits.input_output.offset,
    "JOBOBJECT_BASIC_ACCOUNTING_INFORMATION": ctypes.sizeof(Accounting),
    "JOBOBJECT_BASIC_ACCOUNTING_INFORMATION.ActiveProcesses": Accounting.active_processes.offset,
    "JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE": windows_job._KILL_ON_CLOSE,
    "JobObjectExtendedLimitInformation": windows_job._EXTENDED_LIMITS,
    "JobObjectBasicAccountingInformation": windows_job._ACCOUNTING,
    "PROCESS_SET_QUOTA": windows_job._SET_QUOTA,
    "PROCESS_TERMINATE": windows_job._TERMINATE,
    "PROCESS_SUSPEND_RESUME": windows_job._SUSPEND_RESUME,
    "CREATE_SUSPENDED": windows_child._CREATE_SUSPENDED,
    "CREATE_NEW_PROCESS_GROUP": windows_child._CREATE_NEW_PROCESS_GROUP,
    "CTRL_BREAK_EVENT": windows_child._CTRL_BREAK,
    "ERROR_UNABLE_TO_MOVE_REPLACEMENT": windows_api._OLD_IS_GONE,
    **{f"REG_{kind}": number for kind, number in KINDS.items()},
}


def test_structures_and_numbers_are_those_of_windows(wine: WineMachine) -> None:
    lines = [line.split() for line in wine.run([wine.program("layouts")]).stdout.splitlines()]
    theirs = {name: int(number) for name, number in lines}
    assert {name: theirs.get(name) for name in OURS} == OURS
