"""Every page captured from others beside what is seen in it with nothing but its address: its platform by its marks,
how many venues, and where there are none, what it is.

`payloads.tsv` was written by the program and read through by us for platforms and remarks that are wrong: it guards
against change. Whether the counts are right is for the tables of boards counted by hand to say (`forum-labels*.tsv`).
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from crawlers.contract import Request
from crawlers.detecting import look_at
from crawlers.testing import Reply, page_of

HERE = Path(__file__).parent
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads"
with (HERE / "payloads.tsv").open(encoding="utf-8", newline="") as _lines:
    FACTS = list(csv.DictReader(_lines, delimiter="\t"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["file"])
def test_a_captured_page_is_seen_as_what_it_is(fact: dict[str, str]) -> None:
    file = REAL / fact["file"]
    if not file.exists():
        pytest.skip(f"no captured pages beside this checkout: {file} is missing")
    url = fact["url"] or json.loads(file.with_name(f"{file.name}.meta.json").read_text("utf-8"))["request_url"]
    seen = look_at(page_of(Request(url=url), Reply(file.read_bytes())))
    expected = (fact["platform"], int(fact["listings"]), fact["remark"])
    assert expected == (seen.platform or "", len(seen.listings), seen.remark or "")


def test_no_captured_page_is_left_out() -> None:
    if not REAL.exists():
        pytest.skip(f"no captured pages beside this checkout: {REAL} is missing")
    files = (each for each in REAL.rglob("*") if each.is_file() and not each.name.endswith((".meta.json", ".headers")))
    known = {fact["file"] for fact in FACTS}
    assert [] == sorted(name for each in files if (name := str(each.relative_to(REAL))) not in known)
