"""A host with Windows as Ansible reaches it: by winrm, psrp, or ssh with `ansible_shell_type` powershell or cmd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from toe.errors import ToeError
from toe.fleet.ansible_link import AnsibleLink
from toe.fleet.windows_words import BOOTSTRAP, windows_input

_BY_HTTP = ("winrm", "psrp")


def is_windows(action: Any) -> bool:
    """Whether the connection of a task (an ActionBase) has a shell of Windows."""
    return bool(getattr(action._connection._shell, "_IS_WINDOWS", False))


def link_of(action: Any) -> AnsibleLink:
    """The link to the host of a task. Raises ToeError for a connection that cannot carry a run."""
    return WindowsLink(action) if is_windows(action) else AnsibleLink(action)


class WindowsLink(AnsibleLink):
    """The connection of a task to a host with Windows."""

    is_windows = True

    def __init__(self, action: Any) -> None:
        super().__init__(action)
        connection = action._connection
        # `runas` is done by the wrapper around Ansible's own modules: here it would be left out without a word.
        if connection.become:
            raise ToeError(
                "become does not go with toe.toe.run on hosts with Windows",
                hint="connect as the administrator who is to run the documents, with 'become: false'",
            )
        self._has_executed = False

    def _execute(self, words: Mapping[str, str], data: bytes) -> dict[str, Any]:
        """Raises AnsibleConnectionFailure for every way in which a connection that was there can fail.

        Those by HTTP raise what pywinrm, pypsrp and requests do, which have no class in common: a shell that is gone
        after a reboot, a reset connection, a host that refuses. A library that is missing is Ansible's to tell.
        """
        shell = self._action._connection._shell
        # As the shell itself encodes: winrm and psrp know this form again, and do not encode it once more.
        command = shell._encode_script(BOOTSTRAP, strict_mode=False, preserve_rc=False)
        try:
            done = self._action._low_level_execute_command(command, in_data=windows_input(words, data))
        except AnsibleConnectionFailure:
            raise
        except Exception as error:
            is_refused = isinstance(error, AnsibleError) and not self._has_executed
            if is_refused or self._action._connection.transport.rpartition(".")[2] not in _BY_HTTP:
                raise
            raise AnsibleConnectionFailure(str(error) or type(error).__name__) from error
        self._has_executed = True
        return dict(done)
