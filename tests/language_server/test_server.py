"""The server as a process: what it can do, and what it does when things go wrong around it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from editor import LONGEST_WAIT_SECONDS, Editor, edit
from lsprotocol import types

SERVER = [sys.executable, "-m", "toe", "lsp"]
DOCUMENT = """\
schemaVersion: 1.0
constants:
  - Folder: {type: string, value: /opt}
phases:
  - name: build
    steps:
      - name: Make
        action: CreateFolder
        Inputs:
          - path: '{{ Folder }}/a'
"""


def test_an_editor_asks_for_everything(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        uri, document = editor.open("a.yml", DOCUMENT), editor.document("a.yml")
        problem = next(one for one in await editor.diagnostics("a.yml") if one.code == "TOE201")
        client, name = editor.client, types.Position(9, 23)
        hover = await client.text_document_hover_async(types.HoverParams(document, name))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "constant **Folder**: `/opt`" in hover.contents.value
        place = await client.text_document_definition_async(types.DefinitionParams(document, name))
        assert isinstance(place, types.Location)
        assert (place.uri, place.range.start) == (uri, types.Position(2, 4))
        context = types.ReferenceContext(include_declaration=True)
        used = await client.text_document_references_async(types.ReferenceParams(context, document, name))
        assert [one.range.start.line for one in used or ()] == [2, 9]
        outline = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
        assert [one.name for one in outline or ()] == ["Folder", "build"]
        asked = types.CodeActionContext([problem])
        params = types.CodeActionParams(document, problem.range, asked)
        actions = await client.text_document_code_action_async(params)
        assert [one.title for one in actions or ()] == ["Change to 'inputs'", "toe: mend all that is mechanical"]
        editor.change("a.yml", DOCUMENT.replace("{{ Folder }}/a'", "{{ "))
        offered = await client.text_document_completion_async(types.CompletionParams(document, types.Position(9, 22)))
        assert isinstance(offered, list)
        assert "Folder" in [one.label for one in offered]

    edit(tmp_path, do)


def test_other_documents_are_no_business_of_it(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        editor.open("compose.yml", "services: {web: {image: nginx}}\n")
        document, start = editor.document("compose.yml"), types.Position(0, 0)
        assert await editor.client.text_document_hover_async(types.HoverParams(document, start)) is None
        assert not await editor.client.text_document_completion_async(types.CompletionParams(document, start))
        assert not await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))

    edit(tmp_path, do)


def test_a_text_without_a_file_is_checked_too(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        editor.uris["new"] = "untitled:Untitled-1"
        editor.open("new", DOCUMENT)
        assert await editor.diagnostics("new")

    edit(tmp_path, do)


def test_files_beside_it_are_watched(tmp_path: Path) -> None:
    """A change of a nested document on the disk, told by the client as it was asked to."""
    (tmp_path / "nested.yml").write_text(DOCUMENT)
    step = "      - {name: N, action: ExecuteDocument, inputs: {document: nested.yml}}\n"
    parent = DOCUMENT[: DOCUMENT.index("      - name")] + step

    def tells_of_nested(found: list[types.Diagnostic]) -> bool:
        return any("nested.yml:" in one.message for one in found)

    async def do(editor: Editor) -> None:
        await editor.watching.wait()
        uri = editor.open("a.yml", parent)
        assert await editor.diagnostics("a.yml", tells_of_nested)
        (tmp_path / "nested.yml").write_text(DOCUMENT.replace("Inputs", "inputs"))
        change = types.FileEvent(uri, types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        await editor.diagnostics("a.yml", lambda found: not tells_of_nested(found))

    edit(tmp_path, do)


def test_what_is_no_message_ends_nothing(tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        server = editor.client._server
        assert server is not None
        assert server.stdin is not None
        for body in (
            b"nonsense",
            b"[" * 50_000,
            b"[1]",
            b"{}",
            b'{"jsonrpc": "2.0", "method": "textDocument/didOpen"}',
        ):
            server.stdin.write(b"rubbish\r\n\r\n\xff\x00\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        editor.change("b.yml", "x")
        editor.open("a.yml", DOCUMENT)
        assert await editor.diagnostics("a.yml")

    edit(tmp_path, do)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"rubbish",
        pytest.param(b"\x00" * 200_000, marks=pytest.mark.slow),
        pytest.param(b"Content-Length: 99999999999999999999\r\n\r\n{}", marks=pytest.mark.slow),
        pytest.param(b"Content-Length: 9\r\n\r\n{}", marks=pytest.mark.slow),
    ],
)
def test_the_end_of_its_input_is_its_end(data: bytes, tmp_path: Path) -> None:
    done = subprocess.run(SERVER, input=data, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_it_ends_when_its_editor_dies(tmp_path: Path) -> None:
    """Killed in the middle of a message, with answers that nobody reads."""

    async def do() -> int:
        one = Editor(tmp_path)
        await one.start()
        one.open("a.yml", DOCUMENT)
        server = one.client._server
        assert server is not None
        assert server.stdin is not None
        server.stdin.write(b"Content-Length: 4000\r\n\r\n{")
        server._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        server.stdin.close()
        return await asyncio.wait_for(server.wait(), LONGEST_WAIT_SECONDS)

    assert asyncio.run(do()) == 1


def test_what_others_print_is_no_message(tmp_path: Path) -> None:
    """Stdout belongs to the protocol: what a plugin or a library prints goes to stderr."""
    code = "import os, sys; from toe.language_server.streams import protocol_streams as p; _, o = p(); "
    code += "print('a'); sys.stdout.flush(); os.write(1, b'b'); o.write(b'c'); o.flush()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"c", b"a\nb")


@pytest.mark.slow
def test_a_megabyte_is_checked(tmp_path: Path) -> None:
    step = "      - name: S%d\n        action: CreateFolder\n        inputs: [{path: '{{ Folder }}/%d'}]\n"
    text = DOCUMENT.replace("Inputs", "inputs") + "".join(step % (n, n) for n in range(12_000))
    assert len(text) > 1_000_000

    async def do(editor: Editor) -> None:
        editor.open("a.yml", text)
        assert await editor.diagnostics("a.yml") == []
        editor.change("a.yml", text + "      - name: Last\n        action: Cre")
        position = types.Position(text.count("\n") + 1, 19)
        params = types.CompletionParams(editor.document("a.yml"), position)
        offered = await editor.client.text_document_completion_async(params)
        assert isinstance(offered, list)
        assert "CreateFolder" in [one.label for one in offered]
        assert await editor.diagnostics("a.yml")

    edit(tmp_path, do)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_ends_of_lines_and_tabs(end: str, tmp_path: Path) -> None:
    async def do(editor: Editor) -> None:
        editor.open("a.yml", DOCUMENT.replace("\n", end))
        problem = next(one for one in await editor.diagnostics("a.yml") if one.code == "TOE201")
        assert problem.range.start == types.Position(8, 8)
        editor.change("a.yml", DOCUMENT.replace("\n", end).replace("        Inputs", "\tinputs"))
        (problem,) = await editor.diagnostics("a.yml")
        assert str(problem.code).startswith("TOE1")
        assert problem.range.start.line in (7, 8)

    edit(tmp_path, do)


def test_nothing_is_run_fetched_or_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    steps = [
        {"name": "Run", "action": "ExecuteBash", "inputs": {"commands": [f"touch {tmp_path}/ran"]}},
        {"name": "Web", "action": "ExecuteDocument", "inputs": {"document": "https://127.0.0.1:9/a.yml"}},
        {"name": "Pipe", "action": "ExecuteDocument", "inputs": {"document": "pipe.yml"}},
    ]
    text = json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})

    async def do(editor: Editor) -> None:
        editor.open("a.yml", text)
        said = [one.message.split("\n")[0] for one in await editor.diagnostics("a.yml")]
        assert "pipe.yml: not read: it is a pipe" in said
        assert not [message for message in said if "127.0.0.1" in message]

    edit(tmp_path, do)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe.yml"]


def test_wrong_usage_and_a_missing_extra(tmp_path: Path) -> None:
    done = subprocess.run([*SERVER, "a.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'toe lsp' takes no arguments" in done.stderr
    code = "import sys; sys.modules['pygls'] = None; sys.argv = ['toe', 'lsp']; from toe.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "toe: error: 'toe lsp' needs toe[lsp]\n  pip install 'toe-executor[lsp]'\n"
