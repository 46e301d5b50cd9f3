"""`toe lsp` and recipes of images: what a real server shows of them, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

from editor import Editor, edit
from lsprotocol import types
from recipe_desk import RECIPE, TEMPLATE, laid_out

from toe.check.options import CheckOptions
from toe.images.recipes.validate import problems_of

#: Name, language, text: each has something wrong.
WRONG = (
    ("a.yml", "yaml", RECIPE.replace("1.0.0", "x.1.0").replace("1.x.x", "7.x.x") + "colour: red\n"),
    ("a.json", "json", json.dumps({"name": "web", "semanticVersion": 1, "parentImage": "ami-2"}, indent=1)),
    ("t.yml", "yaml", TEMPLATE.replace("ExecuteBash", "ExecuteBosh").replace("Version: 1.0.0", "Vers: 1", 1)),
    ("main.tf", "terraform", 'resource "aws_imagebuilder_image_recipe" "web" {\n  name = "web"\n}\n'),
    ("toe-images.yml", "yaml", "engine: dockr\nimages: []\n"),
)
OTHERS = (
    ("package.json", "json", '{"name": "x", "version": "1.0.0"}'),
    ("component.json", "json", json.dumps({"schemaVersion": 1.0, "phases": [{"name": 7}]})),
    ("stack.yml", "yaml", "Resources: {Logs: {Type: 'AWS::S3::Bucket'}}\n"),
)


def places(found: list[types.Diagnostic]) -> list[tuple[str, int, int]]:
    return [(str(one.code), one.range.start.line, one.range.start.character) for one in found]


def test_problems_are_those_of_validate_as_a_recipe_is_typed(tmp_path: Path) -> None:
    laid_out(tmp_path)
    (tmp_path / "typed.yml").write_text("not what counts\n")

    async def do(editor: Editor) -> None:
        for name, language, text in (*OTHERS, *WRONG):
            editor.open(name, text, language)
        for name, _, text in WRONG:
            shown = await editor.diagnostics(name)
            wanted = problems_of(text.encode(), str(tmp_path / name), CheckOptions())
            assert wanted
            assert places(shown) == [(one.code, one.line - 1, one.column - 1) for one in wanted]
            assert [one.message.partition("\n")[0] for one in shown] == [one.message for one in wanted]
        assert {uri.rpartition("/")[2] for uri in editor._published} == {name for name, _, _ in WRONG}

        editor.open("typed.yml", RECIPE)
        assert await editor.diagnostics("typed.yml") == []
        editor.change("typed.yml", RECIPE.replace("Channel", "Chanel"))
        assert places(await editor.diagnostics("typed.yml")) == [("TOE717", 7, 6), ("TOE718", 7, 14)]
        editor.change("typed.yml", RECIPE + "  - [\n")
        assert [str(one.code)[:4] for one in await editor.diagnostics("typed.yml")] == ["TOE1"]
        editor.change("typed.yml", RECIPE)
        assert await editor.diagnostics("typed.yml") == []

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

        # a fault of the file beside it stands at the recipe's start, and is gone with the next look at the files
        (tmp_path / "toe-images.yml").write_text("images: {}\nengine: dockr\n")
        editor.save("typed.yml")
        (told,) = await editor.diagnostics("typed.yml", bool)
        assert (told.code, told.range.start) == ("TOE721", types.Position(0, 0))
        (related,) = told.related_information or ()
        assert (related.location.uri, related.location.range.start.line) == (editor.uri("toe-images.yml"), 1)

    edit(tmp_path, do)
