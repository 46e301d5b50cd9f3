"""The examples that audit and mend a machine by OpenSCAP, in a root that is thrown away: all of this machine, under a
layer of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
RULES = Path("/usr/share/xml/scap/ssg/content")

#: $1 is a folder in memory, $2 a script for the root, which has the logs of this machine at /srv.
IN_A_ROOT = """
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root" "$1/logs"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount --bind "$3" "$1/root/srv"
exec chroot "$1/root" /bin/sh -euc "$2"
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("oscap") or not RULES.is_dir(), reason="needs openscap-scanner and ssg-debian"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a root of its own"),
]


def in_a_root(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script where `toe` is a function and `audit` runs the audit; /srv keeps what is written."""
    place, kept = tmp_path / "place", tmp_path / "kept"
    place.mkdir()
    kept.mkdir()
    toe = f'toe() {{ TOE_STATE_DIRECTORY=/srv/state {sys.executable} -m toe run --log-directory /srv -q "$@"; }}\n'
    audit = f"audit() {{ toe {EXAMPLES}/openscap-audit/component.yml --parameters MinimumScore=$1; }}\n"
    command = [
        "unshare",
        "--mount",
        "/bin/sh",
        "-c",
        IN_A_ROOT,
        "sh",
        str(place),
        f"cd /\n{toe}{audit}{script}",
        str(kept),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if "unshare" in done.stderr or "overlay" in done.stderr:
        pytest.skip(f"no root of its own here: {done.stderr.strip()}")
    return done


def kept_log(tmp_path: Path, execution_id: str, name: str) -> str:
    (path,) = (tmp_path / "kept").glob(f"TOE_*_{execution_id}/{name}")
    return path.read_text(errors="replace")


def test_an_audit_keeps_its_report_with_the_logs_and_fails_below_the_score(tmp_path: Path) -> None:
    done = in_a_root("chmod 0666 /etc/passwd\naudit '0 -i low'\naudit '100 -i high' || echo \"code $?\"", tmp_path)
    assert "code 1" in done.stdout, done.stderr
    for execution_id in ("low", "high"):
        assert "file_permissions_etc_passwd" in kept_log(tmp_path, execution_id, "console.log")
        assert "<html" in kept_log(tmp_path, execution_id, "openscap.html")
    assert "the condition does not hold: numberGreaterThanEquals" in done.stderr


def test_a_remediation_mends_what_the_audit_found(tmp_path: Path) -> None:
    remediate = f"toe {EXAMPLES}/openscap-remediate/component.yml"
    script = f"chmod 0666 /etc/passwd\n{remediate}\nstat -c %a /etc/passwd > /srv/mode\naudit '0 -i after'"
    done = in_a_root(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept" / "mode").read_text() == "644\n"
    assert "file_permissions_etc_passwd" not in kept_log(tmp_path, "after", "console.log")
