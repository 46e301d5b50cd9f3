"""A WinRM service on loopback, as pywinrm talks to it: shells, commands in them, their input and output.

It starts the programs of a folder of this machine in place of those of Windows, and holds to what cmd.exe, through
which the real one starts them, allows: a command line of 8191 characters.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

LONGEST_LINE = 8191
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
_TIMED_OUT, _NO_SHELL = 2150858793, 2150858843
_NAMES = {"a": _ADDRESSING, "rsp": _SHELL, "w": _WSMAN}


class _Command:
    """A process that starts when all its input is there; `done` is set when all its output is."""

    def __init__(self, line: str, programs: Path) -> None:
        path = os.pathsep.join((str(programs), os.path.dirname(sys.executable), os.environ["PATH"]))
        self._environment = {**os.environ, "PATH": path}
        is_long = len(line) > LONGEST_LINE
        self._argv = ["sh", "-c", "echo The command line is too long. >&2; exit 1"] if is_long else line.split(" ")
        self._input = b""
        self._thread = threading.Thread(target=self._run)
        self._group = 0
        self.done = threading.Event()
        self.output, self.errors, self.code = b"", b"", 0

    def take(self, data: bytes, *, is_last: bool) -> None:
        self._input += data
        if is_last:
            self._thread.start()

    def end(self) -> None:
        """With its shell all that it has started ends, but for what left its group."""
        if self._group and not self.done.is_set():
            with suppress(ProcessLookupError):
                os.killpg(self._group, signal.SIGKILL)
        if self._thread.ident:
            self._thread.join()

    def _run(self) -> None:
        pipe, env = subprocess.PIPE, self._environment
        with subprocess.Popen(
            self._argv, stdin=pipe, stdout=pipe, stderr=pipe, env=env, start_new_session=True
        ) as process:
            self._group = process.pid
            self.output, self.errors = process.communicate(self._input)
        self.code = process.returncode
        self.done.set()


class WinRmServer:
    """`lines` are the command lines that it was asked to start, `opened` the shells, `shells` those that are known."""

    def __init__(self, programs: Path) -> None:
        self.lines: list[str] = []
        self.programs = programs
        self.opened: list[str] = []
        self.shells: set[str] = set()
        self.commands: dict[str, _Command] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = server._answer(ElementTree.fromstring(body))
                data = answer.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Accept no more, and wait for what was started."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.forget_shells()

    def forget_shells(self) -> None:
        """No shell that was opened is there any more, nor its commands."""
        self.shells.clear()
        for command in list(self.commands.values()):
            command.end()

    def _answer(self, asked: ElementTree.Element) -> tuple[int, str]:
        action = _text(asked, ".//a:Action").rpartition("/")[2]
        message = _text(asked, ".//a:MessageID")
        if action == "Create":
            shell = str(uuid.uuid4())
            self.opened.append(shell)
            self.shells.add(shell)
            return 200, _envelope(message, f'<w:Selector xmlns:w="{_WSMAN}" Name="ShellId">{shell}</w:Selector>')
        if _text(asked, ".//w:Selector[@Name='ShellId']") not in self.shells:
            return 500, _fault(message, _NO_SHELL, "The shell was not found on the server.")
        return self._in_shell(action, message, asked)

    def _in_shell(self, action: str, message: str, asked: ElementTree.Element) -> tuple[int, str]:
        if action == "Command":
            line = f"{_text(asked, './/rsp:Command')} {_text(asked, './/rsp:Arguments')}"
            self.lines.append(line)
            name = str(uuid.uuid4())
            self.commands[name] = _Command(line, self.programs)
            return 200, _envelope(message, f"<rsp:CommandId>{name}</rsp:CommandId>")
        if action == "Send":
            stream = asked.find(".//rsp:Stream", _NAMES)
            assert stream is not None
            data = base64.b64decode(stream.text or "")
            self.commands[stream.attrib["CommandId"]].take(data, is_last=stream.get("End") == "true")
        if action == "Receive":
            wanted = asked.find(".//rsp:DesiredStream", _NAMES)
            assert wanted is not None
            name = wanted.attrib["CommandId"]
            seconds = float(re.sub(r"[PTS]", "", _text(asked, ".//w:OperationTimeout")))
            if not self.commands[name].done.wait(seconds):
                return 500, _fault(message, _TIMED_OUT, "The operation has timed out.")
            return 200, _envelope(message, _output(name, self.commands[name]))
        return 200, _envelope(message, "")


def _output(name: str, command: _Command) -> str:
    streams = "".join(
        f'<rsp:Stream Name="{stream}" CommandId="{name}">{base64.b64encode(data).decode()}</rsp:Stream>'
        for stream, data in (("stdout", command.output), ("stderr", command.errors))
        if data
    )
    state = f'<rsp:CommandState CommandId="{name}" State="{_SHELL}/CommandState/Done">'
    return f"{streams}{state}<rsp:ExitCode>{command.code}</rsp:ExitCode></rsp:CommandState>"


def _text(asked: ElementTree.Element, path: str) -> str:
    found = asked.find(path, _NAMES)
    return found.text or "" if found is not None else ""


def _envelope(message: str, body: str) -> str:
    header = f"<a:RelatesTo>{message}</a:RelatesTo>"
    names = f'xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:rsp="{_SHELL}"'
    return f"<s:Envelope {names}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"


def _fault(message: str, code: int, reason: str) -> str:
    detail = f'<f:WSManFault xmlns:f="{_FAULT}" Code="{code}"/>'
    told = f"<s:Reason><s:Text>{reason}</s:Text></s:Reason><s:Detail>{detail}</s:Detail>"
    return _envelope(message, f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>{told}</s:Fault>")
