"""An editor for the tests: pygls' own client, with a real `toe lsp` as its child, over real pipes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")
#: Only for a server that hangs: nothing waits for it otherwise.
LONGEST_WAIT_SECONDS = 60


class Editor:
    """A client with what it was told. `folder` is the root of the workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("editor", "1")
        self.messages: list[str] = []
        self._published: dict[str, types.PublishDiagnosticsParams] = {}
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}
        self.uris: dict[str, str] = {}
        self.watching = asyncio.Event()

        client: Any = self.client  # whose decorators and `stop` have no types
        self._stop = client.stop

        def published(params: types.PublishDiagnosticsParams) -> None:
            self._published[params.uri] = params
            self._news.set()

        def told(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self._news.set()

        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)

        def registered(params: types.RegistrationParams) -> None:
            assert [one.method for one in params.registrations] == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
            self.watching.set()

        client.feature(types.WINDOW_SHOW_MESSAGE)(told)
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(registered)

    def uri(self, name: str) -> str:
        """The address of a document: of a file, unless `uris` has another."""
        return self.uris.get(name) or (self.folder / name).as_uri()

    async def start(self, encodings: list[str] | None = None) -> types.InitializeResult:
        environment = {**os.environ, "TOE_STATE_DIRECTORY": str(self.folder / ".state")}
        await self.client.start_io(sys.executable, "-m", "toe", "lsp", cwd="/", env=environment)
        kinds = [types.PositionEncodingKind(name) for name in encodings] if encodings else None
        general = types.GeneralClientCapabilities(position_encodings=kinds)
        watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        workspace = types.WorkspaceClientCapabilities(did_change_watched_files=watching)
        capabilities = types.ClientCapabilities(workspace, general=general)
        answer = await self.client.initialize_async(
            types.InitializeParams(capabilities, process_id=os.getpid(), root_uri=self.folder.as_uri())
        )
        self.client.initialized(types.InitializedParams())
        return answer

    async def stop(self) -> int:
        """Shut the server down as an editor does; its exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self._stop()
        return self.exit_code

    @property
    def exit_code(self) -> int:
        assert self.client._server is not None
        assert self.client._server.returncode is not None
        return self.client._server.returncode

    def open(self, name: str, text: str, language: str = "yaml") -> str:
        uri = self.uri(name)
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, name: str, text: str) -> None:
        """Another text, also of a document that was never opened."""
        uri = self.uri(name)
        self._versions[uri] = self._versions.get(uri, 0) + 1
        document = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def save(self, name: str) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(name)))

    def close(self, name: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    async def diagnostics(
        self, name: str, wanted: Callable[[list[types.Diagnostic]], bool] = lambda found: True
    ) -> list[types.Diagnostic]:
        """Those of the newest version, as soon as they are as `wanted`."""
        uri = self.uri(name)

        def newest() -> list[types.Diagnostic] | None:
            told = self._published.get(uri)
            if told is None or told.version not in (None, self._versions[uri]) or not wanted(list(told.diagnostics)):
                return None
            return list(told.diagnostics)

        return await self._when(newest)

    async def message(self, part: str) -> str:
        """The first message that has this part, as soon as it is there."""
        return await self._when(lambda: next((told for told in self.messages if part in told), None))

    async def _when(self, ask: Callable[[], T | None]) -> T:
        while (answer := ask()) is None:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), LONGEST_WAIT_SECONDS)
        return answer


@asynccontextmanager
async def editor(folder: Path, encodings: list[str] | None = None) -> AsyncIterator[Editor]:
    """An editor whose server runs, and is shut down at the end, or killed where that fails."""
    one = Editor(folder)
    await one.start(encodings)
    try:
        yield one
        assert await asyncio.wait_for(one.stop(), LONGEST_WAIT_SECONDS) == 0
    finally:
        server = one.client._server
        if server is not None and server.returncode is None:
            server.kill()
            await server.wait()


def edit(folder: Path, do: Callable[[Editor], Awaitable[None]], encodings: list[str] | None = None) -> None:
    """Have an editor do something in a workspace."""

    async def all_of_it() -> None:
        async with editor(folder, encodings) as one:
            await do(one)

    asyncio.run(all_of_it())
