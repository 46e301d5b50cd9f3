"""A Job Object of Windows: all that a step starts belongs to it, and ends with it.

Not for starting processes. The structures can be looked at on any system, the functions work on Windows alone.
"""

from __future__ import annotations

import ctypes
from typing import Any

from toe.system.windows.api import checked, library

_EXTENDED_LIMITS, _ACCOUNTING = 9, 1
_KILL_ON_CLOSE = 0x2000
_SET_QUOTA, _TERMINATE, _SUSPEND_RESUME = 0x0100, 0x0001, 0x0800
# The exit code of who is ended by us: what TerminateProcess is usually given.
_EXIT_CODE = 1


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = [
        ("process_user_time", ctypes.c_int64),
        ("job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    ]


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = [
        ("basic", BasicLimits),
        ("input_output", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    ]


class Accounting(ctypes.Structure):
    """JOBOBJECT_BASIC_ACCOUNTING_INFORMATION."""

    _fields_ = [
        ("times", ctypes.c_int64 * 4),
        ("page_faults", ctypes.c_uint32),
        ("processes", ctypes.c_uint32),
        ("active_processes", ctypes.c_uint32),
        ("terminated_processes", ctypes.c_uint32),
    ]


class Job:
    """A new job, empty. Until `let_live`, all in it die with this process or with `close`, however either ends."""

    def __init__(self) -> None:
        self._kernel = _kernel()
        self._handle = checked(self._kernel.CreateJobObjectW(None, None))
        try:
            self._limit(_KILL_ON_CLOSE)
        except OSError:
            self.close()
            raise

    def take_in_and_resume(self, pid: int) -> None:
        """Put a process that was started suspended into the job, and let it run. Raises OSError."""
        process = checked(self._kernel.OpenProcess(_SET_QUOTA | _TERMINATE | _SUSPEND_RESUME, 0, pid))
        try:
            checked(self._kernel.AssignProcessToJobObject(self._handle, process))
            _resume(process)
        finally:
            self._kernel.CloseHandle(process)

    def is_empty(self) -> bool:
        """Whether all that belonged to the job have ended."""
        found = Accounting()
        size = ctypes.sizeof(found)
        checked(self._kernel.QueryInformationJobObject(self._handle, _ACCOUNTING, ctypes.byref(found), size, None))
        return not found.active_processes

    def terminate(self) -> None:
        """End all that belong to the job, at once."""
        checked(self._kernel.TerminateJobObject(self._handle, _EXIT_CODE))

    def let_live(self) -> None:
        """Let those that are left in the job outlive it. Raises OSError."""
        self._limit(0)

    def close(self) -> None:
        """Give the job back. A second call does nothing."""
        if self._handle:
            self._kernel.CloseHandle(self._handle)
            self._handle = 0

    def _limit(self, flags: int) -> None:
        limits = ExtendedLimits()
        limits.basic.flags = flags
        size = ctypes.sizeof(limits)
        checked(self._kernel.SetInformationJobObject(self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), size))


def _kernel() -> Any:
    kernel = library("kernel32")
    handle, number, pointer = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p
    kernel.CreateJobObjectW.argtypes, kernel.CreateJobObjectW.restype = (pointer, ctypes.c_wchar_p), handle
    kernel.OpenProcess.argtypes, kernel.OpenProcess.restype = (number, ctypes.c_int, number), handle
    kernel.AssignProcessToJobObject.argtypes = (handle, handle)
    kernel.SetInformationJobObject.argtypes = (handle, ctypes.c_int, pointer, number)
    kernel.QueryInformationJobObject.argtypes = (handle, ctypes.c_int, pointer, number, pointer)
    kernel.TerminateJobObject.argtypes = (handle, number)
    kernel.CloseHandle.argtypes = (handle,)
    return kernel


def _resume(process: int) -> None:
    """NtResumeProcess: Python's subprocess keeps no handle of the first thread, which ResumeThread would need."""
    system = library("ntdll")
    system.NtResumeProcess.argtypes, system.NtResumeProcess.restype = (ctypes.c_void_p,), ctypes.c_int32
    status = system.NtResumeProcess(process)
    if status < 0:
        raise OSError(f"the process could not be resumed (NTSTATUS {status & 0xFFFFFFFF:#010x})")
