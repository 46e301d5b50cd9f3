"""The secrets that `--mask` and TOE_MASK name, and errors that must not tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from toe.environment import variable
from toe.errors import ToeError
from toe.secrets.masker import LogSecrets, Secrets

#: Names of parameters and environment variables, with commas, beside those of `--mask`.
MASK_VARIABLE = "TOE_MASK"
_ALWAYS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
#: `test`, `minioadmin`: masked, they would make holes in every log. Lengths in characters.
_SHORTEST, _LONGEST_WORD = 4, 16


def named_secrets(names: Iterable[str], environment: Mapping[str, str], platform: str) -> Secrets:
    """The secrets of a run as far as they are known before it: the values of the environment variables.

    AWS' own secrets are among them unasked, but not the plain words that stand-ins for AWS take. `platform` is AWSTOE's
    word for the operating system: on Windows the names of variables have no case.
    """
    listed = (name.strip() for name in environment.get(MASK_VARIABLE, "").split(","))
    secrets = Secrets([*names, *(name for name in listed if name)])
    found = {name: variable(environment, name, platform) for name in secrets.names}
    secrets.add_named({name: value for name, value in found.items() if value is not None})
    for name in _ALWAYS:
        value = variable(environment, name, platform) or ""
        if len(value) >= _LONGEST_WORD or (len(value) >= _SHORTEST and not value.isalpha()):
            secrets.add(value)
    return secrets


def warnings_about(secrets: Secrets, unknown: Iterable[str]) -> list[str]:
    """What people should know of the names that they gave. `unknown` are those that nothing has until now."""
    return [
        *(f"'{name}' is to be masked and is no parameter and no environment variable" for name in unknown),
        *map(too_short, secrets.too_short),
    ]


def too_short(name: str) -> str:
    """The warning about a value that is not masked."""
    from toe.secrets.forms import SHORTEST_SECRET

    return f"the value of '{name}' is not masked: it has fewer than {SHORTEST_SECRET} characters"


@contextmanager
def errors_without(secrets: Secrets) -> Iterator[None]:
    """Let no ToeError out that tells a secret or a credential, nor what it was raised from."""
    try:
        yield
    except ToeError as error:
        from toe.sinks.masking import Masking

        told = (error.message, error.hint, error.problems)
        masked = Masking(LogSecrets(secrets, has_credentials=True)).masked(told)
        if secrets or masked is not told:
            error.message, error.hint, error.problems = masked
            error.args = (error.message,)
            error.__cause__, error.__suppress_context__ = None, True
        raise
