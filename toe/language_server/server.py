"""The language server: what the client asks, and who answers. It speaks through stdin and stdout."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from toe.errors import EXIT_FAILED, EXIT_SUCCESS
from toe.language_server.buffers import LANGUAGES, YAML, Buffers
from toe.language_server.checks import Checks
from toe.language_server.completion import TRIGGERS, complete
from toe.language_server.fixes import KINDS, fixes
from toe.language_server.hover import hover
from toe.language_server.navigation import definition, outline, uses
from toe.language_server.streams import protocol_streams
from toe.language_server.vocabulary import Vocabulary
from toe.version import __version__

#: What is looked at besides the open documents, for the client to tell of changes.
WATCHED = ("**/*.yml", "**/*.yaml", "**/*.tf", "**/*.tfvars", "**/.toe.toml", "**/pyproject.toml")


class Server(LanguageServer):
    """A server for one client. `say` gets what cannot be told to the client: lines for stderr."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__("toe", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.say = say
        self.buffers = Buffers()
        self.checks = Checks(self.buffers, self.thread_pool, self.text_document_publish_diagnostics, self.tell)
        self.vocabulary = Vocabulary()
        self.was_shut_down = False

    def tell(self, message: str) -> None:
        """A line for the person in front of the editor."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"toe: {message}"))

    def report_server_error(self, error: Exception, source: object) -> None:
        """What came was no message, or could not be answered: a line on stderr, and the server goes on."""
        self.say(f"toe lsp: {type(error).__name__}: {error}")


def serve(say: Callable[[str], None]) -> int:
    """Serve the client until it says so or is gone; the exit code as the protocol wants it."""
    logging.getLogger("pygls").addHandler(logging.NullHandler())
    logging.getLogger("pygls").propagate = False
    server = Server(say)
    _register(server)
    server.start_io(*protocol_streams())
    return EXIT_SUCCESS if server.was_shut_down else EXIT_FAILED


def _register(server: Server) -> None:
    """Have the server answer. The functions are named by what the client asks."""
    _register_life(server)
    _register_documents(server)
    _register_questions(server)
    _register_places(server)


def _register_life(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.buffers.encoding = types.PositionEncodingKind(server.workspace.position_encoding).value
        root = server.workspace.root_path
        if root and os.path.isdir(root):
            os.chdir(root)  # where the paths of nested documents begin, as for `toe validate` there

    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching is not None and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.was_shut_down = True


def _register_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if params.text_document.language_id in LANGUAGES:
            _keep(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        if server.buffers.get(params.text_document.uri) is not None:
            _keep(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.checks.all()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        server.checks.all()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.buffers.remove(uri)
        server.checks.closed(uri, to_fs_path(uri) or uri)


def _register_questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS))
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        buffer = server.buffers.known(params.text_document.uri)
        return complete(buffer, params.position, server.vocabulary) if buffer else []

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        buffer = server.buffers.known(params.text_document.uri)
        shown = server.checks.shown(params.text_document.uri)
        return hover(buffer, params.position, shown, server.vocabulary) if buffer else None

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(KINDS))
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        buffer = server.buffers.component(params.text_document.uri)
        return fixes(buffer, params, server.buffers.reader()) if buffer else []


def _register_places(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition_of(params: types.DefinitionParams) -> types.Location | None:
        buffer = server.buffers.known(params.text_document.uri)
        return definition(buffer, params.position) if buffer else None

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references_to(params: types.ReferenceParams) -> list[types.Location]:
        buffer = server.buffers.component(params.text_document.uri)
        with_own = params.context.include_declaration
        return uses(buffer, params.position, declaration=with_own) if buffer else []

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        buffer = server.buffers.component(params.text_document.uri)
        return outline(buffer) if buffer else []


def _keep(server: Server, uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    path = to_fs_path(uri) or uri
    server.buffers.put(uri, path, document.source, document.version, document.language_id or YAML)
    server.checks.changed(uri, path)
