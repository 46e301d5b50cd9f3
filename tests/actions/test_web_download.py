"""WebDownload: names, checksums, logs and failures, alone and in whole runs."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fault_server import FaultServer, redirect, silent_after, status, whole

from toe.errors import ActionError, Interrupted
from toe.results import Status

if TYPE_CHECKING:
    from local_actions import Actions

    from tests.conftest import RunDocument

pytest_plugins = ("local_actions", "fault_fixtures")

DATA = os.urandom(300_000)
SUMS = {name: hashlib.new(name, DATA).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}


@pytest.fixture
def site(web: FaultServer) -> FaultServer:
    """A server with a file."""
    web.answers["/a/file.zip"] = [whole(DATA)]
    return web


def test_web_download_writes_the_file(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    outputs = act("WebDownload", source=f"{site.url}/a/file.zip?token=x", destination=tmp_path / "x" / "y")
    assert outputs.destination == str(tmp_path / "x" / "y")
    assert (tmp_path / "x" / "y").read_bytes() == DATA
    start, end = act.ctx.logged
    assert start == f"Downloading '{site.url}/a/file.zip' to '{tmp_path}/x/y'"
    assert end.startswith("Downloaded 300000 bytes in 0.")


@pytest.mark.parametrize("folder", ["", "new/", "new/er/"])
def test_web_download_names_a_file_in_a_folder(act: Actions, site: FaultServer, tmp_path: Path, folder: str) -> None:
    site.answers["/final"] = [whole(DATA)]
    site.answers["/a/f%20%C3%BC.zip"] = [redirect("/final")]
    outputs = act("WebDownload", source=f"{site.url}/a/f%20ü.zip?x=/y", destination=f"{tmp_path}/{folder}")
    assert outputs.destination == f"{tmp_path}/{folder}f ü.zip"
    assert Path(outputs.destination).read_bytes() == DATA


def test_web_download_takes_relative_destinations(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    assert act("WebDownload", source=f"{site.url}/a/file.zip", destination="./").destination == "./file.zip"
    assert act("WebDownload", source=f"{site.url}/a/file.zip", destination="file").destination == "file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.zip"]


@pytest.mark.parametrize("path", ["", "/", "/a/", "/%2e%2e", "/..%2Fb", "/a%0Ab", "/a%0D", "/%1b%5b2J"])
def test_web_download_needs_a_name_for_a_folder(act: Actions, site: FaultServer, tmp_path: Path, path: str) -> None:
    with pytest.raises(ActionError, match="cannot be a file's name: write the name into 'destination'"):
        act("WebDownload", source=site.url + path, destination=f"{tmp_path}/")
    assert (site.requests, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("algorithm", ["md5", "SHA1", "Sha256", "SHA512"])
def test_web_download_verifies_the_checksum(act: Actions, site: FaultServer, tmp_path: Path, algorithm: str) -> None:
    good = SUMS[algorithm.lower()].upper()
    inputs = {"source": f"{site.url}/a/file.zip", "destination": tmp_path / "file", "algorithm": algorithm}
    act("WebDownload", **inputs, checksum=good)
    assert (tmp_path / "file").read_bytes() == DATA
    with pytest.raises(ActionError, match=f"its {algorithm.upper()} is '{good.lower()}', not '0000"):
        act("WebDownload", **inputs, checksum="0" * len(good))
    assert (tmp_path / "file").read_bytes() == DATA


def test_web_download_does_not_fetch_what_is_there(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "file.zip").write_bytes(DATA)
    inputs = {"source": f"{site.url}/a/file.zip", "destination": f"{tmp_path}/"}
    outputs = act("WebDownload", **inputs, checksum=SUMS["sha256"].upper(), algorithm="sha256")
    assert outputs.destination == f"{tmp_path}/file.zip"
    assert site.requests == []
    assert act.ctx.logged == [f"'{tmp_path}/file.zip' has the expected SHA256 already, nothing to download"]


def test_web_download_replaces_what_is_there(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o750)
    act(
        "WebDownload",
        source=f"{site.url}/a/file.zip",
        destination=tmp_path / "file",
        checksum=SUMS["md5"],
        algorithm="MD5",
    )
    assert (tmp_path / "file").read_bytes() == DATA
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o750


@pytest.mark.parametrize("content", [b"old", DATA])
def test_web_download_keeps_what_is_there_without_overwrite(
    act: Actions, site: FaultServer, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    inputs = {"source": f"{site.url}/a/file.zip", "destination": tmp_path / "file", "overwrite": "false"}
    with pytest.raises(ActionError, match=r"'/.*/file' already exists, and 'overwrite' is false"):
        act("WebDownload", **inputs, checksum=SUMS["md5"], algorithm="MD5")
    assert (site.requests, (tmp_path / "file").read_bytes()) == ([], content)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"destination": "folder"}, "'folder' is a folder .end the destination in a separator"),
        ({"destination": "fifo"}, "'fifo' is a fifo, not a file"),
        ({"destination": "text/file"}, "cannot write 'text/file': not a directory"),
        ({"destination": ""}, "'destination' is empty"),
        ({"destination": "a\0b"}, "holds a NUL character"),
        ({"destination": "file\n"}, "'destination' holds a line break .'|' and '>' add a line break at the end"),
        ({"source": "ftp://ann:secret@host/a"}, "'ftp://host/a' is no http or https address"),
        ({"source": ""}, "'' is no http or https address"),
        ({"checksum": "ab"}, "'checksum' needs 'algorithm'"),
        ({"algorithm": "MD5"}, "'algorithm' needs 'checksum'"),
        ({"checksum": "ab", "algorithm": "MD5"}, "'ab' is no MD5 checksum .it has 32 hex digits"),
    ],
)
def test_web_download_refuses_before_it_asks(
    act: Actions, site: FaultServer, tmp_path: Path, inputs: dict[str, str], message: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").touch()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ActionError, match=message) as caught:
        act("WebDownload", **{"source": f"{site.url}/a/file.zip", "destination": "file", **inputs})
    assert "secret" not in caught.value.message
    assert (site.requests, sorted(os.listdir())) == ([], ["fifo", "folder", "text"])


def test_web_download_fails_when_the_file_system_refuses(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(ActionError, match=r"^cannot write 'file': file too large$"):
            act("WebDownload", source=f"{site.url}/a/file.zip", destination="file")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (len(site.requests), list(tmp_path.iterdir())) == (1, [])


def test_web_download_stops_while_it_looks_at_what_is_there(act: Actions, site: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    act.ctx.stop_after, act.ctx.stop_with = 0, Interrupted()
    with pytest.raises(Interrupted):
        act("WebDownload", source=site.url, destination=tmp_path / "file", checksum=SUMS["md5"], algorithm="MD5")
    assert site.requests == []


@pytest.mark.usefixtures("trusted")
def test_web_download_works_over_https(act: Actions, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [whole(DATA)]
    act("WebDownload", source=f"{secure_web.url}/file", destination="./")
    assert Path("file").read_bytes() == DATA


def test_web_download_says_when_it_takes_any_certificate(act: Actions, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [whole(DATA)]
    inputs = {"source": f"{secure_web.url}/file", "destination": "./"}
    with pytest.raises(ActionError, match=r"the certificate of '127.0.0.1' is not accepted"):
        act("WebDownload", **inputs)
    act("WebDownload", **inputs, ignoreCertificateErrors="true")
    assert Path("file").read_bytes() == DATA
    assert "Warning: the server's certificate is not verified (ignoreCertificateErrors)" in act.ctx.logged


@pytest.mark.usefixtures("trusted")
def test_what_leaves_https_is_said_on_stderr(web: FaultServer, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [redirect(f"{web.url}/plain?secret")]
    web.answers["/plain"] = [whole(DATA)]
    Path("doc.yml").write_text(
        f"""
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Fetch
        action: WebDownload
        inputs: [{{source: '{secure_web.url}/file', destination: ./}}]
"""
    )
    command = [sys.executable, "-m", "toe", "run", "doc.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    warning = "WebDownload: Warning: redirected from https to http, the rest is neither encrypted nor authenticated"
    assert f"    {warning}: '{web.url}/plain'\n" in done.stderr
    folder = Path(json.loads(done.stdout)["logUrl"])
    assert warning in (folder / "console.log").read_text()
    assert '"warning":true' in (folder / "events.jsonl").read_text()


DOWNLOADS = """
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Fetch
        action: WebDownload
        {options}
        inputs:
          - source: {url}/a/file.zip
            destination: new/
            algorithm: sha256
            checksum: {checksum}
          - source: {url}/other
            destination: other
      - name: Use
        action: ExecuteBash
        inputs:
          commands:
            - wc -c < '{{{{ build.Fetch.outputs[0].destination }}}}'
            - wc -c < '{{{{ build.Fetch.outputs[1].destination }}}}'
"""


def test_run_downloads_files_for_later_steps(run_document: RunDocument, site: FaultServer) -> None:
    site.answers["/other"] = [status(503, Retry_After="0"), whole(b"12345")]
    result = run_document(DOWNLOADS.format(url=site.url, checksum=SUMS["sha256"], options=""))
    assert result.status is Status.SUCCESS
    fetch, use = result.documents[0].phases[0].steps
    assert [output["destination"] for output in fetch.outputs] == ["new/file.zip", "other"]
    assert use.outputs[0]["stdout"] == "300000\n5"
    assert len(site.requests) == 3
    console = next(Path().glob("TOE_*/console.log")).read_text()
    assert f"WebDownload: Downloading '{site.url}/a/file.zip' to 'new/file.zip'" in console
    assert "WebDownload: Attempt 1 of 5 failed: the server answered 503 Service Unavailable; the next one in" in console


def test_run_fails_with_address_and_cause(run_document: RunDocument, site: FaultServer) -> None:
    result = run_document(DOWNLOADS.format(url=site.url, checksum=SUMS["sha256"], options="maxAttempts: 2"))
    assert result.status is Status.FAILED
    (step,) = result.documents[0].phases[0].steps
    assert step.failure_message == f"cannot download '{site.url}/other': the server answered 404 Not Found"
    assert len(site.requests) == 3, "the second attempt finds the first file with its checksum"
    assert (Path("new/file.zip").read_bytes(), Path("other").exists()) == (DATA, False)


def test_run_ends_a_download_at_the_timeout(run_document: RunDocument, site: FaultServer) -> None:
    site.answers["/other"] = [silent_after(DATA, 1)]
    options = "timeoutSeconds: 1"
    result = run_document(DOWNLOADS.format(url=site.url, checksum=SUMS["sha256"], options=options))
    assert result.status is Status.TIMED_OUT
    assert [path.name for path in Path().iterdir() if path.name.startswith(".toe")] == []
    assert not Path("other").exists()


@pytest.mark.parametrize(("wanted", "loaded"), [("CreateFile", "False"), ("WebDownload", "True")])
def test_toe_imports_urllib3_for_downloads_alone(tmp_path: Path, site: FaultServer, wanted: str, loaded: str) -> None:
    inputs = {
        "CreateFile": {"path": "created"},
        "WebDownload": {"source": f"{site.url}/a/file.zip", "destination": "./"},
    }
    steps = [
        {"name": name, "action": name, "inputs": [entry], "if": {"stringEquals": name, "value": wanted}}
        for name, entry in inputs.items()
    ]
    (tmp_path / "doc.yml").write_text(
        json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})
    )
    code = "import sys, toe; print(toe.run('doc.yml').status.value, 'urllib3' in sys.modules)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == ["success", loaded]
    assert len(site.requests) == (wanted == "WebDownload")
