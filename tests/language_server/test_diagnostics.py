"""`toe lsp` shows what `toe validate` finds, as the document is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from editor import Editor, edit
from lsprotocol import types

HEAD = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
GOOD = HEAD + "      - {name: Only, action: CreateFolder, inputs: [{path: /opt/a}]}\n"
WRONG = HEAD + (
    "      - name: First\n        action: ExecuteBash\n        onFailur: Abort\n"
    "        inputs:\n          commands:\n            - echo '😀 {{ build.Nobody.outputs.stdout }}'\n"
)


def places(found: list[types.Diagnostic]) -> list[tuple[str, int, int, int]]:
    return [(str(one.code), one.range.start.line, one.range.start.character, one.range.end.character) for one in found]


def test_problems_are_those_of_validate(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(WRONG)
    argv = [sys.executable, "-m", "toe", "validate", "a.yml"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    problems = json.loads(done.stdout)["problems"]

    async def do(editor: Editor) -> None:
        editor.open("a.yml", WRONG)
        found = await editor.diagnostics("a.yml")
        assert [one.code for one in found] == [problem["code"] for problem in problems]
        assert [one.message.split("\n")[0] for one in found] == [problem["message"] for problem in problems]
        assert all(one.source == "toe" for one in found)
        assert found[0].severity == types.DiagnosticSeverity.Error

    edit(tmp_path, do)


def test_columns_count_as_agreed(tmp_path: Path) -> None:
    async def sixteen(editor: Editor) -> None:
        editor.open("a.yml", WRONG)
        assert ("TOE302", 10, 23, 56) in places(await editor.diagnostics("a.yml"))

    async def eight(editor: Editor) -> None:
        editor.open("a.yml", WRONG)
        assert ("TOE302", 10, 25, 58) in places(await editor.diagnostics("a.yml"))

    edit(tmp_path, sixteen)
    edit(tmp_path, eight, ["utf-8", "utf-16"])


def test_what_is_typed_is_checked_anew(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        editor.open("a.yml", WRONG)
        assert await editor.diagnostics("a.yml")
        editor.change("a.yml", HEAD + "  - [\n")
        broken = await editor.diagnostics("a.yml")
        assert [str(one.code)[:4] for one in broken] == ["TOE1"]
        editor.change("a.yml", GOOD)
        assert await editor.diagnostics("a.yml") == []

    edit(tmp_path, do)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        uri = editor.open("compose.yml", "services: {web: {image: nginx}}\n")
        editor.open("a.md", WRONG, "markdown")
        editor.open("empty.yml", "")
        editor.open("a.yml", WRONG)
        assert await editor.diagnostics("a.yml")
        assert set(editor._published) == {editor.uri("a.yml")}
        assert uri not in editor._published

    edit(tmp_path, do)


def test_the_settings_of_the_project_hold(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    text = HEAD.replace("    steps:", "    steps: []")

    async def do(editor: Editor) -> None:
        editor.open("a.yml", text)
        codes = {str(one.code) for one in await editor.diagnostics("a.yml")}
        assert codes == {"TOE514"}
        settings = tmp_path / ".toe.toml"
        settings.write_text(f"ignore = {sorted(codes)}\n")
        editor.save("a.yml")
        assert await editor.diagnostics("a.yml", lambda found: not found) == []
        settings.write_text("ignore = 7\n")
        editor.save("a.yml")
        assert ".toe.toml:1: " in await editor.message("ignore")
        settings.write_text("exclude = ['b.yml']\n")
        editor.open("b.yml", WRONG)
        assert await editor.diagnostics("b.yml") == []

    edit(tmp_path, do)


def test_a_problem_of_a_nested_document_leads_there(tmp_path: Path) -> None:
    (tmp_path / "nested.yml").write_text(WRONG)
    parent = (
        HEAD + "      - name: N\n        action: ExecuteDocument\n        inputs:\n          document: nested.yml\n"
    )

    async def do(editor: Editor) -> None:
        editor.open("parent.yml", parent)
        found = await editor.diagnostics("parent.yml")
        assert {(one.range.start.line, one.range.start.character) for one in found} == {(8, 20)}
        assert found[0].message.startswith("nested.yml:8:9: unknown key 'onFailur'")
        related = found[0].related_information
        assert related is not None
        assert related[0].location.uri == editor.uri("nested.yml")
        assert related[0].location.range.start == types.Position(7, 8)
        # what is typed there counts, and what is on the disk once it is closed
        editor.open("nested.yml", GOOD)
        assert await editor.diagnostics("parent.yml", lambda found: not found) == []
        editor.close("nested.yml")
        assert await editor.diagnostics("parent.yml", bool)

    edit(tmp_path, do)
