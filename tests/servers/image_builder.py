"""Image Builder's GetComponent and its lists, as WSGI; each request and answer is held to botocore's service model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from aws_server import AwsServer
from botocore.model import ServiceModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator

StartResponse = Callable[..., Any]
OWNER_OF_ACCOUNT = {"aws": "Amazon"}


class Refused(Exception):
    """An error that the service answers, by its code."""


class ImageBuilder:
    """Components by their complete ARN. `calls` lists the operations asked for, `regions` those of the requests.

    `complete_arns_only`: GetComponent takes nothing else, as it was in 2019. `page_size` is the most that one answer
    lists. `denied` names operations that are not allowed.
    """

    def __init__(self, server: AwsServer) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.regions: set[str] = set()
        self.complete_arns_only = False
        self.page_size = 2
        self.denied: set[str] = set()
        self._model: ServiceModel = get_session().get_service_model("imagebuilder")
        for operation in ("GetComponent", "ListComponents", "ListComponentBuildVersions"):
            server.routes[f"/{operation}"] = self._app(operation)

    def add(self, arn: str, document: str, **fields: Any) -> None:
        """Create a component as Image Builder shows it."""
        name, version, _ = arn.split("component/")[1].split("/")
        account = arn.split(":")[4]
        owner = OWNER_OF_ACCOUNT.get(account, account)
        self.components[arn] = {
            "arn": arn,
            "name": name,
            "version": version,
            "type": "BUILD",
            "platform": "Linux",
            "owner": owner,
            "data": document,
            "encrypted": True,
            **fields,
        }

    def _app(self, operation: str) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
        model = self._model.operation_model(operation)
        actions = {
            "GetComponent": self._get_component,
            "ListComponents": self._list_components,
            "ListComponentBuildVersions": self._list_builds,
        }

        def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            self.calls.append(operation)
            self.regions.add(environ["HTTP_AUTHORIZATION"].split("/")[2])
            try:
                asked = _request(environ)
                check(asked, model.input_shape)
                if operation in self.denied:
                    raise Refused("AccessDeniedException")
                answer = actions[operation](asked)
                check(answer, model.output_shape)
            except Refused as refused:
                return _send(start_response, "400 Bad Request", {"message": f"{operation} refused"}, str(refused))
            return _send(start_response, "200 OK", answer)

        return app

    def _get_component(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        arn = asked["componentBuildVersionArn"]
        if self.complete_arns_only and not re.search(r"/\d+\.\d+\.\d+/\d+$", arn):
            raise Refused("InvalidParameterValueException")
        if arn in self.components:
            return {"component": self.components[arn]}
        pattern = re.escape(arn).replace("x", r"\d+") if arn.endswith("x") else re.escape(arn)
        found = [known for known in self.components if re.fullmatch(rf"{pattern}/\d+", known)]
        if not found:
            raise Refused("ResourceNotFoundException")
        return {"component": self.components[max(found, key=_order)]}

    def _list_components(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {rule["name"]: rule["values"] for rule in asked.get("filters", [])}
        versions = {
            arn.rpartition("/")[0]: {key: component[key] for key in ("name", "version", "platform", "type", "owner")}
            for arn, component in self.components.items()
            if ("Amazon" if component["owner"] == "Amazon" else "Self") == asked.get("owner", "Self")
            and all(component[name] in values for name, values in wanted.items())
        }
        found = [{"arn": arn, **fields} for arn, fields in versions.items()]
        return self._page("componentVersionList", found, asked)

    def _list_builds(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = [{"arn": arn} for arn in self.components if arn.rpartition("/")[0] == asked["componentVersionArn"]]
        return self._page("componentSummaryList", found, asked)

    def _page(self, key: str, items: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
        start = int(asked.get("nextToken", 0))
        end = start + min(self.page_size, asked.get("maxResults", 25))
        more = {"nextToken": str(end)} if end < len(items) else {}
        return {key: items[start:end], **more}


def check(value: Any, shape: Shape) -> None:
    """Hold a value to a shape of the service model: kinds, required and unknown members, patterns, words, bounds."""
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    _check_texts(value, shape)


def _check_texts(value: Any, shape: Shape) -> None:
    if isinstance(value, Mapping):
        for key, member in value.items():
            _check_texts(member, shape.members[key])
    elif isinstance(value, list):
        for item in value:
            _check_texts(item, shape.member)
    elif isinstance(value, str):
        assert re.search(shape.metadata.get("pattern", ""), value), f"{shape.name}: '{value}'"
        assert value in shape.metadata.get("enum", [value]), f"{shape.name}: '{value}'"


def _order(arn: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", arn.split("component/")[1].split("/", 1)[1]))


def _request(environ: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return {**asked, **json.loads(environ["wsgi.input"].read(length))} if length else asked


def _send(start_response: StartResponse, status: str, answer: Mapping[str, Any], error: str = "") -> Iterable[bytes]:
    body = json.dumps(answer).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, [*headers, ("x-amzn-ErrorType", error)] if error else headers)
    return [body]
