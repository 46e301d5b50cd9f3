"""Headless Chromium, driven by its DevTools protocol over a pipe: no port, no library, no request of its own."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Without a sandbox: root has none, and the pages are ours.
_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
    "--remote-debugging-pipe --window-size=1280,1400"
).split()

PATIENCE_SECONDS = 60


def chromium() -> str | None:
    """The path of the browser, None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tab:
    """One tab; `console` has what the page wrote to the console, `requests` the addresses that it asked for."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out, self._in = to_browser, from_browser
        self._left = b""
        self._number = 0
        self._session: dict[str, str] = {}
        self._events: list[str] = []
        self.console: list[str] = []
        self.requests: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, path: Path | str) -> None:
        """Open a file and wait for its load event."""
        self._events.clear()
        self._call("Page.navigate", url=Path(path).absolute().as_uri())
        while "Page.loadEventFired" not in self._events:
            self._take(self._message())

    def run(self, script: str) -> Any:
        """The value of an expression of JavaScript in the page; a promise is waited for."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, such as "Tab", "Enter" or "/"."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        text = {"Enter": "\r", "Tab": "", "Escape": ""}.get(key, key)
        code = codes.get(key, ord(key[0]))
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, text=text, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self._call("Input.insertText", text=text)

    def colours(self, scheme: str) -> None:
        """Prefer "light" or "dark"."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def scripts(self, *, on: bool) -> None:
        """Whether the scripts of the pages that are opened run."""
        self._call("Emulation.setScriptExecutionDisabled", value=not on)

    def accessible(self) -> list[tuple[str, str]]:
        """The role and the name of each element as a screen reader is told."""
        nodes = self._call("Accessibility.getFullAXTree")["nodes"]
        return [(_value(node, "role"), _value(node, "name")) for node in nodes if not node.get("ignored")]

    def busy_seconds(self) -> float:
        """How much of a processor's time the page's main thread has taken, however busy the machine is."""
        self._call("Performance.enable", timeDomain="threadTicks")
        metrics = {metric["name"]: metric["value"] for metric in self._call("Performance.getMetrics")["metrics"]}
        return float(metrics["ThreadTime"])

    def screenshot(self, path: Path | str) -> None:
        """A picture of what is seen."""
        Path(path).write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = {}
        self._call("Browser.close")

    def _call(self, method: str, **parameters: object) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self._take(answer)

    def _message(self) -> Any:
        while b"\0" not in self._left:
            readable, _, _ = select.select([self._in], [], [], PATIENCE_SECONDS)
            assert readable, "the browser does not answer"
            data = os.read(self._in, 1 << 20)
            assert data, "the browser has ended"
            self._left += data
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def _take(self, event: Any) -> None:
        method, parameters = event.get("method", ""), event.get("params", {})
        self._events.append(method)
        if method == "Runtime.consoleAPICalled":
            self.console.append(json.dumps(parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            self.console.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.console.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])


def _value(node: Any, key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


@contextmanager
def browser_tab(profile: Path) -> Iterator[Tab]:
    """A browser with one tab; `profile` is a folder for its own files."""
    path = chromium()
    assert path is not None
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    # The browser reads from descriptor 3 and writes to descriptor 4.
    redirected = f'exec "$@" 3<&{from_us} 4>&{to_us}'
    process = subprocess.Popen(
        ["bash", "-c", redirected, "bash", path, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(from_us, to_us),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile)},
    )
    os.close(from_us)
    os.close(to_us)
    try:
        tab = Tab(to_browser, from_browser)
        yield tab
        tab.close()
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
        os.close(to_browser)
        os.close(from_browser)
