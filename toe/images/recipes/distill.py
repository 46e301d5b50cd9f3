"""Distils Image Builder's public API model to the table that recipes are judged by, `service_model.json`.

Run by hand when the service has new fields: `python -m toe.images.recipes.distill`, into that file. It needs botocore,
which holds the model (the extra `aws`); the table needs nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

API_VERSION = "2019-12-02"
#: The requests that create what a template or a recipe file describes, by the name of what they create.
REQUESTS: Mapping[str, str] = {
    "imageRecipe": "CreateImageRecipe",
    "containerRecipe": "CreateContainerRecipe",
    "component": "CreateComponent",
    "imagePipeline": "CreateImagePipeline",
    "image": "CreateImage",
    "infrastructureConfiguration": "CreateInfrastructureConfiguration",
    "distributionConfiguration": "CreateDistributionConfiguration",
    "lifecyclePolicy": "CreateLifecyclePolicy",
    "workflow": "CreateWorkflow",
}
_LIMITS = ("min", "max", "pattern", "enum")


def distilled(model: Mapping[str, Any]) -> dict[str, Any]:
    """The shape of each request of REQUESTS, complete in itself: the requests of this API do not nest in circles."""
    shapes = model["shapes"]
    return {name: _shape(shapes, model["operations"][request]["input"]["shape"]) for name, request in REQUESTS.items()}


def _shape(shapes: Mapping[str, Any], name: str) -> dict[str, Any]:
    shape = shapes[name]
    found: dict[str, Any] = {"type": shape["type"], **{key: shape[key] for key in _LIMITS if key in shape}}
    if shape["type"] == "structure":
        found["members"] = {key: _shape(shapes, member["shape"]) for key, member in shape["members"].items()}
        given_by_clients = [key for key, member in shape["members"].items() if member.get("idempotencyToken")]
        found["required"] = [key for key in shape.get("required", []) if key not in given_by_clients]
    elif shape["type"] == "list":
        found["member"] = _shape(shapes, shape["member"]["shape"])
    elif shape["type"] == "map":
        found["value"] = _shape(shapes, shape["value"]["shape"])
    return found


def main() -> None:
    from botocore.loaders import Loader

    model = Loader().load_service_model("imagebuilder", "service-2", api_version=API_VERSION)
    sys.stdout.write(json.dumps(distilled(model), indent=1) + "\n")


if __name__ == "__main__":
    main()
