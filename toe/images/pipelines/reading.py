"""A pipeline with its recipe and configurations: from one template, or from a folder of requests to Image Builder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toe import codes
from toe.document.source import YAML_ENDINGS, read_document
from toe.errors import Problem, Severity, ToeError
from toe.images.model import Reading, Recipe, Resource
from toe.images.names import folder_name
from toe.images.pipelines.model import DEFAULT_TEST_MINUTES, Infrastructure, Pipeline
from toe.images.pipelines.schedule import schedule_of
from toe.images.recipes.read import KIND_WORDS, judged_recipes, one_resource
from toe.images.recipes.recognition import RECIPE, recognised
from toe.images.versions import matches, parse_version
from toe.records import NamedTuple

KIND = "imagePipeline"
_ENDINGS = (*YAML_ENDINGS, ".json")


class _File(NamedTuple):
    path: str
    reading: Reading


def read_pipeline(path: str, *, resource: str = "", parameters: Mapping[str, str] | None = None) -> Pipeline:
    """The pipeline of a file or of a folder's files, the one named `resource` where there are several.

    Raises ToeError with all that is wrong, for no pipeline, and for a recipe that is not there.
    """
    files = list(_files(path, parameters))
    together = Reading(resources=tuple(found for file in files for found in file.reading.resources))
    pipeline = one_resource(together, path, KIND, resource)
    recipe, recipe_file = _recipe(pipeline, files)
    if recipe.unknown:
        raise ToeError(f"{recipe.place}: {recipe.unknown[0].message}", hint=recipe.unknown[0].hint)
    fields = pipeline.fields
    infrastructure = _named(pipeline, "infrastructureConfigurationArn", together)
    distribution = _named(pipeline, "distributionConfigurationArn", together)
    tests = fields.get("imageTestsConfiguration") or {}
    return Pipeline(
        name=str(fields.get("name") or pipeline.label),
        place=pipeline.place,
        recipe=recipe,
        recipe_file=recipe_file,
        recipe_name=recipe.label or recipe.name,
        infrastructure=_infrastructure(infrastructure) if infrastructure else Infrastructure(),
        distribution=distribution,
        scanning=fields.get("imageScanningConfiguration") or {},
        schedule=schedule_of(fields),
        is_enabled=fields.get("status", "ENABLED") == "ENABLED",
        tests=_is_true(tests.get("imageTestsEnabled", True)),
        test_minutes=int(tests.get("timeoutMinutes", DEFAULT_TEST_MINUTES)),
        image_tags={str(key): str(value) for key, value in (fields.get("imageTags") or {}).items()},
        told=tuple(_told(files, [pipeline, infrastructure, distribution], recipe)),
    )


def _files(path: str, parameters: Mapping[str, str] | None) -> Iterator[_File]:
    """The file, or those of a folder that are about images. Raises ToeError for a folder with none."""
    if not os.path.isdir(path):
        yield _File(path, judged_recipes(path, parameters=parameters))
        return
    if parameters:
        raise ToeError(f"'{path}' is a folder: parameters belong to a template")
    found = False
    for name in sorted(os.listdir(path)):
        file = os.path.join(path, name)
        if name.lower().endswith(_ENDINGS) and os.path.isfile(file) and recognised(read_document(file), file) == RECIPE:
            found = True
            yield _File(file, judged_recipes(file))
    if not found:
        raise ToeError(f"there is no request to Image Builder and no template in the folder '{path}'")


def _recipe(pipeline: Resource, files: Sequence[_File]) -> tuple[Recipe, str]:
    """The recipe that a pipeline names, and its file."""
    for field in ("imageRecipeArn", "containerRecipeArn"):
        label, arn = pipeline.refers.get(field), str(pipeline.fields.get(field) or "")
        for file in files:
            for recipe in file.reading.recipes:
                if label and file.path == pipeline.place.file and recipe.label == label:
                    return recipe, file.path
                if arn and _is_named(arn, recipe):
                    return recipe, file.path
    where = f"put it into the file of the pipeline, or beside it into a folder: {_asked_for(pipeline)}".rstrip(": ")
    raise ToeError(f"{pipeline.place}: the recipe of the pipeline '{_name(pipeline)}' is not here", hint=where)


def _asked_for(pipeline: Resource) -> str:
    fields = ("imageRecipeArn", "containerRecipeArn")
    return next((str(pipeline.fields[field]) for field in fields if field in pipeline.fields), "")


def _is_named(arn: str, recipe: Recipe) -> bool:
    """Whether an ARN, `...:container-recipe/NAME/1.0.0`, means a recipe. One that holds `x` has any number there."""
    _, _, rest = arn.partition("-recipe/")
    name, _, version = rest.partition("/")
    if name != folder_name(recipe.name):
        return False
    complete = parse_version(version)
    own = parse_version(recipe.version)
    if version == recipe.version or (own is not None and matches(version, own)):
        return True
    return complete is not None and matches(recipe.version, complete)


def _named(pipeline: Resource, field: str, together: Reading) -> Resource | None:
    """The configuration that a pipeline names; None where it names none, or one that is not here."""
    label, arn = pipeline.refers.get(field), str(pipeline.fields.get(field) or "")
    kind = field.removesuffix("Arn")
    for found in together.resources:
        if found.kind != kind:
            continue
        is_referred = bool(label) and found.place.file == pipeline.place.file and found.label == label
        if is_referred or (arn and arn.rpartition("/")[2] == folder_name(str(found.fields.get("name", "")))):
            return found
    if kind == "distributionConfiguration" and (label or arn):
        what = KIND_WORDS[kind]
        raise ToeError(f"{pipeline.place}: the {what} of the pipeline '{_name(pipeline)}' is not here", hint=arn)
    return None


def _infrastructure(found: Resource) -> Infrastructure:
    logs = (found.fields.get("logging") or {}).get("s3Logs") or {}
    return Infrastructure(
        name=str(found.fields.get("name") or found.label),
        keeps_failed=not _is_true(found.fields.get("terminateInstanceOnFailure", True)),
        bucket=str(logs.get("s3BucketName") or ""),
        prefix=str(logs.get("s3KeyPrefix") or ""),
        topic=str(found.fields.get("snsTopicArn") or ""),
    )


def _told(files: Sequence[_File], resources: Sequence[Resource | None], recipe: Recipe) -> Iterator[Problem]:
    """What means nothing here or is not known, in the files that the pipeline is made of."""
    used = {found.place.file for found in resources if found is not None} | {recipe.place.file}
    for file in files:
        if file.path in used:
            yield from (one for one in file.reading.problems if one.severity is not Severity.ERROR)
    pipeline, infrastructure, *_ = resources
    if pipeline is not None and infrastructure is None:
        message = "the infrastructure configuration is not here: logs stay on this machine, what fails is removed"
        yield Problem(codes.RECIPE_NOT_KNOWN, Severity.INFO, message, "", *pipeline.place)


def _name(pipeline: Resource) -> str:
    return str(pipeline.fields.get("name") or pipeline.label)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
