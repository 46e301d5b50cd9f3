"""`toe validate` with recipes of images among its files: real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

COMPONENT = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps: [{name: One, action: UpdateOS}]\n"
RECIPE = "name: web\nsemanticVersion: 1.x.0\nparentImage: debian:12\n"
TEMPLATE = """\
Resources:
  C:
    Type: AWS::ImageBuilder::Component
    Properties:
      Name: web
      Version: 1.0.0
      Platform: Linux
      Data: |
        schemaVersion: 1.0
        phases:
          - name: build
            steps: [{name: One, action: UpdateO}]
"""
#: Tells on stderr which modules a command has loaded when it ends.
LOADED = """
import os, sys
end = os._exit
def tell(code):
    print(*sys.modules, file=sys.stderr)
    end(code)
os._exit = tell
from toe.__main__ import main
main()
"""

TEMPLATE_WITH_PARAMETER = """\
Parameters: {Base: {Type: String}}
Resources:
  Web:
    Type: AWS::ImageBuilder::ImageRecipe
    Properties:
      Name: !Sub web-${AWS::Region}
      ParentImage: !Ref Base
      Version: 1.0.0
      Components: [{ComponentArn: one/1.0.0}]
"""


def validate(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return toe_says("validate", *arguments, stdin=stdin)


def write(name: str, text: str) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def test_recipes_of_a_folder_are_judged_with_its_documents() -> None:
    write("tree/component.yml", COMPONENT)
    write("tree/recipe.yml", RECIPE)
    write("tree/stack.yml", TEMPLATE)
    write("tree/other.yml", "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n")
    done = validate("tree")
    assert done.returncode == 1
    found = [(one["file"], one["line"], one["code"]) for one in json.loads(done.stdout)["problems"]]
    assert found == [("tree/recipe.yml", 2, "TOE705"), ("tree/stack.yml", 12, "TOE204")]
    assert "1 YAML file is no component document: left out\n  tree/other.yml\n" in done.stderr
    assert "  steps: [{name: One, action: UpdateO}]\n" in done.stderr


@pytest.mark.parametrize("form", ["text", "sarif", "github", "junit"])
def test_every_format_tells_the_faults_of_recipes(form: str) -> None:
    done = validate(write("recipe.yml", RECIPE), "--format", form)
    assert done.returncode == 1
    assert "TOE705" in done.stdout + done.stderr
    assert "recipe.yml" in done.stdout + done.stderr


def test_codes_of_recipes_are_selected_and_ignored() -> None:
    recipe = write("recipe.yml", RECIPE.replace("1.x.0", "1.0.0") + "amiTags: {a: b}\n")
    assert "TOE709" in validate(recipe).stderr
    assert validate(recipe, "--ignore", "TOE709").stderr == ""
    assert validate(recipe, "--select", "TOE5").stderr == ""


def test_a_recipe_comes_from_standard_input_too() -> None:
    done = validate("-", "--stdin-filename", "recipe.yml", stdin=RECIPE)
    assert "recipe.yml:2:18: error[TOE705]" in done.stderr


def test_a_recipe_as_powershell_writes_it_is_one() -> None:
    Path("recipe.json").write_bytes(RECIPE.encode("utf-16"))
    assert "recipe.json:2:18: error[TOE705]" in validate("recipe.json").stderr


def test_the_side_file_is_judged() -> None:
    done = validate(write("toe-images.yml", "engine: dockr\n"))
    assert done.returncode == 1
    assert "toe-images.yml:1:9: error[TOE721]: 'engine' cannot be 'dockr' (did you mean 'docker'?)" in done.stderr


def test_terraform_without_recipes_is_left_out() -> None:
    write("tf/variables.tf", 'variable "a" {}\n')
    write("tf/main.tf", 'resource "aws_imagebuilder_image_recipe" "a" {\n}\n')
    pytest.importorskip("hcl2")
    done = validate("tf/*.tf")
    assert "tf/main.tf:1:1: error[TOE702]: the image recipe has no 'name'" in done.stderr
    assert "left out\n  tf/variables.tf\n" in done.stderr


def test_terraform_without_its_extra_says_what_to_install() -> None:
    write("main.tf", 'resource "aws_imagebuilder_image_recipe" "a" {\n}\n')
    code = "import sys; sys.modules['hcl2'] = sys.modules['lark'] = None; from toe.__main__ import main; main()"
    argv = [sys.executable, "-c", code, "validate", "main.tf"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "main.tf: error: Terraform needs the package 'python-hcl2', which is not installed" in done.stderr
    assert "pip install 'toe-executor[terraform]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("text", "loads"), [(COMPONENT, False), (RECIPE, True)])
def test_only_recipes_load_what_judges_them(text: str, loads: bool) -> None:
    argv = [sys.executable, "-c", LOADED, "validate", write("file.yml", text)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    loaded = done.stderr.splitlines()[-1].split()
    assert [name in loaded for name in ("jsonschema", "toe.images.recipes.check")] == [loads, loads]
    assert not {"hcl2", "lark", "boto3"} & set(loaded)


def test_parameters_of_a_template_can_be_given() -> None:
    base = "ami-0123456789abcdef0"
    text = TEMPLATE_WITH_PARAMETER
    path = write("template.yml", text)
    told = validate(path).stderr
    assert "the parameter 'Base' has no default" in told
    assert "'AWS::Region' is known to AWS only" in told
    for option in ("--parameter", "--parameters"):
        told = validate(path, option, f"Base={base},AWS::Region=eu-west-1").stderr
        assert "TOE710" not in told
        assert f"the base '{base}' is kept by AWS" in told
    unknown = validate(path, "--parameter", "Bse=x")
    assert unknown.returncode == 2
    assert "the template has no parameter 'Bse' (did you mean 'Base'?)" in unknown.stderr
    other = validate(write("component.yml", COMPONENT), "--parameter", "A=b")
    assert other.returncode == 2
    assert "--parameters are for recipes of images, and this is none" in other.stderr
