"""The crontab line and the systemd units that come with the package."""

from __future__ import annotations

import shutil
import subprocess
from configparser import ConfigParser
from importlib.resources import files
from pathlib import Path

import pytest
from typer.main import get_command

from venues import cli

FOLDER = Path(str(files("venues") / "data" / "schedule"))
UNITS = ["venues-crawl.service", "venues-crawl.timer"]


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((FOLDER / name).read_text("utf-8"))
    return parser


def test_each_unit_has_its_sections() -> None:
    assert ["Unit", "Service"] == unit("venues-crawl.service").sections()
    assert ["Unit", "Timer", "Install"] == unit("venues-crawl.timer").sections()


def test_the_timer_is_nightly_spread_and_made_up_for() -> None:
    timer = unit("venues-crawl.timer")["Timer"]
    assert "*-*-* 03:00:00" == timer["OnCalendar"]
    assert "2h" == timer["RandomizedDelaySec"]
    assert "true" == timer["Persistent"]


def test_the_service_runs_a_command_that_there_is_and_may_gain_nothing() -> None:
    service = unit("venues-crawl.service")["Service"]
    words = service["ExecStart"].split()
    assert ["venues", "crawl", "--due"] == words[-3:]
    command = get_command(cli.app).commands[words[-2]]  # type: ignore[attr-defined]
    assert words[-1] in {name for option in command.params for name in option.opts}
    assert "oneshot" == service["Type"]
    assert "yes" == service["NoNewPrivileges"]
    assert service["Environment"].startswith("VENUES_CONTACT=")


def test_the_crontab_line_is_one_that_cron_reads() -> None:
    lines = [line for line in (FOLDER / "venues.cron").read_text("utf-8").splitlines() if line[:1] not in {"#", ""}]
    (line,) = [line for line in lines if not line.split("=")[0].isupper()]
    fields = line.split(maxsplit=5)
    assert ["17", "3", "*", "*", "*"] == fields[:5]
    assert fields[5].endswith("venues crawl --due")
    assert "%" not in fields[5].replace("\\%", ""), "cron takes a bare one for a new line"


@pytest.mark.parametrize("name", [*UNITS, "venues.cron"])
def test_no_file_names_a_place_of_one_machine(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert [] == [part for part in ("/home/", "/root/", "/work/", "/tmp/") if part in text]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="NOT CHECKED BY SYSTEMD ITSELF: it is not here")
def test_systemd_finds_nothing_amiss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    units = [shutil.copy(FOLDER / name, tmp_path / name) for name in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (0, "") == (done.returncode, done.stderr)
