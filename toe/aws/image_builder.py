"""Components of EC2 Image Builder: the document of an ARN.

GetComponent finds the newest version of `1.x.x` or `1.0.0` by itself, and it is all that the usual instance profile
(EC2InstanceProfileForImageBuilder) allows. An endpoint that knows complete ARNs only, as the service once did, is
asked for its list of versions instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from toe.aws.clients import AwsError, aws_client, aws_faults, error_code
from toe.aws.component_arn import ComponentArn, parse_component_arn
from toe.records import NamedTuple

#: Where Image Builder is, if not where AWS has it (reference, section 7).
ENDPOINT_VARIABLE = "AWSTOE_IMAGEBUILDER_ENDPOINT"
PAGE_SIZE = 100
#: The answers to an ARN that the service cannot resolve: no such component, or not in this form.
_UNRESOLVED = frozenset(
    {
        "InvalidParameterException",
        "InvalidParameterValueException",
        "InvalidRequestException",
        "ResourceNotFoundException",
        "ValidationException",
    }
)
_OWNERS: Mapping[str, tuple[str, ...]] = {
    "aws": ("Amazon",),
    "aws-marketplace": ("AWSMarketplace",),
    "third-party": ("ThirdParty",),
}
_OWN_OR_SHARED = ("Self", "Shared")


class Component(NamedTuple):
    """A component's document, and the complete ARN of it."""

    document: str
    arn: str


def read_component(arn: ComponentArn, environment: Mapping[str, str]) -> Component:
    """The component of an ARN, the newest version and build where it leaves them open. Raises AwsError."""
    client = aws_client("imagebuilder", region=arn.region, endpoint=environment.get(ENDPOINT_VARIABLE) or None)
    try:
        found = _get(client, arn)
    except AwsError as error:
        if arn.build or error_code(error.__cause__ or error) not in _UNRESOLVED:
            raise
        found = _get(client, _newest(client, arn, error))
    document = found.get("data") or ""
    if not document:
        hidden = "its owner hides it ('obfuscate')" if found.get("obfuscate") else "Image Builder sends none"
        raise AwsError(f"the component has no document to read: {hidden}")
    return Component(document, found.get("arn") or str(arn))


def _get(client: Any, arn: ComponentArn) -> Mapping[str, Any]:
    with aws_faults("GetComponent"):
        found: Mapping[str, Any] = client.get_component(componentBuildVersionArn=str(arn)).get("component", {})
    return found


def _newest(client: Any, arn: ComponentArn, refusal: AwsError) -> ComponentArn:
    """The complete ARN of the newest build of the newest version that `arn` stands for.

    Raises `refusal`, the answer to `arn` itself, when the service does not give its lists.
    """
    try:
        versions = list(_versions(client, arn)) if arn.is_wildcard else [arn]
    except AwsError:
        raise refusal from None
    matching = [version for version in versions if arn.matches(version)]
    if not matching:
        raise _no_match(arn, versions)
    newest = max(matching, key=lambda version: version.order)
    try:
        builds = [newest] if newest.build else list(_builds(client, newest))
    except AwsError:
        raise refusal from None
    return max(builds, key=lambda build: build.order, default=newest)


def _no_match(arn: ComponentArn, versions: Iterable[ComponentArn]) -> AwsError:
    numbers = sorted({version.order[:3] for version in versions if version.name == arn.name})
    there_are = ", ".join(".".join(map(str, number)) for number in numbers)
    hint = f"there are: {there_are}" if there_are else "there is no component of that name, or it is deprecated"
    return AwsError(f"no version of the component '{arn.name}' matches '{arn.version}'", hint=hint)


def _versions(client: Any, arn: ComponentArn) -> Iterator[ComponentArn]:
    for owner in _OWNERS.get(arn.account, _OWN_OR_SHARED):
        query = {"owner": owner, "filters": [{"name": "name", "values": [arn.name]}]}
        yield from _listed(client.list_components, "componentVersionList", query)


def _builds(client: Any, version: ComponentArn) -> Iterator[ComponentArn]:
    query = {"componentVersionArn": str(version)}
    yield from _listed(client.list_component_build_versions, "componentSummaryList", query)


def _listed(operation: Any, key: str, query: Mapping[str, Any]) -> Iterator[ComponentArn]:
    page: dict[str, str] = {}
    while True:
        with aws_faults("Image Builder does not list the versions"):
            answer = operation(**query, **page, maxResults=PAGE_SIZE)
        for item in answer.get(key, []):
            arn = parse_component_arn(item.get("arn", ""))
            if arn is not None and not arn.is_wildcard:
                yield arn
        if not answer.get("nextToken"):
            return
        page = {"nextToken": answer["nextToken"]}
