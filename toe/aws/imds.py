"""Instance metadata of EC2, version 2 of its service: a token first, then values. Needs no boto3.

Metadata holds credentials too: what leads to them is refused, here as in the check of a document.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from toe.errors import ToeError
from toe.records import NamedTuple
from toe.waiting import GaveUpError, waited_for

DEFAULT_ENDPOINT = "http://169.254.169.254"
DEFAULT_IPV6_ENDPOINT = "http://[fd00:ec2::254]"
#: For a connection and its answer together: where nothing answers, no value waits longer.
TIMEOUT_SECONDS = 0.9
TOKEN_LIFE_SECONDS = 21600
#: Below these, instance metadata holds credentials.
CREDENTIAL_PATHS = ("iam", "identity-credentials")

#: What may stand in a path as it is: MAC addresses have colons.
UNQUOTED = "/:@+=,"
_LARGEST_BODY_BYTES = 1024 * 1024
_TOKEN = "X-aws-ec2-metadata-token"
_TOKEN_LIFE = "X-aws-ec2-metadata-token-ttl-seconds"


class MetadataError(ToeError):
    """The metadata service is not there, refuses, or has no such value."""


class Answer(NamedTuple):
    """What came back. The names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _NotConnectedError(OSError):
    """There was no connection: nobody listens, there is no way there, or the attempt ran out of time."""


class InstanceMetadata:
    """The metadata of this instance; `environment` may name another endpoint (AWS_EC2_METADATA_...).

    Once nothing has answered in time, no later value waits for it again.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._token = ""
        self._token_ends = 0.0
        self._silent: MetadataError | None = None

    def value(self, path: str) -> str:
        """The value at `path` below `meta-data/`. Raises MetadataError."""
        clean = cleaned_path(path)
        if holds_credentials(path):
            raise MetadataError(
                f"instance metadata below 'iam/' and 'identity-credentials/' is refused: '{path}'",
                hint="let the AWS tools of the step find the instance's role by themselves",
            )
        return self._get(f"meta-data/{clean}", path)

    def account_id(self) -> str:
        """The account that this instance belongs to. Raises MetadataError."""
        from json import loads

        try:
            return str(loads(self._get("dynamic/instance-identity/document", "identity document"))["accountId"])
        except (ValueError, KeyError, TypeError) as error:
            raise MetadataError("the instance's identity document names no account") from error

    def _get(self, path: str, name: str) -> str:
        from urllib.parse import quote

        resource = f"/latest/{quote(path, safe=UNQUOTED)}"
        answer = self._ask(resource, name)
        if answer.status == 401:  # the service was restarted, or the instance slept
            self._token = ""
            answer = self._ask(resource, name)
        if answer.status == 404:
            raise MetadataError(f"instance metadata has no '{name}'")
        if answer.status != 200:
            raise MetadataError(f"the instance metadata service answers {answer.status} for '{name}'")
        return answer.body.decode("utf-8", "replace")

    def _ask(self, resource: str, name: str) -> Answer:
        token = self._current_token()
        try:
            return self._exchange("GET", resource, {_TOKEN: token})
        except OSError as error:
            raise MetadataError(f"the instance metadata service does not answer for '{name}': {error}") from error

    def _current_token(self) -> str:
        if self._silent is not None:
            raise self._silent
        asked_at = time.monotonic()
        if not self._token or asked_at >= self._token_ends:
            answer = self._new_token()
            self._token = _token_in(answer, self._endpoint())
            self._token_ends = asked_at + _life_seconds(answer)
        return self._token

    def _new_token(self) -> Answer:
        endpoint = self._endpoint()
        try:
            return self._exchange("PUT", "/latest/api/token", {_TOKEN_LIFE: str(TOKEN_LIFE_SECONDS)})
        except _NotConnectedError as error:
            absent = _absent(endpoint, str(error))
            if isinstance(error.__cause__, TimeoutError):
                self._silent = absent
            raise absent from error
        except TimeoutError as error:
            self._silent = _out_of_reach(endpoint)
            raise self._silent from error
        except OSError as error:
            raise _absent(endpoint, error.strerror or str(error)) from error

    def _exchange(self, method: str, resource: str, headers: Mapping[str, str]) -> Answer:
        host, port, prefix = _parts(self._endpoint())
        return _exchange(method, host, port, prefix + resource, headers)

    def _endpoint(self) -> str:
        if self._environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            raise MetadataError("instance metadata is switched off by AWS_EC2_METADATA_DISABLED")
        named = self._environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "")
        if named:
            return named.rstrip("/")
        mode = self._environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "")
        return DEFAULT_IPV6_ENDPOINT if mode.lower() == "ipv6" else DEFAULT_ENDPOINT


def cleaned_path(path: str) -> str:
    """A path of metadata without escapes, `..` and doubled slashes: the path that is asked for, and judged."""
    from posixpath import normpath
    from urllib.parse import unquote

    decoded = unquote(path)
    clean = normpath(f"/{decoded}").lstrip("/")
    return f"{clean}/" if clean and decoded.endswith("/") else clean


def holds_credentials(path: str) -> bool:
    """Whether a path of instance metadata leads to credentials, in whatever spelling."""
    return cleaned_path(path).lower().split("/")[0] in CREDENTIAL_PATHS


def _parts(endpoint: str) -> tuple[str, int, str]:
    from urllib.parse import urlsplit

    try:
        url = urlsplit(endpoint)
        if url.scheme == "http" and url.hostname:
            return url.hostname, url.port or 80, url.path
    except ValueError:
        pass
    raise MetadataError(
        f"'{endpoint}' is no endpoint of instance metadata", hint="AWS_EC2_METADATA_SERVICE_ENDPOINT=http://host:port"
    )


def _exchange(method: str, host: str, port: int, path: str, headers: Mapping[str, str]) -> Answer:
    """Ask once, by http.client: no proxy, no redirect, no TLS, no connection that is kept.

    Raises _NotConnectedError, TimeoutError once connected, and another OSError for what is no HTTP.
    """
    from http.client import HTTPConnection, HTTPException

    end = time.monotonic() + TIMEOUT_SECONDS
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.connect()
    except TimeoutError as error:
        raise _NotConnectedError("no connection in time") from error
    except OSError as error:
        raise _NotConnectedError(error.strerror or str(error)) from error

    def ask() -> Answer:
        try:
            connection.request(method, path, headers=dict(headers))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read(_LARGEST_BODY_BYTES))
        finally:
            connection.close()

    try:
        return waited_for(ask, limit_seconds=end - time.monotonic())  # the socket's timeout starts anew with each byte
    except GaveUpError as error:
        raise TimeoutError("timed out") from error
    except HTTPException as error:
        raise OSError(f"no answer in HTTP ({error or type(error).__name__})") from error


def _token_in(answer: Answer, endpoint: str) -> str:
    if answer.status in (401, 403):
        raise MetadataError(
            f"the instance metadata service at '{endpoint}' refuses to give a token ({answer.status})",
            hint="metadata is switched off for this instance, or the request came over a hop too many or by a proxy",
        )
    token = answer.body.decode("latin-1").strip()
    if answer.status != 200 or not token.isprintable() or not token.isascii() or not token or " " in token:
        raise _absent(endpoint, f"what answers there ({answer.status}) gives no token")
    return token


def _life_seconds(answer: Answer) -> float:
    told = answer.headers.get(_TOKEN_LIFE.lower(), "")
    return float(told) if told.isdecimal() else TOKEN_LIFE_SECONDS


def _out_of_reach(endpoint: str) -> MetadataError:
    """The answer with the token, and it alone, may cross no more hops than the instance allows."""
    return MetadataError(
        f"the instance metadata service at '{endpoint}' takes the request for a token and does not answer it",
        hint="in a container the hop limit may be too low: "
        "aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id ...",
    )


def _absent(endpoint: str, reason: str) -> MetadataError:
    return MetadataError(
        f"there is no instance metadata service at '{endpoint}': {reason}", hint="EC2 instances alone have one"
    )
