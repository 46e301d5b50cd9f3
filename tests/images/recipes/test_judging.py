"""What `toe validate` says of recipes: the service's model, Image Builder's rules, components and their parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from recipe_fixtures import one_recipe

from toe.check.options import CheckOptions
from toe.errors import Problem, Severity, ToeError
from toe.images.recipes.check import check_recipes
from toe.images.recipes.distill import API_VERSION, distilled
from toe.images.recipes.recognition import RECIPE, SIDE_FILE, recognised
from toe.images.recipes.schema import TITLES, recipe_schema
from toe.images.recipes.shapes import shapes

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
CONTAINER = (HERE / "container.yml").read_text()
TEMPLATE = (HERE / "template.yml").read_text()
DOCUMENT = """schemaVersion: 1.0
parameters:
  - Port: {type: string, allowedValues: ['80', '8080']}
  - Modules: {type: stringList, default: ['gzip']}
phases:
  - name: build
    steps: [{name: Say, action: ExecuteBash, inputs: {commands: ['echo {{ Port }} {{ Modules }}']}}]
"""

NAME_AND_VALUE = re.compile(r"(\w+): (\[[^\]]*\])")

Told = list[tuple[int, int, str, str]]
Judge = Callable[..., Told]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    def judge(text: str, *, severity: Severity = Severity.ERROR, profile: str = "") -> Told:
        path = tmp_path / "recipe.yml"
        problems = check_recipes(text.encode(), str(path), CheckOptions(profile=profile))
        return [(one.line, one.column, one.code, one.message) for one in problems if one.severity is severity]

    return judge


def changed(old: str, new: str, text: str = CONTAINER) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_good_recipes_have_no_errors(judged: Judge) -> None:
    assert judged(CONTAINER) == []
    assert judged(TEMPLATE) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: web-server\n", "", (2, 1, "TOE702", "the container recipe has no 'name'")),
        ("name: web-server", "name: w", (2, 7, "TOE704", "'name' has not the form that Image Builder asks for: 'w'")),
        ("name: web-server", "name: 12", (2, 7, "TOE703", "'name' is a text, not an integer")),
        ("name: web-server", "name: [a]", (2, 7, "TOE703", "'name' is a text, not a list")),
        ("DOCKER", "docker", (5, 16, "TOE704", "'containerType' cannot be 'docker' (did you mean 'DOCKER'?)")),
        ("  service: ECR\n", "", (9, 3, "TOE702", "this has no 'service'")),
        ("1.0.x", "1.x.0", (3, 18, "TOE705", "in the version '1.x.0' a number follows an 'x': after the first 'x' all are 'x'")),  # noqa: E501
        ("1.x.x", "x.2.x", (12, 19, "TOE705", "in the version 'x.2.x' a number follows an 'x': after the first 'x' all are 'x'")),  # noqa: E501
        ("component/nginx", "component/Nginx", (12, 19, "TOE704", "'arn:aws:imagebuilder:eu-west-1:123456789012:component/Nginx/1.x.x' is no ARN of a component")),  # noqa: E501
        ("description: A web server", "description: ''", (4, 14, "TOE704", "'description' is empty")),
        ("workingDirectory: /tmp", "workingDirectory:", (7, 18, "TOE703", "'workingDirectory' is a text, not nothing")),
        ("name: Modules", "name: Port", (16, 15, "TOE707", "the parameter 'Port' is given twice")),
        ("  team: web", "  team: [a]", (23, 9, "TOE703", "'team' is a text, not a list")),
        ("dockerfileTemplateData: |", "dockerfileTemplateUri: s3://b/k\ndockerfileTemplateData: |", (18, 1, "TOE707", "'dockerfileTemplateData' and 'dockerfileTemplateUri' exclude each other")),  # noqa: E501
        ("  {{{ imagebuilder:environments }}}\n", "", (18, 25, "TOE708", "the Dockerfile template does not hold {{{ imagebuilder:environments }}}")),  # noqa: E501
        ("{{{ imagebuilder:environments }}}", "{{{imagebuilder:environments}}}{{{imagebuilder:component}}}", (18, 25, "TOE708", "the Dockerfile template holds an unknown variable 'imagebuilder:component' (did you mean 'components'?)")),  # noqa: E501
        ("value: ['8080']", "value: '8080'", (15, 16, "TOE703", "'value' is a list, not a string")),
    ],
)  # fmt: skip
def test_faults_of_a_request(old: str, new: str, told: tuple[int, int, str, str], judged: Judge) -> None:
    assert judged(changed(old, new)) == [told]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("VolumeSize: !FindInMap [Sizes, !Ref Stage, Gib]", "VolumeSize: 20000", (64, 29, "TOE704", "'VolumeSize' is 20000")),  # noqa: E501
        ("VolumeSize: !FindInMap [Sizes, !Ref Stage, Gib]", "VolumeSize: big", (64, 29, "TOE703", "'VolumeSize' is a whole number, not a string")),  # noqa: E501
        ("Encrypted: true", "Encrypted: 'true'", None),
        ("Encrypted: true", "Encrypted: sure", (64, 77, "TOE703", "'Encrypted' is true or false, not a string")),
        ("Version: 1.2.0", "Version: 1.2.x", (23, 16, "TOE705", "the version '1.2.x' holds 'x': here it must be three numbers")),  # noqa: E501
        ("Platform: Linux", "Platform: linux", (24, 17, "TOE704", "'Platform' cannot be 'linux' (did you mean 'Linux'?)")),  # noqa: E501
        ("      Platform: Linux\n", "", (19, 3, "TOE702", "the component has no 'Platform'")),
        ("Value: !Ref Modules", "Value: [a, !Ref Nothing]", (47, 26, "TOE711", "the template has no parameter and no resource 'Nothing'")),  # noqa: E501
        ("- Name: Modules\n", "- Name: Module\n", (46, 21, "TOE718", "the component has no parameter 'Module' (did you mean 'Modules'?)")),  # noqa: E501
        ("!GetAtt Nginx.Arn", "!GetAtt Pipeline.Arn", (44, 25, "TOE711", "'ComponentArn' is the ARN of a component, and 'Pipeline' is none")),  # noqa: E501
        ("action: ExecuteBash", "action: ExecuteBsh", (33, 25, "TOE204", "unknown action 'ExecuteBsh' (did you mean 'ExecuteBash'?)")),  # noqa: E501
        ("AWS::ImageBuilder::ImagePipeline", "AWS::ImageBuilder::Pipeline", (75, 11, "TOE701", "Image Builder has no resource 'AWS::ImageBuilder::Pipeline'")),  # noqa: E501
    ],
)  # fmt: skip
def test_faults_of_a_template(old: str, new: str, told: tuple[int, int, str, str] | None, judged: Judge) -> None:
    found = judged(changed(old, new, TEMPLATE))
    if told is not None and told[2] == "TOE718":
        found = [one for one in found if one[2] != "TOE717"]
    assert found == ([told] if told is not None else [])


def test_a_document_in_another_style_is_told_with_its_own_line(judged: Judge) -> None:
    data = json.dumps(DOCUMENT.replace("ExecuteBash", "ExecuteBsh"))
    properties = f"{{Name: web, Version: 1.0.0, Platform: Linux, Data: {data}}}"
    recipe = f"Resources:\n  C:\n    Type: AWS::ImageBuilder::Component\n    Properties: {properties}\n"
    message = "in line 7 of the document of 'web': unknown action 'ExecuteBsh' (did you mean 'ExecuteBash'?)"
    assert judged(recipe) == [(4, 68, "TOE204", message)]


def with_component(reference: str, parameters: str = "") -> str:
    head = CONTAINER.split("components:")[0]
    template = "dockerfileTemplateUri: s3://bucket/key\n"
    return f"{head}{template}components:\n  - componentArn: {reference}\n{parameters}"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("", (13, 19, "TOE717", "the component needs a value for its parameter 'Port'")),
        ("Port: ['80']", None),
        ("Port: ['81']", (14, 39, "TOE719", "the parameter 'Port' does not allow '81'")),
        ("Port: ['80', '8080']", (14, 38, "TOE719", "the parameter 'Port' is a string, and 2 values are given")),
        ("Port: ['80'], Modules: [a, b]", None),
        ("Port: ['80'], Other: [a]", (14, 54, "TOE718", "the component has no parameter 'Other'")),
    ],
)
def test_parameters_fit_the_component(
    parameters: str, told: tuple[int, int, str, str] | None, judged: Judge, tmp_path: Path
) -> None:
    (tmp_path / "web.yml").write_text(DOCUMENT)
    entries = ", ".join(f"{{name: {name}, value: {value}}}" for name, value in NAME_AND_VALUE.findall(parameters))
    given = f"    parameters: [{entries}]\n" if parameters else ""
    assert judged(with_component("./web.yml", given)) == ([told] if told is not None else [])


def test_components_that_are_not_there(judged: Judge, tmp_path: Path) -> None:
    assert judged(with_component("./web.yml")) == [(13, 19, "TOE716", "the component's file './web.yml' is not there")]
    folder = tmp_path / "components"
    message = f"there is no component 'web' in {folder}"
    assert judged(with_component("web/1.0.0")) == [(13, 19, "TOE716", message)]
    (folder / "web" / "1.0.0").mkdir(parents=True)
    (folder / "web" / "1.0.0" / "web.yml").write_text(DOCUMENT)
    assert [one[2] for one in judged(with_component("web/1.x.x"))] == ["TOE717"]
    (folder / "web" / "1.0.0" / "web.yml").write_text("schemaVersion: 1.0\nphases: [\n")
    ((_, _, code, message),) = judged(with_component("web/1.x.x"))
    assert (code, message.startswith("the component's document is not valid: ")) == ("TOE716", True)


def test_what_only_aws_has_is_information(judged: Judge, tmp_path: Path) -> None:
    amazon = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x"
    told = judged(with_component(amazon), severity=Severity.INFO)
    message = "the component 'update-linux' x.x.x is kept by Image Builder, and not on this machine"
    assert told == [(13, 19, "TOE715", message)]
    (tmp_path / "update.yml").write_text(DOCUMENT.replace("Port: {", "Port: {default: '80', "))
    (tmp_path / "toe-images.yml").write_text("components: {update-linux: update.yml}\n")
    assert judged(with_component(amazon), severity=Severity.INFO) == []


def test_faults_of_the_side_file_are_told_with_the_recipe(judged: Judge, tmp_path: Path) -> None:
    (tmp_path / "toe-images.yml").write_text("engin: docker\n")
    assert judged(CONTAINER) == [(1, 1, "TOE721", "unknown field 'engin' (did you mean 'engine'?)")]


def test_fields_without_a_meaning_are_information(judged: Judge) -> None:
    text = CONTAINER + "kmsKeyId: alias/x\n"
    told = [one for one in judged(text, severity=Severity.INFO) if one[2] == "TOE709"]
    assert told == [
        (24, 1, "TOE709", "'kmsKeyId' has no meaning here: images on this machine are not encrypted by a key of AWS")
    ]


def test_the_21st_component_is_too_many(judged: Judge) -> None:
    more = "  - componentArn: arn:aws:imagebuilder:eu-west-1:123456789012:component/nginx/1.0.0\n" * 20
    assert judged(changed("dockerfileTemplateData", more + "dockerfileTemplateData")) == [
        (37, 5, "TOE706", "21 components: Image Builder takes at most 20 in one recipe")
    ]


def test_the_profile_of_image_builder_refuses_paths(judged: Judge, tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text(DOCUMENT.replace("Port: {", "Port: {default: '80', "))
    assert judged(with_component("./web.yml")) == []
    assert judged(with_component("./web.yml"), profile="imagebuilder") == [
        (13, 19, "TOE704", "'./web.yml' is no ARN of a component")
    ]


def test_who_builds_gets_the_errors(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yml"
    path.write_text(changed("1.0.x", "1.x.0"))
    with pytest.raises(ToeError, match=r"the recipe is not valid: .*recipe\.yml:3:18: in the version") as raised:
        one_recipe(str(path))
    problems: tuple[Problem, ...] = raised.value.problems
    assert [problem.code for problem in problems] == ["TOE705"]
    assert raised.value.exit_code == 2


def test_who_builds_gets_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "template.yml"
    declared = changed("Team: {Type: String}", "Team: {Type: String}\n  Nobody: {Type: String}", TEMPLATE)
    path.write_text(changed("Name: disk", "Name: !Ref Nobody", declared))
    with pytest.raises(ToeError, match="the parameter 'Nobody' has no default") as raised:
        one_recipe(str(path), resource="Disk")
    assert raised.value.hint == "give it: --parameters Nobody=VALUE"


def test_the_table_is_of_the_service_s_model() -> None:
    """The model that is installed may be newer: what it has more is no fault, and what it lost would be one."""
    loaders = pytest.importorskip("botocore.loaders")
    newest = distilled(loaders.Loader().load_service_model("imagebuilder", "service-2", api_version=API_VERSION))
    assert newest.keys() == shapes().keys()
    for kind, shape in shapes().items():
        assert shape["members"].keys() <= newest[kind]["members"].keys()
        assert set(shape["required"]) <= shape["members"].keys()


@pytest.mark.parametrize("kind", TITLES)
def test_schemas_are_committed_as_generated(kind: str) -> None:
    name = f"recipe-{kind.removesuffix('Recipe')}.schema.json"
    committed = (REPOSITORY / "schemas" / name).read_text()
    assert committed == json.dumps(recipe_schema(kind), indent=2) + "\n", (
        f"run: python -m toe.images.recipes.schema {kind}"
    )


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        (CONTAINER, "a.yml", RECIPE),
        (TEMPLATE, "a.yml", RECIPE),
        ('{"parentImage": "x", "name": "abc"}', "a.json", RECIPE),
        ("name: abc\nparentImage: [\n", "a.yml", RECIPE),
        ("engine: docker\n", "toe-images.yml", SIDE_FILE),
        ("Resources:\n  A: {Type: 'AWS::S3::Bucket'}\n", "a.yml", ""),
        (DOCUMENT + "# AWS::ImageBuilder:: parentImage: x\n", "a.yml", ""),
        ("phases: [\n# parentImage: AWS::ImageBuilder::\n", "a.yml", ""),
        ("", "a.yml", ""),
    ],
)
def test_files_are_recognised_by_what_they_hold(text: str, path: str, kind: str) -> None:
    assert recognised(text.encode(), path) == kind


def test_documents_and_templates_may_stand_in_files(tmp_path: Path) -> None:
    head, _ = CONTAINER.split("dockerfileTemplateData")
    path = tmp_path / "recipe.yml"
    path.write_text(head.replace("nginx/1.x.x", "nginx/1.0.0") + "dockerfileTemplateUri: ./Dockerfile\n")
    assert one_recipe(str(path)).dockerfile_uri == "./Dockerfile"
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    assert (one_recipe(str(path)).dockerfile, one_recipe(str(path)).dockerfile_uri) == ("FROM x\n", "")


@pytest.mark.parametrize(
    ("uri", "severity", "code"), [("./web.yml", Severity.ERROR, "TOE716"), ("s3://b/k.yml", Severity.INFO, "TOE715")]
)
def test_the_address_of_a_template_s_component_is_looked_at(
    uri: str, severity: Severity, code: str, judged: Judge, tmp_path: Path
) -> None:
    kept = TEMPLATE.split("      Data: !Sub |")
    text = f"{kept[0]}      Uri: {uri}\n  Recipe:{kept[1].split('  Recipe:')[1]}"
    assert code in [one[2] for one in judged(text, severity=severity)]
    (tmp_path / "web.yml").write_text(DOCUMENT)
    assert "TOE716" not in [one[2] for one in judged(text)]
