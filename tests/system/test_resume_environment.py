"""Which variables a run has again after a reboot."""

from __future__ import annotations

import pytest

from toe.system.resume.command import kept_environment


@pytest.mark.parametrize(
    "name",
    [
        *("SSH_AUTH_SOCK", "SSH_CONNECTION", "SSH_TTY", "DISPLAY", "TERM", "SHLVL", "PWD", "OLDPWD", "_", "WINDOWID"),
        *("XDG_RUNTIME_DIR", "XDG_SESSION_ID", "DBUS_SESSION_BUS_ADDRESS", "LS_COLORS", "INVOCATION_ID"),
        *("SUDO_COMMAND", "NOTIFY_SOCKET", "JOURNAL_STREAM", "LISTEN_FDS", "TMUX", "TOE_PROCESS_MARK"),
    ],
)
def test_environment_of_the_session_is_dropped(name: str) -> None:
    assert kept_environment({name: "x"}) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "LANG", "AWS_REGION", "AWS_SSM_REGION_NAME", "IMAGE_PHASE", "WORKING_DIRECTORY", "TERMINAL"),
        *("XDG_STATE_HOME", "SSH_PRIVATE_KEY", "LISTEN_PORT", "TERM_OF_CONTRACT", "SUDO_USER", "PYTHONPATH"),
    ],
)
def test_environment_of_the_run_is_kept(name: str) -> None:
    assert kept_environment({name: "x\ny"}) == {name: "x\ny"}
