"""Terraform configurations, with what the other files of their folder say."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe_fixtures import one_recipe

from toe.check.options import CheckOptions
from toe.errors import ToeError
from toe.images.library import library_of, resolve
from toe.images.model import Place, Reading
from toe.images.recipes.check import check_recipes
from toe.images.recipes.read import read_recipes, read_text

pytest.importorskip("hcl2")

FOLDER = Path(__file__).parent / "configuration"
MAIN = str(FOLDER / "main.tf")

Told = list[tuple[int, int, str, str]]


def told(text: str, folder: Path) -> Told:
    problems = check_recipes(text.encode(), str(folder / "main.tf"), CheckOptions())
    return [(problem.line, problem.column, problem.code, problem.message) for problem in problems]


def recipe(body: str) -> str:
    return f'resource "aws_imagebuilder_image_recipe" "a" {{\n  name = "abc"\n  version = "1.0.0"\n{body}\n}}\n'


def parent(expression: str, more: str = "", **given: str) -> Reading:
    text = recipe(f"  parent_image = {expression}") + more
    return read_text(text.encode(), "nowhere/main.tf", parameters=given)


def test_a_folder_is_read_to_the_model() -> None:
    reading = read_recipes(MAIN)
    web, disk = reading.recipes
    assert (web.label, web.name, web.parent_image) == (
        "aws_imagebuilder_container_recipe.web",
        "web-test-server",
        "debian:12",
    )
    assert web.target_repository == "web-test-repository"
    assert web.dockerfile.splitlines()[0] == "FROM {{{ imagebuilder:parentImage }}}"
    assert web.dockerfile.endswith("ENV STAGE=test HOME=${HOME}\n")
    assert web.tags == {"team": "web"}
    nginx, update = web.components
    assert (nginx.reference, nginx.parameters) == ("nginx/1.2.0", {"Port": ("80",)})
    assert update.reference == "arn:aws:imagebuilder:*:aws:component/update-linux/x.x.x"
    assert (disk.user_data, disk.uninstall_agent) == (b'echo "ready"\n', True)
    assert [(one.device, one.size_gib, one.encrypted) for one in disk.block_devices] == [("/dev/sda", 8, True)]


def test_a_component_of_another_file_is_found_with_its_scripts() -> None:
    web = one_recipe(MAIN, resource="web")
    component = resolve(web.components[0], library_of(MAIN))
    assert (component.name, component.version) == ("nginx", "1.2.0")
    assert b"echo installing" in component.text
    assert web.components[0].inline is not None
    assert web.components[0].inline.place == Place(str(FOLDER / "components.tf"), 1, 1)


def test_what_is_open_is_named_with_its_place() -> None:
    problems = check_recipes(Path(MAIN).read_bytes(), MAIN, CheckOptions())
    assert [(problem.line, problem.column, problem.code, problem.message) for problem in problems] == [
        (24, 21, "TOE715", "the component 'update-linux' x.x.x is kept by Image Builder, and not on this machine"),
        (44, 22, "TOE710", "'parent_image' is not known here: the variable 'ami' has no default"),
        (51, 3, "TOE710", "'component' is not known here: there is a 'component' for each item of 'for_each': Terraform works that out"),  # noqa: E501
    ]  # fmt: skip


def test_variables_are_given() -> None:
    reading = read_recipes(MAIN, parameters={"ami": "ami-1", "is_wanted": "true", "ports": '["8080"]'})
    web, disk, never = reading.recipes
    assert (web.components[0].parameters, disk.parent_image, never.name) == ({"Port": ("8080",)}, "ami-1", "never")
    with pytest.raises(ToeError, match=r"has no variable 'amy' \(did you mean 'ami'\?\)"):
        read_recipes(MAIN, parameters={"amy": "ami-1"})


def test_values_of_tfvars_are_read(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.tf"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "terraform.tfvars").write_text('ami = "ami-2"\nbase = "debian:11"\n')
    assert [one.parent_image for one in read_recipes(str(tmp_path / "main.tf")).recipes] == ["debian:11", "ami-2"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"a${"b"}c"', "abc"),
        ('"tab\\t\\"q\\" \\u00e4"', 'tab\t"q" ä'),
        ('"$${x} %%{y}"', "${x} %{y}"),
        ("<<EOF\n  two\nEOF", "  two\n"),
        ("<<-EOF\n    two\n      three\n  EOF", "two\n  three\n"),
        ('join("-", concat(["a"], tolist(["b"])))', "a-b"),
        ('upper(trimspace(" a "))', "A"),
        ('replace("a.b", ".", "-")', "a-b"),
        ('true && !false ? "yes" : "no"', "yes"),
        ('1 == 2 || "a" != "a" ? "yes" : "no"', "no"),
        ('{ a = { "b" = ["c", "d"] } }.a.b[1]', "d"),
        ("(local.deep)", "deep"),
        ("local.map.key", "value"),
        ('local.map["key"]', "value"),
        ("try(local.deep, 1)", "deep"),
    ],
)
def test_expressions_are_worked_out(expression: str, value: str) -> None:
    more = 'locals {\n  deep = local.deeper\n  deeper = "deep"\n  map = { key = "value" }\n}\n'
    assert parent(expression, more).recipes[0].parent_image == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("data.aws_ami.linux.id", "'data.aws_ami.linux' is looked up when Terraform runs"),
        ("each.value", "'each.value' is another one for each item of 'for_each'"),
        ("module.base.ami", "'module.base.ami' is what another module gives"),
        ("var.other", "no *.tf of this folder declares the variable 'other'"),
        ("local.other", "no *.tf of this folder says what 'local.other' is"),
        ("aws_x.y.id", "no *.tf of this folder has the resource 'aws_x.y'"),
        ('[for a in ["b"] : a][0]', "Terraform works this expression out"),
        ('cidrsubnet("10.0.0.0/8", 8, 2)', "what the function 'cidrsubnet' gives is worked out by Terraform"),
        ('"%{ if true }a%{ endif }"', "Terraform works this expression out"),
        ('var.other ? "a" : "b"', "which of the two values holds is not known here"),
    ],
)
def test_what_terraform_works_out_is_named(expression: str, reason: str) -> None:
    reading = parent(expression)
    assert [problem.message for problem in reading.problems] == [f"'parent_image' is not known here: {reason}"]


def test_a_file_that_is_not_there_is_named() -> None:
    (problem,) = parent('file("none.txt")').problems
    assert "'parent_image' is not known here: nowhere/none.txt: cannot read the document: No such" in problem.message


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("  parent_imag = 1", (4, 3, "TOE701", "unknown field 'parent_imag' (did you mean 'parent_image'?)")),
        ("  parentImage = 1", (4, 3, "TOE701", "unknown field 'parentImage' (did you mean 'parent_image'?)")),
        ("  parent_image = [1]", (4, 18, "TOE703", "'parent_image' is a text, not a list")),
        ('  parent_image = "x"\n  component {\n    arn = 1\n  }', (6, 5, "TOE701", "unknown field 'arn'")),
        ('  parent_image = "x"\n  component {}', (5, 3, "TOE702", "this has no 'component_arn'")),
        ('  parent_image = "x"\n  component { component_arn = "./none.yml" }', (5, 31, "TOE716", "the component's file './none.yml' is not there")),  # noqa: E501
        ('  parent_image = "x"\n  block_device_mapping {\n    ebs { volume_size = 0 }\n  }', (6, 25, "TOE704", "'volume_size' is 0")),  # noqa: E501
        ('  parent_image = "x', (4, 19, "TOE720", "the text in quotes that begins here is not closed in its line")),
        ('  parent_image = = "x"', (4, 18, "TOE720", "this is not valid Terraform: '= \"x\"' is not expected here")),
    ],
)  # fmt: skip
def test_faults_have_their_place(body: str, fault: tuple[int, int, str, str], tmp_path: Path) -> None:
    assert fault in told(recipe(body), tmp_path)


def test_a_configuration_that_refers_to_itself_is_told() -> None:
    reading = parent("local.a", "locals {\n  a = local.b\n  b = upper(local.a)\n}\n")
    assert [(problem.code, problem.message) for problem in reading.problems] == [
        ("TOE712", "the configuration refers to itself: local.a -> local.b -> local.a")
    ]
    own = 'resource "aws_ecr_repository" "r" { name = aws_ecr_repository.r.name }\n'
    (problem,) = parent("aws_ecr_repository.r.name", own).problems
    assert problem.code == "TOE712"


def test_a_configuration_that_doubles_itself_is_stopped() -> None:
    doubling = "".join(f'  a{number} = "${{local.a{number + 1}}}${{local.a{number + 1}}}"\n' for number in range(40))
    reading = parent("local.a0", f'locals {{\n{doubling}  a40 = "x"\n}}\n')
    assert [problem.code for problem in reading.problems] == ["TOE713"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a = " + "[" * 20_000 + "]" * 20_000, "TOE720"),
        ("a {\n" * 5_000 + "}\n" * 5_000, "TOE720"),
        ("a = " + "[" * 20_000, "TOE720"),
        ("# x\n" * 300_000, "TOE713"),
        ("a = <<E\n" * 3_000, "TOE720"),
        ('a = "' + '${"' * 90, "TOE720"),
        ("\x00", "TOE720"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "TOE720"),
    ],
    ids=range(8),
)
def test_hostile_files_have_one_message(text: str, code: str, tmp_path: Path) -> None:
    assert [one[2] for one in told(text, tmp_path)] == [code]


def test_bytes_that_are_no_text_have_one_message() -> None:
    reading = read_text(b"a = \xff", "main.tf")
    assert [(problem.code, problem.line, problem.column) for problem in reading.problems] == [("TOE720", 1, 5)]


@pytest.mark.parametrize(
    ("expression", "more"),
    [
        ("local.a0", "locals {\n" + "".join(f"  a{n} = local.a{n + 1}\n" for n in range(2000)) + "}\n"),
        ("local.a0", "locals {\n" + "".join(f"  a{n} = [[[[local.a{n + 1}]]]]\n" for n in range(2000)) + "}\n"),
        ("1" + " + 1" * 3000, ""),
        ("true ? 1 : " * 2000 + "1", ""),
        ("false ? 1 : " * 2000 + "1", ""),
        ("a" + ".b" * 5000, ""),
        ("a" + "[0]" * 5000, ""),
    ],
    ids=range(7),
)
def test_expressions_without_end_are_stopped(expression: str, more: str) -> None:
    assert {problem.code for problem in parent(expression, more).problems} <= {"TOE713", "TOE710"}
