"""What identifies the values that components take from AWS and from the web; none of the values is read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from toe.errors import ActionError, ToeError
from toe.system.cancellation import Cancellation

#: A plan asks many servers; one that does not answer must not hold it up for long.
_TIMEOUT_SECONDS = 30.0


class OutsideIdentities:
    """Asks AWS and web servers, each thing once. `environment` names region, endpoints and proxies.

    All methods raise ToeError where there is no answer, and Interrupted when the build is stopped meanwhile.
    """

    def __init__(self, environment: Mapping[str, str], cancellation: Cancellation) -> None:
        self._environment = environment
        self._check = cancellation.check
        self._known: dict[str, str] = {}

    def ssm(self, path: str) -> str:
        """The version of a parameter, with its time: versions of one that is made anew begin at 1 again."""
        from toe.aws.clients import answered, aws_client, aws_faults

        def ask() -> str:
            with aws_faults(f"cannot read the version of the parameter '{path}'"):
                found = aws_client("ssm", region=self.region()).get_parameter(Name=path)["Parameter"]
            return f"version {found['Version']} of {found['LastModifiedDate'].timestamp():.3f}"

        return self._once(f"ssm {path}", lambda: answered(f"cannot read '{path}'", ask, self._check))

    def s3(self, address: str, owner: str) -> str:
        """The ETag of an object; one of all objects with their keys where the address ends with `*`."""
        from toe.actions.s3 import bucket_and_key
        from toe.aws.clients import answered
        from toe.aws.s3_bucket import Bucket

        def ask() -> str:
            name, key = bucket_and_key(address)
            bucket = Bucket(name, owner or None, connections=1)
            if not key.endswith("*"):
                return bucket.object(key).etag
            digest = hashlib.sha256()
            for found in bucket.objects(key[:-1]):
                digest.update(f"{found.key}\n{found.etag}\n".encode("utf-8", "surrogatepass"))
            return f"sha256:{digest.hexdigest()}"

        return self._once(f"{address} {owner}", lambda: answered(f"cannot look at '{address}'", ask, self._check))

    def web(self, address: str, *, any_certificate: bool) -> str:
        """The ETag of a file. ToeError where the server gives none, or a weak one: that is one of several files."""
        import time

        from toe.system.http.address import parse_address
        from toe.system.http.attempts import attempted
        from toe.system.http.exchange import answer_to
        from toe.system.http.terms import Patience, Terms

        place = parse_address(address)
        terms = Terms(
            self._environment,
            self._check,
            lambda text: None,
            time.monotonic() + _TIMEOUT_SECONDS,
            any_certificate=any_certificate,
            patience=Patience(attempts=2),
        )

        def ask() -> str:
            with answer_to(place, {}, terms) as answer:
                if answer.status != 200:
                    raise answer.refusal()
                etag = answer.header("ETag")
            if not etag or etag.startswith("W/"):
                raise ToeError("it has no checksum in the document, and its server sends no strong ETag")
            return f"ETag {etag}"

        return self._once(address, lambda: attempted(place, terms, ask))

    def account(self) -> str:
        """The id of the account whose credentials are here."""
        return self._fact("account")

    def region(self) -> str:
        """The region's name."""
        return self._fact("region")

    def _fact(self, name: str) -> str:
        from toe.aws.values import AwsValues

        values = AwsValues(lambda value, secret: None, environment=self._environment)
        asks = {"account": values.account_id, "region": values.region}
        try:
            return self._once(name, lambda: asks[name](self._check))
        except ActionError as error:
            raise ToeError(error.message) from error

    def _once(self, what: str, ask: Callable[[], str]) -> str:
        if what not in self._known:
            self._known[what] = ask()
        return self._known[what]
