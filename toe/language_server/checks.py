"""When open documents are checked: in the background, the newest version alone, once typing pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

from lsprotocol import types

from toe.document.source import identity
from toe.language_server.buffers import Buffer, Buffers, NestedReader
from toe.language_server.diagnostics import Checked, check_buffer

#: What is typed within this time is checked together.
PAUSE_SECONDS = 0.2


class Checks:
    """The checks of the open documents, one after the other. All methods belong to the thread of the event loop.

    `publish` gets the diagnostics of a document, `tell` a line for people, each once.
    """

    def __init__(
        self,
        buffers: Buffers,
        executor: Executor,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        tell: Callable[[str], None],
    ) -> None:
        self._buffers = buffers
        self._executor = executor
        self._publish = publish
        self._tell = tell
        self._told: set[str] = set()
        self._due: set[str] = set()
        self._shown: dict[str, list[types.Diagnostic]] = {}
        self._reads: dict[str, set[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def changed(self, uri: str, path: str) -> None:
        """A document is another now: check it, and those that run it."""
        name = identity(path)
        self._start({uri, *(other for other, read in self._reads.items() if name in read)})

    def all(self) -> None:
        """Check every document: files beside them have changed."""
        self._start({buffer.uri for buffer in self._buffers})

    def closed(self, uri: str, path: str) -> None:
        """A document is not shown any more: what is on the disk counts for those that run it."""
        self._reads.pop(uri, None)
        if self._shown.pop(uri, None) is not None:
            self._publish(types.PublishDiagnosticsParams(uri, []))
        self.changed(uri, path)

    def shown(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics that were published last of a document."""
        return self._shown.get(uri, [])

    def _start(self, due: set[str]) -> None:
        self._due |= due
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._check_due())

    async def _check_due(self) -> None:
        while self._due:
            await asyncio.sleep(PAUSE_SECONDS)
            due, self._due = self._due, set()
            for uri in sorted(due):
                buffer = self._buffers.get(uri)
                if buffer is not None:
                    await self._check(buffer)

    async def _check(self, buffer: Buffer) -> None:
        read = self._buffers.reader()
        checked = await asyncio.get_running_loop().run_in_executor(self._executor, _guarded, buffer, read)
        if self._buffers.get(buffer.uri) is not buffer:
            return  # there is a newer version, which is due
        self._reads[buffer.uri] = read.read
        if checked.fault and checked.fault not in self._told:
            self._told.add(checked.fault)
            self._tell(checked.fault)
        if buffer.kind or buffer.uri in self._shown:
            self._shown[buffer.uri] = checked.diagnostics
            self._publish(types.PublishDiagnosticsParams(buffer.uri, checked.diagnostics, buffer.version))


def _guarded(buffer: Buffer, read: NestedReader) -> Checked:
    """A check that a bug of ours does not end: the server goes on with the next version."""
    try:
        return check_buffer(buffer, read)
    except Exception as error:
        return Checked([], f"'{buffer.path}' could not be checked: {type(error).__name__}: {error}")
