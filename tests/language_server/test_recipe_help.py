"""What an editor offers and says in recipes of images and in toe-images.yml, and where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from recipe_desk import RECIPE, TEMPLATE, TOOLS_ARN, laid_out, typed
from typed import VOCABULARY

from toe.language_server.completion import complete
from toe.language_server.hover import hover
from toe.language_server.navigation import definition
from toe.language_server.recipes.cursor import cursor_in

HEAD = "name: web\nparentImage: debian:12\ncomponents:\n"
NGINX = HEAD + "  - componentArn: nginx/1.x.x\n"
GIVEN = NGINX + "    parameters:\n"
JSON = '{"name": "web", "parentImage": "debian:12"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid_out(tmp_path_factory.mktemp("desk"))


def offered(folder: Path, name: str, marked: str, before: str = "") -> dict[str, str]:
    """What is offered at the mark: the label of each completion, and the text's line with it."""
    buffer, position = typed(folder, name, marked, before)
    lines = {}
    for item in complete(buffer, position, VOCABULARY):
        edit = item.text_edit
        assert isinstance(edit, types.TextEdit)
        start, end = (buffer.positions.offset_of(one) for one in (edit.range.start, edit.range.end))
        text = buffer.text[:start] + edit.new_text + buffer.text[end:]
        lines[item.label] = text.split("\n")[position.line].strip()
    return lines


@pytest.mark.parametrize(
    ("name", "marked", "some", "none"),
    [
        ("a.yml", RECIPE + "§", {"description", "workingDirectory"}, {"name", "components", "componentArn"}),
        ("a.yml", HEAD + "  - §\n", {"componentArn", "parameters"}, {"name"}),
        ("a.yml", NGINX + "    §\n", {"parameters"}, {"componentArn"}),
        ("a.yml", HEAD + "  - componentArn: §\n", {"nginx/x.x.x", "nginx/1.x.x", "nginx/2.0.0"}, {"nginx/1.1.0"}),
        ("a.yml", GIVEN + "      - name: §\n", {"Channel", "Port"}, set()),
        ("a.yml", GIVEN + "      - {name: Channel, value: [§]}\n", {"stable", "mainline"}, {"Channel"}),
        ("a.yml", GIVEN + "      - name: Channel\n        value:\n          - §\n", {"stable", "mainline"}, set()),
        ("a.yml", HEAD + "  []\ncontainerType: §\n", {"DOCKER"}, set()),
        (
            "a.yml",
            HEAD + "  []\ncontainerType: DOCKER\ntargetRepository: {§}\n",
            {"service", "repositoryName"},
            {"name"},
        ),
        ("a.yml", HEAD + "  []\ntargetRepository: §\n", set(), {"service"}),
        ("a.json", JSON + ', "§"}', {"components", "tags"}, {"name", "dockerfileTemplateData"}),
        ("a.json", JSON + ', "components": [{"componentArn": §}]}', {"nginx/1.x.x"}, set()),
        ("t.yml", TEMPLATE + "        - ComponentArn: §\n", {"hello/1.0.0", "nginx/x.x.x"}, set()),
        ("t.yml", TEMPLATE + "      §\n", {"WorkingDirectory", "Tags"}, {"Version", "ComponentArn"}),
        ("t.yml", TEMPLATE + "        - !If [A, {§}, {}]\n", {"ComponentArn", "Parameters"}, {"Name"}),
        ("t.yml", TEMPLATE.replace("Name: Channel", "Name: §"), {"Channel", "Port"}, set()),
        ("t.yml", TEMPLATE + "  More:\n    Type: §\n", {"AWS::ImageBuilder::ImagePipeline"}, set()),
        ("t.yml", TEMPLATE + "  More:\n    Type: AWS::S3::Bucket\n    Properties:\n      §\n", set(), {"Name"}),
        ("t.yml", TEMPLATE + "        - ComponentArn: !Ref §\n", {"Hello", "Recipe"}, {"nginx/x.x.x", "hello/1.0.0"}),
        ("t.yml", TEMPLATE + "        - ComponentArn: !GetAtt §\n", {"Hello.Arn"}, {"nginx/x.x.x"}),
        ("t.yml", TEMPLATE + "        - ComponentArn: !Sub '§'\n", set(), {"nginx/x.x.x"}),
        ("t.yml", TEMPLATE.replace("schemaVersion: 1.0", "schema§Version: 1.0"), set(), {"Name"}),
        ("toe-images.yml", "eng§", {"engine", "images", "cache"}, {"max_age"}),
        ("toe-images.yml", "engine: §\n", {"buildah", "podman"}, {"oci"}),
        ("toe-images.yml", "cache:\n  §\n", {"max_age"}, {"engine"}),
        ("toe-images.yml", "notices:\n  - §\n", {"sns", "webhook", "secret_file"}, {"engine"}),
        ("compose.yml", "services: {§}\n", set(), {"name"}),
    ],
)
def test_what_is_offered(folder: Path, name: str, marked: str, some: set[str], none: set[str]) -> None:
    labels = set(offered(folder, name, marked))
    assert some <= labels
    assert not none & labels


@pytest.mark.parametrize(
    ("name", "marked", "label", "line"),
    [
        ("a.yml", RECIPE + "work§", "workingDirectory", "workingDirectory: "),
        ("a.yml", RECIPE + "block§", "blockDeviceMappings", "blockDeviceMappings:"),
        ("a.yml", HEAD + "  §", "componentArn", "- componentArn: "),
        ("a.yml", HEAD + "  - componentArn: ngi§", "nginx/2.x.x", "- componentArn: nginx/2.x.x"),
        ("a.yml", RECIPE.replace("semanticVersion", "sem§"), "semanticVersion", "semanticVersion: 1.0.0"),
        ("a.json", JSON + ', "des§"}', "description", JSON + ', "description"}'),
        ("a.json", JSON + ", §}", "description", JSON + ', "description": }'),
        ("a.json", JSON + "\n§\n}", "description", '"description": '),
        ("a.json", JSON + ', "components": [{"componentArn": "§"}]}', "nginx/x.x.x", None),
    ],
)
def test_what_is_written(folder: Path, name: str, marked: str, label: str, line: str | None) -> None:
    wanted = line if line is not None else marked.replace("§", label)
    assert offered(folder, name, marked)[label].rstrip() == wanted.rstrip()


def test_what_is_broken_below_and_around_is_no_hindrance(folder: Path) -> None:
    assert "tags" in offered(folder, "a.yml", HEAD + "  []\nta§\nx: [\n")
    assert "tags" in offered(folder, "a.json", JSON + '\n "ta§\n}', JSON + "}")
    assert cursor_in("a: ]\n  - §", 5) is None


def said(folder: Path, name: str, marked: str) -> str:
    buffer, position = typed(folder, name, marked)
    found = hover(buffer, position, (), VOCABULARY)
    if found is None:
        return ""
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value


@pytest.mark.parametrize(
    ("name", "marked", "part"),
    [
        ("a.yml", RECIPE.replace("semantic", "seman§tic"), "**semanticVersion** (required)\n\nThree numbers"),
        ("a.yml", RECIPE + "ami§Tags: {a: b}\n", "**amiTags**\n\nIt has no meaning here: there is no AMI here."),
        ("a.yml", RECIPE.replace("nginx/", "ngi§nx/"), "**nginx** 1.2.0/1: `"),
        ("a.yml", RECIPE.replace("Channel", "Chan§nel"), "parameter **Channel** (string): a value must be given"),
        ("a.yml", RECIPE.replace("web", "we§b", 1), ""),
        ("a.json", JSON.replace("parentI", "parent§I") + "}", "**parentImage** (required)\n\nThe base."),
        ("t.yml", TEMPLATE.replace("Version: 1.0.0", "Ver§sion: 1.0.0", 1), "**Version** (required)"),
        ("t.yml", TEMPLATE.replace("!Ref Hello", "!Ref Hel§lo"), "**hello** 1.0.0/1: `"),
        ("t.yml", TEMPLATE.replace("Resources", "Res§ources"), ""),
        ("toe-images.yml", "cache: {max_§age: 7d}\n", "**max_age**\n\nThe age from which on"),
    ],
)
def test_what_is_said(folder: Path, name: str, marked: str, part: str) -> None:
    text = said(folder, name, marked)
    assert text.startswith(part)
    assert bool(text) == bool(part)


@pytest.mark.parametrize(
    ("name", "marked", "file", "line"),
    [
        ("a.yml", RECIPE.replace("nginx/", "ngi§nx/"), "components/nginx/1.2.0/component.yml", 0),
        ("a.yml", RECIPE.replace("nginx/1.x.x", "to§ols.yml"), "tools.yml", 0),
        ("a.yml", RECIPE.replace("nginx/1.x.x", TOOLS_ARN.replace("tools", "to§ols")), "tools.yml", 0),
        ("a.yml", RECIPE.replace("nginx/1.x.x", "no§body/1.x.x"), "", 0),
        ("a.yml", RECIPE.replace("Channel", "Chan§nel"), "", 0),
        ("t.yml", TEMPLATE.replace("!Ref Hello", "!Ref Hel§lo"), "t.yml", 1),
        ("t.yml", TEMPLATE.replace("!Ref Hello", "hel§lo/1.0.0"), "t.yml", 8),
        ("toe-images.yml", "components: {tools: to§ols.yml}\n", "tools.yml", 0),
        ("a.yml", HEAD + "  []\ndockerfileTemplateUri: to§ols.yml\n", "tools.yml", 0),
    ],
)
def test_where_a_name_leads(folder: Path, name: str, marked: str, file: str, line: int) -> None:
    found = definition(*typed(folder, name, marked))
    if not file:
        assert found is None
        return
    assert found is not None
    assert (found.uri, found.range.start.line) == ((folder / file).as_uri(), line)
