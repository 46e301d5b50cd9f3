"""`toe lsp` and recipes of images: what is shown of them, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from editor import Editor, edit
from lsprotocol import types
from recipe_desk import RECIPE, TEMPLATE, laid_out

from toe.check.options import CheckOptions
from toe.images.recipes.validate import problems_of
from toe.language_server.buffers import Buffer, Buffers
from toe.language_server.diagnostics import check_buffer

TERRAFORM = 'resource "aws_imagebuilder_image_recipe" "web" {\n  name = "web"\n}\n'


def put(buffers: Buffers, path: Path, text: str, language: str = "yaml") -> Buffer:
    return buffers.put(path.as_uri(), str(path), text, 1, language)


def shown(path: Path, text: str, language: str = "yaml") -> list[types.Diagnostic]:
    """What is shown of a text that is in the editor alone."""
    buffers = Buffers()
    checked = check_buffer(put(buffers, path, text, language), buffers.reader())
    assert checked.fault == ""
    return checked.diagnostics


def places(found: list[types.Diagnostic]) -> list[tuple[str, int, int]]:
    return [(str(one.code), one.range.start.line, one.range.start.character) for one in found]


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("a.yml", "yaml", RECIPE.replace("1.0.0", "x.1.0").replace("1.x.x", "7.x.x") + "colour: red\n"),
        ("a.json", "json", json.dumps({"name": "web", "semanticVersion": 1, "parentImage": "ami-2"}, indent=1)),
        ("t.yml", "yaml", TEMPLATE.replace("ExecuteBash", "ExecuteBosh").replace("Version: 1.0.0", "Vers: 1", 1)),
        pytest.param("main.tf", "terraform", TERRAFORM, marks=pytest.mark.slow),  # a second for the parser alone
        ("toe-images.yml", "yaml", "engine: dockr\nimages: []\n"),
        ("broken.yml", "yaml", RECIPE + "  - [\n"),
    ],
)
def test_problems_are_those_of_validate(name: str, language: str, text: str, tmp_path: Path) -> None:
    laid_out(tmp_path)
    (tmp_path / name).write_text("not what counts\n")
    found = shown(tmp_path / name, text, language)
    wanted = problems_of(text.encode(), str(tmp_path / name), CheckOptions())
    assert wanted
    assert places(found) == [(one.code, one.line - 1, one.column - 1) for one in wanted]
    assert [one.message.partition("\n")[0] for one in found] == [one.message for one in wanted]


def test_a_fault_of_the_file_beside_it_stands_at_the_start(tmp_path: Path) -> None:
    (laid_out(tmp_path) / "toe-images.yml").write_text("images: {}\nengine: dockr\n")
    (told,) = shown(tmp_path / "a.yml", RECIPE)
    assert (told.code, told.range.start) == ("TOE721", types.Position(0, 0))
    (related,) = told.related_information or ()
    assert related.location.uri == (tmp_path / "toe-images.yml").as_uri()
    assert related.location.range.start.line == 1


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("package.json", "json", '{"name": "x", "version": "1.0.0"}'),
        ("component.json", "json", json.dumps({"schemaVersion": 1.0, "phases": [{"name": 7}]})),
        ("stack.yml", "yaml", "Resources: {Logs: {Type: 'AWS::S3::Bucket'}}\n"),
        ("bucket.tf", "terraform", 'resource "aws_s3_bucket" "logs" {\n}\n'),
    ],
)
def test_other_files_are_left_alone(name: str, language: str, text: str, tmp_path: Path) -> None:
    assert put(Buffers(), tmp_path / name, text, language).kind == ""


def test_a_line_that_is_not_written_yet_does_not_make_it_another_file(tmp_path: Path) -> None:
    buffers, path = Buffers(), tmp_path / "a.json"
    kind = put(buffers, path, '{"name": "web", "parentImage": "debian:12"}', "json").kind
    assert kind
    assert put(buffers, path, '{"name": "web", "parentImage": "debian:12", "', "json").kind == kind
    assert put(buffers, path, "{}", "json").kind == ""


def test_a_server_judges_and_helps_as_a_recipe_is_typed(tmp_path: Path) -> None:
    laid_out(tmp_path)

    async def do(editor: Editor) -> None:
        editor.open("package.json", '{"name": "x"}', "json")
        editor.open("typed.yml", RECIPE.replace("Channel", "Chanel"))
        assert places(await editor.diagnostics("typed.yml")) == [("TOE717", 7, 6), ("TOE718", 7, 14)]
        editor.change("typed.yml", RECIPE)
        assert await editor.diagnostics("typed.yml") == []
        assert set(editor._published) == {editor.uri("typed.yml")}

        document, reference = editor.document("typed.yml"), types.Position(5, 20)
        place = await editor.client.text_document_definition_async(types.DefinitionParams(document, reference))
        assert isinstance(place, types.Location)
        assert place.uri == editor.uri("components/nginx/1.2.0/component.yml")
        hovered = await editor.client.text_document_hover_async(types.HoverParams(document, reference))
        assert hovered is not None
        assert isinstance(hovered.contents, types.MarkupContent)
        assert "Installs nginx." in hovered.contents.value
        offered = await editor.client.text_document_completion_async(types.CompletionParams(document, reference))
        assert isinstance(offered, list)
        assert "nginx/2.0.0" in [one.label for one in offered]

    edit(tmp_path, do)
