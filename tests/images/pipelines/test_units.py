"""The units of systemd for a pipeline: what they say, and that systemd takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_files import write_folder
from recipe_fixtures import write_recipe

from toe.cli.main import command_line
from toe.errors import ToeError
from toe.images.pipelines.installing import Installed, Place, check_events, install, installed, uninstall
from toe.images.pipelines.schedule import Schedule, parse_expression
from toe.images.pipelines.units import Command, quoted, units_of

ODD = "a folder with 100% $HOME and \"quotes\" \\ 'more'"


def schedule(expression: str = "cron(0 4 15W * ? *)", zone: str = "Europe/Berlin") -> Schedule:
    calendars, seconds = parse_expression(expression)
    return Schedule(expression, calendars, seconds, zone)


def verified(folder: Path, name: str) -> str:
    """What systemd has to say against a service and its timer, "" for nothing."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (apt-get install systemd)")
    files = [str(folder / f"{name}.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    return "\n".join(line for line in done.stderr.splitlines() if name in line)


@pytest.mark.parametrize("expression", ["cron(0 4 15W * ? *)", "cron(0/30 8-18 ? * MON-FRI *)", "rate(7 days)"])
def test_systemd_takes_the_units(tmp_path: Path, expression: str) -> None:
    command = Command(["/bin/echo", ODD], "/tmp", [("A", ODD)])
    units = units_of("Web, nightly", "web-nightly", f"/tmp/{ODD}", schedule(expression), command)
    (tmp_path / f"{units.name}.service").write_text(units.service)
    (tmp_path / f"{units.name}.timer").write_text(units.timer)
    assert verified(tmp_path, units.name) == ""


def test_a_calendar_makes_up_for_what_was_missed_and_a_rate_is_asked_for() -> None:
    command = Command(["/usr/bin/toe", "pipeline"], "/srv")
    timer = units_of("web", "web", "/srv/p.yml", schedule(), command).timer
    assert "OnCalendar=Mon..Fri *-*-15 4:0:00 Europe/Berlin\nOnCalendar=Fri *-*-14 4:0:00 Europe/Berlin\n" in timer
    assert "\nPersistent=true\n" in timer
    assert "[X-Toe]\nPipeline=web\nFile=/srv/p.yml\nSchedule=cron(0 4 15W * ? *)\nTimeZone=Europe/Berlin\n" in timer
    weekly = units_of("web", "web", "/srv/p.yml", schedule("rate(7 days)"), command).timer
    assert "[Timer]\nOnActiveSec=60\nOnUnitActiveSec=3600\n" in weekly
    often = units_of("web", "web", "/srv/p.yml", schedule("rate(5 minutes)"), command).timer
    assert "[Timer]\nOnActiveSec=60\nOnUnitActiveSec=300\n" in often


def test_words_are_what_they_are_for_systemd() -> None:
    assert quoted('a "b" 50% $c \\') == '"a \\"b\\" 50%% $$c \\\\"'
    with pytest.raises(ToeError, match="cannot stand in a unit"):
        quoted("a\nExecStart=/bin/false")


def test_an_event_that_systemd_does_not_take_is_told() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (apt-get install systemd)")
    check_events(("Sun *-*-* 4:0:00 UTC",))
    with pytest.raises(ToeError, match=r"systemd does not take '\*-\*-\* 25:0:00'"):
        check_events(("*-*-* 25:0:00",))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A root of its own, in which systemctl enables without a systemd that runs."""
    if shutil.which("systemctl") is None:
        pytest.skip("needs systemctl (apt-get install systemd)")
    folder = tmp_path / "root/etc/systemd/system"
    folder.mkdir(parents=True)
    return Place(str(folder), ("systemctl", f"--root={tmp_path / 'root'}"), is_running=False)


def test_both_units_are_there_or_none(place: Place) -> None:
    command = Command(["/usr/bin/toe"], "/srv")
    units = units_of("Web, nightly", "web", "/srv/p.yml", schedule(), command)
    install(units, place)
    link = Path(place.folder, "timers.target.wants/toe-pipeline-web.timer")
    assert link.is_symlink()
    expected = Installed("web", "Web, nightly", "/srv/p.yml", "cron(0 4 15W * ? *)", "Europe/Berlin")
    assert installed(place) == [expected]
    assert Path(place.folder, "toe-pipeline-web.timer").stat().st_mode & 0o777 == 0o644
    other = units_of("Web, nightly", "web", "/srv/p.yml", schedule("rate(1 day)"), command)
    with pytest.raises(ToeError, match="cannot start 'systemctl'"):
        install(other, place._replace(systemctl=("/no/systemctl",)))
    assert installed(place) == [expected]
    uninstall("toe-pipeline-web", place)
    assert [path for path in Path(place.folder).rglob("*") if not path.is_dir()] == []
    with pytest.raises(ToeError, match="cannot start 'systemctl'"):
        install(units, place._replace(systemctl=("/no/systemctl",)))
    assert [path for path in Path(place.folder).rglob("*") if not path.is_dir()] == []


def test_a_dry_run_prints_what_would_be_installed(capfd: pytest.CaptureFixture[str]) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    code = command_line(["pipeline", "install", write_folder(), "--dry-run", "--quiet", "--engine", "buildah"])
    out, err = capfd.readouterr()
    assert (code, err) == (0, "")
    assert out.startswith("# toe-pipeline-nightly-web.timer\n[Unit]\n")
    assert "OnCalendar=Sun *-*-* 4:0:00 Europe/Berlin\n" in out
    (start,) = [line for line in out.splitlines() if line.startswith("ExecStart=")]
    assert start.endswith(
        f'"pipeline" "run" "--scheduled" "--resource=Nightly web" "--engine=buildah" "{os.path.realpath(".")}"'
    )


def start_of(*words: str, capfd: pytest.CaptureFixture[str]) -> str:
    """What the service of the pipeline in the working directory starts."""
    code = command_line(["pipeline", "install", ".", "--dry-run", "--quiet", *words])
    out, err = capfd.readouterr()
    assert (code, err) == (0, "")
    (start,) = [line for line in out.splitlines() if line.startswith("ExecStart=")]
    return start


def test_a_timer_builds_with_the_options_of_its_installation(capfd: pytest.CaptureFixture[str]) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    write_folder()
    asked = ("--cache-from=r.example.com", "--no-cache", "--refresh=one,two", "--fail-on-severity=HIGH", "--fetch")
    start = start_of(*asked, capfd=capfd)
    for word in asked:
        assert f' "{word}"' in start


def test_a_timer_starts_the_one_file_and_not_what_it_has_unpacked(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    write_folder()
    Path("one-file").write_text("#!/bin/sh\n")
    Path("one-file").chmod(0o755)
    monkeypatch.setitem(sys._xoptions, "toe_one_file", "./one-file")
    assert start_of(capfd=capfd).startswith(f'ExecStart="{os.path.abspath("one-file")}" "pipeline" "run" ')


@pytest.mark.slow
def test_a_bundle_installs_itself(one_file: Path, tmp_path: Path) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    write_folder()
    environment = {**os.environ, "TOE_BUNDLE_DIRECTORY": str(tmp_path / "unpacked")}
    command = [str(one_file), "pipeline", "install", ".", "--dry-run", "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f'\nExecStart="{one_file}" "pipeline" "run" "--scheduled" ' in done.stdout


def test_a_pipeline_without_a_schedule_is_not_installed(capfd: pytest.CaptureFixture[str]) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    for change, message in (
        ({"schedule": {}}, "the pipeline 'Nightly web' has no schedule"),
        ({"schedule": {"scheduleExpression": "rate(1 day)", "timezone": "Mars/Base"}}, "no time zone 'Mars/Base'"),
    ):
        assert command_line(["pipeline", "install", write_folder(pipeline=change), "--dry-run"]) == 2
        assert message in capfd.readouterr().err
