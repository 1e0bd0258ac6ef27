"""Over the whole folder of crawlers: what every one of them must be and must have. Each check is itself checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

import crawlers.sites
from crawlers.contract import About
from crawlers.registry import ContractBroken, crawler_in, faults_of, platforms

RECORDED = Path(__file__).parents[1] / "recorded"


def lacking_pairs(names: set[str], recorded: Path) -> list[str]:
    """Return what is missing: a platform's recorded pair, or either half of one."""
    missing = [f"{name}: no recorded page" for name in names if not list((recorded / name).glob("*.expected.json"))]
    for folder in sorted(each for each in recorded.iterdir() if each.is_dir() and not each.name.startswith("__")):
        if folder.name not in names:
            missing.append(f"{folder.name}: recorded pages, and no such platform")
        cases: dict[str, set[bool]] = {}
        for file in folder.iterdir():
            cases.setdefault(file.name.partition(".")[0], set()).add(".expected." in file.name)
        missing += [f"{folder.name}/{case}: half a pair" for case, halves in cases.items() if len(halves) < 2]
    return missing


def test_every_module_in_the_folder_is_a_platform_and_the_reverse() -> None:
    files = {file.stem for file in Path(crawlers.sites.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(platforms())


def test_every_platform_has_recorded_pages_and_the_reverse() -> None:
    assert lacking_pairs(set(platforms()), RECORDED) == []


def test_the_check_of_recorded_pages_finds_each_kind_of_gap(tmp_path: Path) -> None:
    for name in ("whole/a.json", "whole/a.expected.json", "half/b.html", "half/b.expected.json", "half/c.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "stray").mkdir()
    assert lacking_pairs({"whole", "half", "bare"}, tmp_path) == [
        "bare: no recorded page",
        "half/c: half a pair",
        "stray: recorded pages, and no such platform",
    ]


ABOUT = About(
    platform="good", website="https://good.example", terms="None are published.", official_api=True, how="its list"
)


@dataclass(frozen=True)
class Good:
    """A platform."""

    about: ClassVar[About] = ABOUT

    def plan(self, area: Any) -> Any: ...

    def read(self, page: Any) -> Any: ...


def with_about(**changes: Any) -> type[Good]:
    about = {name: getattr(ABOUT, name) for name in ("platform", "website", "terms", "how", "official_api", "pace")}
    return type("Changed", (Good,), {"about": About(**(about | changes)), "__doc__": "A platform."})


@dataclass
class Thawed:
    """Not frozen."""

    about: ClassVar[About] = ABOUT
    plan = read = Good.plan


@dataclass(frozen=True)
class Mute:
    """Reads nothing."""

    about: ClassVar[About] = ABOUT
    plan = Good.plan
    read = None


@dataclass(frozen=True)
class Grabbing(Good):
    """Names a setting as one that every site has."""

    area: str = ""


@dataclass(frozen=True)
class Undescribed:
    about: ClassVar[Any] = "good"
    plan = read = Good.plan


def test_a_class_that_keeps_the_contract_has_no_faults() -> None:
    assert faults_of(Good, "good") == []


@pytest.mark.parametrize(
    ("crawler", "fault"),
    [
        (Thawed, "frozen"),
        (Mute, "no method read"),
        (Undescribed, "not an About"),
        (Grabbing, "has a setting area"),
        (with_about(platform="other"), "says its platform is other"),
        (with_about(website="http://good.example"), "no https address"),
        (with_about(terms=" "), "nothing of terms"),
        (with_about(how=""), "nothing of how"),
        (with_about(pace=0), "pace"),
    ],
)
def test_each_breach_of_the_contract_is_named(crawler: type[Any], fault: str) -> None:
    assert fault in "; ".join(faults_of(crawler, "good"))


@pytest.mark.parametrize("count", [0, 2])
def test_a_module_with_no_crawler_or_with_two_is_refused(count: int) -> None:
    module = ModuleType("crawlers.sites.good")
    for number in range(count):
        made = type(f"Good{number}", (Good,), {"__module__": module.__name__})
        setattr(module, made.__name__, made)
    with pytest.raises(ContractBroken, match=f"has {count} classes"):
        crawler_in(module)


def test_a_module_whose_crawler_breaks_the_contract_is_refused_by_name() -> None:
    module = ModuleType("crawlers.sites.other")
    vars(module)["Good"] = type("Good", (Good,), {"__module__": module.__name__, "__doc__": "A platform."})
    with pytest.raises(ContractBroken, match=r"crawlers\.sites\.other\.Good: is in other\.py"):
        crawler_in(module)
