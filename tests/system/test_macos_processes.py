"""macOS' process table, as `ps` prints it. The `ps` of Linux takes the same options; environments are not tried."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from toe.system.processes.macos import process_table


@pytest.mark.skipif(shutil.which("/bin/ps") is None, reason="needs /bin/ps")
def test_the_table_has_this_process_and_its_child() -> None:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        table = process_table()
    finally:
        child.kill()
        child.wait()
    ours, its = table[os.getpid()], table[child.pid]
    assert (ours.parent, ours.group, ours.dead) == (os.getppid(), os.getpgrp(), False)
    assert (its.parent, its.group, its.session) == (os.getpid(), child.pid, child.pid)
    assert ours.start
