"""Words of Terraform: the types of Image Builder's resources, and names whose values no file tells."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "aws_imagebuilder_"
KINDS: Mapping[str, str] = {
    f"{PREFIX}image_recipe": "imageRecipe",
    f"{PREFIX}container_recipe": "containerRecipe",
    f"{PREFIX}component": "component",
    f"{PREFIX}image_pipeline": "imagePipeline",
    f"{PREFIX}image": "image",
    f"{PREFIX}infrastructure_configuration": "infrastructureConfiguration",
    f"{PREFIX}distribution_configuration": "distributionConfiguration",
    f"{PREFIX}lifecycle_policy": "lifecyclePolicy",
    f"{PREFIX}workflow": "workflow",
}
#: Name -> why its value is not known while nothing runs.
LATER: Mapping[str, str] = {
    "each": "is another one for each item of 'for_each'",
    "count": "is another one for each of 'count'",
    "self": "is known when the resource is there",
    "data": "is looked up when Terraform runs",
    "module": "is what another module gives",
    "terraform": "is known when Terraform runs",
}
WORKED_OUT = "Terraform works this expression out"
