"""Image Builder's rules for resources that are no recipes, and what of them means nothing outside of AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toe import codes
from toe.images.pipelines.cron import ScheduleFault
from toe.images.pipelines.schedule import parse_expression
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence

_NO_INSTANCE = "no instance of EC2 builds here"
_NO_AMI = "there is no AMI here"
_NOT_ASKED = "nothing is asked of the service"
#: (kind, path of fields) -> why nothing follows from it here.
UNUSED: Mapping[str, Mapping[str, str]] = {
    "infrastructureConfiguration": {
        "instanceTypes": _NO_INSTANCE,
        "instanceProfileName": "what asks AWS has the credentials of this machine",
        "securityGroupIds": _NO_INSTANCE,
        "subnetId": _NO_INSTANCE,
        "keyPair": _NO_INSTANCE,
        "terminateInstanceOnCompletion": _NO_INSTANCE,
        "instanceMetadataOptions": _NO_INSTANCE,
        "placement": _NO_INSTANCE,
        "parentInstance": _NO_INSTANCE,
        "resourceTags": "what a build makes on the way is gone when it ends",
        "clientToken": _NOT_ASKED,
        "dryRun": _NOT_ASKED,
    },
    "imagePipeline": {
        "enhancedImageMetadataEnabled": "the record of an image always has what is known of it",
        "workflows": "the order of a build is that of Image Builder without workflows",
        "executionRole": "what asks AWS has the credentials of this machine",
        "loggingConfiguration": "logs are files, and copies of them in S3",
        "clientToken": _NOT_ASKED,
        "dryRun": _NOT_ASKED,
    },
    "lifecyclePolicy": {
        "executionRole": "images go by the rights of whoever asks for it",
        "policyDetails.action.includeResources.snapshots": "there are no snapshots here",
        "policyDetails.exclusionRules.amis.isPublic": _NO_AMI,
        "policyDetails.exclusionRules.amis.regions": _NO_AMI,
        "policyDetails.exclusionRules.amis.sharedAccounts": _NO_AMI,
        "policyDetails.exclusionRules.amis.lastLaunched": "an image of which there is a container stays in any case",
        "clientToken": _NOT_ASKED,
        "dryRun": "to look without removing is --dry-run",
    },
}


def check_other_rules(found: Found, source: Source) -> None:
    """Report what breaks a rule, and as information what has no meaning here."""
    if found.kind == "lifecyclePolicy":
        _check_policy(found, source)
    if found.kind == "imagePipeline":
        _check_schedule(found, source)
    for path, reason in UNUSED.get(found.kind, {}).items():
        for key in keys_at(found.node, path.split(".")):
            written = found.spelling.spell(key.text, found.kind if "." not in path else "")
            source.at(key, codes.RECIPE_UNUSED_FIELD, f"'{written}' has no meaning here: {reason}")


def keys_at(node: Node | None, path: list[str]) -> Iterator[Scalar]:
    """The keys at the end of a path of fields; lists on the way are walked through."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from keys_at(item, path)
    elif isinstance(node, MappingNode):
        key = node.key_node(path[0])
        if len(path) > 1:
            yield from keys_at(node.get(path[0]), path[1:])
        elif key is not None:
            yield key


def _check_policy(found: Found, source: Source) -> None:
    details = found.node.get("policyDetails")
    for detail in details.items if isinstance(details, Sequence) else ():
        rule = detail.get("filter") if isinstance(detail, MappingNode) else None
        kind = rule.get("type") if isinstance(rule, MappingNode) else None
        if isinstance(rule, MappingNode) and isinstance(kind, Scalar):
            _check_filter(rule, kind, found, source)
        action = detail.get("action") if isinstance(detail, MappingNode) else None
        what = action.get("type") if isinstance(action, MappingNode) else None
        if isinstance(what, Scalar) and what.text in ("DEPRECATE", "DISABLE"):
            message = f"'{what.text}' has no meaning here: AMIs alone can be deprecated or disabled"
            source.at(what, codes.RECIPE_UNUSED_FIELD, message)
    selection = found.node.get("resourceSelection")
    if isinstance(selection, MappingNode) and not (selection.get("recipes") or selection.get("tagMap")):
        names = " or ".join(f"'{found.spelling.spell(field)}'" for field in ("recipes", "tagMap"))
        source.at(selection, codes.RECIPE_COMBINATION, f"a policy selects images by {names}")


def _check_schedule(found: Found, source: Source) -> None:
    schedule = found.node.get("schedule")
    expression = schedule.get("scheduleExpression") if isinstance(schedule, MappingNode) else None
    if isinstance(expression, Scalar):
        try:
            parse_expression(expression.text)
        except ScheduleFault as fault:
            place = (expression, fault.offset, fault.word)
            source.findings.within(*place, codes.RECIPE_VALUE, fault.message, fault.hint)


def _check_filter(rule: MappingNode, kind: Scalar, found: Found, source: Source) -> None:
    unit = found.spelling.spell("unit")
    if kind.text == "AGE" and rule.get("unit") is None:
        source.at(kind, codes.RECIPE_COMBINATION, f"an age needs '{unit}'", "one of DAYS, WEEKS, MONTHS, YEARS")
    for field in ("unit", "retainAtLeast"):
        key = rule.key_node(field)
        if kind.text == "COUNT" and key is not None:
            written = found.spelling.spell(field)
            source.at(key, codes.RECIPE_COMBINATION, f"'{written}' belongs to an age, and this is a count")
