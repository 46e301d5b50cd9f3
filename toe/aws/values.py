"""The values that expressions ask of AWS: parameters, instance metadata, account and region.

What satisfies toe.expressions.execution_values.RemoteValues in a run. It asks only for what an expression names, and
for each value once; what failed is asked for again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from toe.aws.clients import AwsError, answered, aws_client, aws_faults, error_code
from toe.aws.imds import InstanceMetadata, MetadataError
from toe.errors import ActionError, Check, ToeError, go_on
from toe.records import NamedTuple

T = TypeVar("T")

#: Parameters below it are secrets of Secrets Manager.
SECRETS_MANAGER = "/aws/reference/secretsmanager/"
#: An instance without a way to STS must not wait for minutes.
_QUICK: Mapping[str, Any] = {
    "connect_timeout": 3,
    "read_timeout": 5,
    "retries": {"mode": "standard", "max_attempts": 2},
}
#: What means that nobody has answered; a refusal is an answer, and ends the search for the account.
_NO_ANSWER = frozenset(
    {
        "ImportError",
        "ModuleNotFoundError",
        "MetadataRetrievalError",
        "NoCredentialsError",
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
    }
)


class _Parameter(NamedTuple):
    """A parameter's value as SSM has it; a StringList has commas."""

    value: str
    is_list: bool
    is_secret: bool


class AwsValues:
    """The values of one run. `on_secret(value, name)` is told of a secret before anybody else sees it.

    Each is waited for in a thread of its own, while `check` is called in this one; whatever it raises ends the wait.

    `environment` (default: this process's, which boto3 reads in any case) names the region and the metadata service.
    """

    def __init__(self, on_secret: Callable[[str, str], None], *, environment: Mapping[str, str] | None = None) -> None:
        self._on_secret = on_secret
        self._environment = os.environ if environment is None else environment
        self._metadata = InstanceMetadata(self._environment)
        self._ssm_client: Any = None
        self._parameters: dict[str, str | tuple[str, ...]] = {}
        self._imds: dict[str, str] = {}
        self._facts: dict[str, str] = {}

    def ssm(self, path: str, check: Check = go_on) -> str | tuple[str, ...]:
        """The decrypted parameter at `path`; a StringList is a tuple. Raises ActionError."""
        if path not in self._parameters:
            found = _answered(f"cannot read the parameter '{path}'", lambda: self._fetch_parameter(path), check)
            if found.is_secret:
                self._on_secret(found.value, path)
            self._parameters[path] = tuple(found.value.split(",")) if found.is_list else found.value
        return self._parameters[path]

    def imds(self, path: str, check: Check = go_on) -> str:
        """The instance metadata at `path` below `meta-data/`. Raises ActionError."""
        if path not in self._imds:
            what = f"cannot read the instance metadata '{path}'"
            self._imds[path] = _answered(what, lambda: self._metadata.value(path), check)
        return self._imds[path]

    def account_id(self, check: Check = go_on) -> str:
        """The account of the credentials; without credentials or a way to STS, this instance's. Raises ActionError."""
        return self._fact("account", self._find_account, check)

    def region(self, check: Check = go_on) -> str:
        """AWS_REGION, AWS_DEFAULT_REGION, the profile's region, or this instance's. Raises ActionError."""
        return self._fact("region", self._find_region, check)

    def _fact(self, name: str, find: Callable[[], str], check: Check) -> str:
        if name not in self._facts:
            self._facts[name] = _answered(f"cannot find the {name}", find, check)
        return self._facts[name]

    def _fetch_parameter(self, path: str) -> _Parameter:
        region = self._known_region()
        client = self._ssm_client or aws_client("ssm", region=region)
        try:
            with aws_faults(f"cannot read the parameter '{path}' in '{region}'"):
                parameter = client.get_parameter(Name=path, WithDecryption=True)["Parameter"]
        except AwsError as error:
            raise _parameter_error(error, path, region) from error
        self._ssm_client = client  # one that has worked has credentials, and finding them takes its time
        kind = parameter["Type"]
        is_secret = kind == "SecureString" or path.startswith(SECRETS_MANAGER)
        return _Parameter(parameter["Value"], kind == "StringList", is_secret)

    def _find_account(self) -> str:
        try:
            # STS in one region knows every account of its partition.
            client = aws_client("sts", region=self._known_region() or "us-east-1", **_QUICK)
            with aws_faults("cannot ask STS for the account"):
                return str(client.get_caller_identity()["Account"])
        except AwsError as error:
            if type(error.__cause__).__name__ not in _NO_ANSWER:
                raise
            try:
                return self._metadata.account_id()
            except MetadataError:
                raise error from None

    def _find_region(self) -> str:
        named = self._environment.get("AWS_REGION") or self._environment.get("AWS_DEFAULT_REGION") or _profile_region()
        if named:
            return named
        try:
            return self._metadata.value("placement/region")
        except MetadataError as error:
            raise AwsError(f"no region is configured, and {error.message}", hint="set AWS_REGION") from error

    def _known_region(self) -> str | None:
        """None where there is none: boto3 then says whether it is the region that is missing, or boto3 itself."""
        try:
            return self._facts.get("region") or self._find_region()
        except ToeError:
            return None


def _profile_region() -> str:
    """The region of the profile in use, "" without one, or without boto3. Raises AwsError for an unknown profile."""
    try:
        from botocore.session import get_session
    except ImportError:
        return ""
    with aws_faults("cannot find the region"):
        return get_session().get_config_variable("region") or ""


def _parameter_error(error: AwsError, path: str, region: str | None) -> AwsError:
    code = error_code(error.__cause__ or error)
    if code == "ParameterNotFound":
        return AwsError(f"there is no parameter '{path}' in '{region}'")
    if code == "AccessDeniedException" and path.startswith(SECRETS_MANAGER):
        return AwsError(error.message, hint="allow ssm:GetParameter and secretsmanager:GetSecretValue")
    if code == "AccessDeniedException":
        return AwsError(error.message, hint="allow ssm:GetParameter, and kms:Decrypt for a SecureString")
    return error


def _answered(what: str, ask: Callable[[], T], check: Check) -> T:
    """As `answered`, but raises ActionError."""
    try:
        return answered(what, ask, check)
    except ToeError as error:
        raise ActionError(error.in_one_line) from error
