"""The values of a run that are the same for all its documents: `context:` facts, the environment, and AWS.

The phase and the step are not among them: they belong to a scope.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property

from toe.environment import variable
from toe.errors import ActionError, Check, go_on
from toe.model import ParameterValue
from toe.quick_typing import NoReturn, Protocol

#: Every key of `context:` (reference, section 3).
CONTEXT_KEYS = (
    "executionId",
    "accountId",
    "region",
    "osPlatform",
    "osName",
    "osVersion",
    "date",
    "dateTime",
    "uuid",
    "hostname",
    "phase",
    "step",
)
OS_RELEASE = "/etc/os-release"


class RemoteValues(Protocol):
    """The values that do not come from this machine.

    Each method raises ActionError when it has no answer, and what `check`, called while it waits, raises.
    """

    def ssm(self, path: str, check: Check = go_on) -> ParameterValue:
        """The decrypted SSM parameter at `path`; a StringList is a tuple."""

    def imds(self, path: str, check: Check = go_on) -> str:
        """The instance metadata at `path` below `meta-data/`."""

    def account_id(self, check: Check = go_on) -> str:
        """The AWS account's number."""

    def region(self, check: Check = go_on) -> str:
        """The AWS region's name."""


class NoRemote:
    """Refuses every value from AWS."""

    def ssm(self, path: str, check: Check = go_on) -> ParameterValue:
        _refuse(f"aws:ssm:{path}")

    def imds(self, path: str, check: Check = go_on) -> str:
        _refuse(f"aws:imds:{path}")

    def account_id(self, check: Check = go_on) -> str:
        _refuse("context:accountId")

    def region(self, check: Check = go_on) -> str:
        _refuse("context:region")


def _refuse(what: str) -> NoReturn:
    raise ActionError(f"'{what}' needs toe[aws]: not available until AWS support is installed")


class ExecutionValues:
    """Facts of a run, looked up when an expression asks for them.

    `platform` is AWSTOE's word for the operating system. `remote` makes the object that asks AWS. `now_ns` gives
    nanoseconds since the Unix epoch; `os_release` is the file that names the distribution, absent on other systems.
    """

    def __init__(
        self,
        execution_id: str,
        platform: str,
        environment: Mapping[str, str],
        *,
        remote: Callable[[], RemoteValues] = NoRemote,
        now_ns: Callable[[], int] = time.time_ns,
        os_release: str = OS_RELEASE,
    ) -> None:
        self._environment = environment
        self._platform = platform
        self._make_remote = remote
        self._now_ns = now_ns
        self._os_release_path = os_release
        self._context: Mapping[str, Callable[[Check], str]] = {
            "executionId": lambda check: execution_id,
            "accountId": lambda check: self.remote.account_id(check),
            "region": lambda check: self.remote.region(check),
            "osPlatform": lambda check: platform,
            "osName": lambda check: self._os_release.get("NAME", ""),
            "osVersion": lambda check: self._os_release.get("VERSION_ID", ""),
            "date": lambda check: self._time("%Y-%m-%d"),
            "dateTime": lambda check: self._time("%Y-%m-%dT%H:%M:%SZ"),
            "uuid": lambda check: _uuid(),
            "hostname": lambda check: self._hostname,
        }

    def variable(self, name: str) -> str | None:
        """The value of an environment variable, None where it is not set."""
        return variable(self._environment, name, self._platform)

    @cached_property
    def remote(self) -> RemoteValues:
        """The object that asks AWS, made when it is first needed."""
        return self._make_remote()

    def context(self, key: str, check: Check = go_on) -> str:
        """The value of `context:key`; times are UTC, a UUID is a new one each time.

        Raises ActionError, and what `check`, called while AWS is waited for, raises.
        """
        if key not in self._context:
            raise ActionError(f"unknown context key '{key}': there are {', '.join(CONTEXT_KEYS)}")
        return self._context[key](check)

    def _time(self, form: str) -> str:
        return time.strftime(form, time.gmtime(self._now_ns() // 1_000_000_000))

    @cached_property
    def _os_release(self) -> dict[str, str]:
        return read_os_release(self._os_release_path)

    @cached_property
    def _hostname(self) -> str:
        from socket import gethostname

        return gethostname()


def _uuid() -> str:
    from uuid import uuid4

    return str(uuid4())


def read_os_release(path: str) -> dict[str, str]:
    """The variables of an os-release file (man 5 os-release), unquoted; none when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return {}
    assignments = (line.strip().partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name: _unquoted(value) for name, equals, value in assignments if equals}


def _unquoted(value: str) -> str:
    from shlex import split

    try:
        return "".join(split(value))
    except ValueError:
        return value
