"""Recipes of the API's own form and of CloudFormation, to one model."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe_fixtures import one_recipe

from toe.check.explanations.examples import bombs
from toe.errors import Severity, ToeError
from toe.images.model import CONTAINER, IMAGE, Place, Reading
from toe.images.recipes.read import read_recipes, read_text

HERE = Path(__file__).parent
CONTAINER_YML, TEMPLATE_YML = str(HERE / "container.yml"), str(HERE / "template.yml")


def problems(reading: Reading) -> list[tuple[int, int, str, str]]:
    return [(problem.line, problem.column, problem.code, problem.message) for problem in reading.problems]


def read(text: str, **parameters: str) -> Reading:
    return read_text(text.encode(), "recipe.yml", parameters=parameters)


def test_a_container_recipe_of_the_api() -> None:
    reading = read_recipes(CONTAINER_YML)
    assert problems(reading) == []
    (recipe,) = reading.recipes
    assert (recipe.kind, recipe.name, recipe.version) == (CONTAINER, "web-server", "1.0.x")
    assert (recipe.parent_image, recipe.target_repository, recipe.working_directory) == ("debian:12", "web", "/tmp")
    assert recipe.dockerfile.startswith("FROM {{{ imagebuilder:parentImage }}}\n")
    assert recipe.tags == {"team": "web"}
    (use,) = recipe.components
    assert use.reference == "arn:aws:imagebuilder:eu-west-1:123456789012:component/nginx/1.x.x"
    assert use.parameters == {"Port": ("8080",), "Modules": ("gzip", "brotli")}
    assert use.place == Place(CONTAINER_YML, 12, 19)


def test_json_is_read_as_yaml_is(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(
        '{"name": "a b", "semanticVersion": "1.0.0", "parentImage": "x", "components": [\n\t{"componentArn": "a"}]}'
    )
    (recipe,) = read_recipes(str(path)).recipes
    assert (recipe.kind, recipe.name) == (IMAGE, "a b")
    assert recipe.components[0].place == Place(str(path), 2, 19)


def test_what_the_service_answers_is_read_too() -> None:
    recipe = '{"arn": "a", "name": "n", "version": "1.0.0", "parentImage": "p", "owner": "1"}'
    reading = read(f'{{"requestId": "1", "imageRecipe": {recipe}}}')
    assert problems(reading) == []
    assert [(recipe.name, recipe.version) for recipe in reading.recipes] == [("n", "1.0.0")]


def test_functions_of_a_template_are_carried_out() -> None:
    reading = read_recipes(TEMPLATE_YML)
    recipe, disk = reading.recipes
    assert (recipe.label, recipe.name, recipe.parent_image) == ("Recipe", "web-test", "debian:12")
    assert recipe.target_repository == "web-test"
    nginx, update = recipe.components
    assert (nginx.reference, nginx.parameters) == ("nginx/1.2.0", {"Modules": ("gzip", "brotli")})
    assert nginx.inline is not None
    assert "echo test ${HOME} {{ Modules }}" in nginx.inline.text
    assert nginx.inline.text_place == Place(TEMPLATE_YML, 26, 9)
    assert (update.reference, update.inline) == ("arn:*:imagebuilder:*:aws:component/update-linux/x.x.x", None)
    assert disk.user_data == b"#!/bin/sh\necho ready\n"
    assert [(one.device, one.size_gib, one.encrypted) for one in disk.block_devices] == [("/dev/sdb", 8, True)]


def test_only_what_is_not_known_is_told() -> None:
    reading = read_recipes(TEMPLATE_YML)
    message = "'ParentImage' is not known here: the parameter 'Team' has no default"
    assert problems(reading) == [(60, 20, "TOE710", message)]
    assert reading.problems[0].severity is Severity.INFO


def test_parameters_choose_conditions() -> None:
    reading = read_recipes(TEMPLATE_YML, parameters={"Stage": "prod", "Team": "ami-1", "AWS::Region": "eu-west-1"})
    assert [recipe.label for recipe in reading.recipes] == ["Recipe", "Never"]
    recipe = reading.recipes[0]
    assert recipe.components[1].reference.startswith("arn:*:imagebuilder:eu-west-1:aws:")
    assert recipe.components[2].reference == "only-in-prod/1.0.0"
    assert recipe.parent_image == "*"


def test_other_resources_keep_whom_they_name() -> None:
    (pipeline,) = read_recipes(TEMPLATE_YML).resources
    assert (pipeline.kind, pipeline.label, pipeline.refers) == (
        "imagePipeline",
        "Pipeline",
        {"containerRecipeArn": "Recipe"},
    )
    assert pipeline.fields["name"] == "weekly"


def test_one_recipe_of_several_is_named() -> None:
    with pytest.raises(ToeError, match="there are 2 recipes in this file: Recipe, Disk") as several:
        one_recipe(TEMPLATE_YML)
    assert several.value.hint == "say which: --resource Recipe"
    assert one_recipe(TEMPLATE_YML, resource="Recipe").name == "web-test"
    with pytest.raises(ToeError, match="there is no recipe 'Recip' \\(did you mean 'Recipe'\\?\\)"):
        one_recipe(TEMPLATE_YML, resource="Recip")


def test_a_parameter_that_is_not_declared_is_refused() -> None:
    with pytest.raises(ToeError, match="no parameter 'Stag' \\(did you mean 'Stage'\\?\\)"):
        read_recipes(TEMPLATE_YML, parameters={"Stag": "prod"})
    with pytest.raises(ToeError, match="has no parameters, such as 'Stage'"):
        read_recipes(CONTAINER_YML, parameters={"Stage": "prod"})


def template(properties: str, more: str = "") -> str:
    kind = "AWS::ImageBuilder::ImageRecipe"
    return (
        f"{more}Resources:\n  Recipe:\n    Type: {kind}\n    Properties: {{Name: abc, Version: 1.0.0, {properties}}}\n"
    )


@pytest.mark.parametrize(
    ("properties", "code", "message"),
    [
        ("ParentImage: !Ref Nobody", "TOE711", "the template has no parameter and no resource 'Nobody'"),
        (
            "ParentImage: !Sub '${Recip}'",
            "TOE711",
            "the template has no parameter and no resource 'Recip' (did you mean 'Recipe'?)",
        ),
        ("ParentImage: !GetAtt Nobody.Arn", "TOE711", "the template has no parameter and no resource 'Nobody'"),
        ("ParentImage: !GetAtt Nobody", "TOE714", "'Fn::GetAtt' is not in the right form"),
        ("ParentImage: !FindInMap [A, b, c]", "TOE711", "the template has no mapping 'A.b.c'"),
        ("ParentImage: !If [C, a, b]", "TOE711", "the template has no condition 'C'"),
        ("ParentImage: !Select [2, [a, b]]", "TOE714", "'Fn::Select' asks for item 2 of 2"),
        ("ParentImage: !Join [a]", "TOE714", "'Fn::Join' is not in the right form"),
        ("ParentImages: a", "TOE701", "unknown field 'ParentImages' (did you mean 'ParentImage'?)"),
        ("parentImage: a", "TOE701", "unknown field 'parentImage' (did you mean 'ParentImage'?)"),
        ("DockerfileTemplateData: a", "TOE701", "unknown field 'DockerfileTemplateData'"),
    ],
)
def test_what_cannot_be_right_has_its_place(properties: str, code: str, message: str) -> None:
    found = [one for one in problems(read(template(properties))) if one[2] != "TOE702"]
    assert [(line, code, text) for line, _, code, text in found] == [(4, code, message)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!ImportValue Base", "'Fn::ImportValue' gives what another stack exports: only AWS knows it"),
        ("!GetAtt Other.ImageId", "'Other.ImageId' (AWS::EC2::Instance) exists in AWS only"),
        ("'{{resolve:ssm:/base}}'", "the value is kept by Systems Manager"),
        ("!Ref Stored", "the parameter 'Stored' names a value that Systems Manager keeps: '/base'"),
        ("{'Fn::ForEach::X': [a]}", "'Fn::ForEach::X' is carried out by CloudFormation"),
    ],
)
def test_what_only_aws_knows_is_named(value: str, reason: str) -> None:
    more = "Parameters:\n  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /base}\n"
    text = template(f"ParentImage: {value}", more) + "  Other: {Type: 'AWS::EC2::Instance'}\n"
    reading = read(text)
    assert [message for _, _, code, message in problems(reading) if code == "TOE710"] == [
        f"'ParentImage' is not known here: {reason}"
    ]
    assert reading.recipes[0].parent_image == "*"


def test_circles_are_told_once() -> None:
    more = "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n"
    found = problems(read(template("ParentImage: !If [A, a, b]", more)))
    assert [message for *_, code, message in found if code == "TOE712"] == [
        "the template refers to itself: condition A -> condition B -> condition A"
    ]
    names = "  One: {Type: 'AWS::ECR::Repository', Properties: {RepositoryName: !Ref Two}}\n"
    names += "  Two: {Type: 'AWS::ECR::Repository', Properties: {RepositoryName: !Sub '${One}'}}\n"
    found = problems(read(template("ParentImage: !Ref One") + names))
    assert [message for *_, code, message in found if code == "TOE712"] == [
        "the template refers to itself: One.RepositoryName -> Two.RepositoryName -> One.RepositoryName"
    ]


def test_a_template_that_doubles_itself_is_stopped() -> None:
    form = "  R{}: {{Type: 'AWS::ECR::Repository', Properties: {{RepositoryName: !Sub 'x${{R{}}}${{R{}}}'}}}}\n"
    doubling = "".join(form.format(number, number + 1, number + 1) for number in range(60))
    last = "  R60: {Type: 'AWS::ECR::Repository', Properties: {RepositoryName: x}}\n"
    found = problems(read(template("ParentImage: !Ref R0") + doubling + last))
    message = "the template expands to too much"

    assert [text for *_, code, text in found if code == "TOE713"] == [message]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Resources: " + "[" * 100_000, "TOE112"),
        (bombs(9), "TOE109"),
        ("Resources: !Ref &a [*a]", "TOE108"),
        ("#" * (17 * 2**20), "TOE113"),
        ("a: b", "TOE702"),
        ("- a", "TOE702"),
        ("Resources: !!python/object:os.system x", "TOE702"),
    ],
)
def test_hostile_files_have_one_message(text: str, code: str) -> None:
    found = problems(read(text))
    assert code in [one[2] for one in found]
    assert len(found) <= 2


def test_component_documents_have_no_functions() -> None:
    from toe.document.loader import parse_yaml

    _, found = parse_yaml(b"name: !Sub x\n", "component.yml")
    assert [problem.message for problem in found] == ["the tag '!Sub' is not allowed"]


def test_names_that_lead_to_names_without_end_are_stopped() -> None:
    form = "  R{}: {{Type: 'AWS::ECR::Repository', Properties: {{RepositoryName: !Ref R{}}}}}\n"
    chain = "".join(form.format(number, number + 1) for number in range(3000))
    found = problems(read(template("ParentImage: !Ref R0") + chain))
    assert "TOE713" in [code for *_, code, _ in found]
    conditions = "".join(f"  C{number}: !Not [!Condition C{number + 1}]\n" for number in range(3000))
    found = problems(read(template("ParentImage: !If [C0, a, b]", f"Conditions:\n{conditions}")))
    assert "TOE713" in [code for *_, code, _ in found]


def test_resources_of_a_loop_are_named() -> None:
    kind = "AWS::ImageBuilder::ImageRecipe"
    loop = f"Resources:\n  Fn::ForEach::Recipes:\n    - Name\n    - [a, b]\n    - '${{Name}}': {{Type: '{kind}'}}\n"
    message = "these resources are not known here: CloudFormation makes them for each item of a list"
    assert problems(read(loop)) == [(2, 3, "TOE710", message)]


def test_what_is_open_is_no_name_of_a_repository() -> None:
    text = template("ParentImage: x").replace("ImageRecipe", "ContainerRecipe")
    repository = "TargetRepository: {Service: ECR, RepositoryName: !ImportValue Web}"
    (recipe,) = read(text.replace("ParentImage: x", f"ParentImage: x, {repository}")).recipes
    assert recipe.target_repository == ""
