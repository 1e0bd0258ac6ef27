"""The page in a real browser, served by the installed command: search, change, fold out, shortlist, export."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

COMMAND = str(Path(os.environ.get("VENUES_TEST_BIN") or Path(sys.executable).parent) / "venues")
BUDGET = 60_000
"""Bytes of one page view, as they go over the wire."""
HOSTILE = "<script>document.title = 'taken'</script> mums"
ROWS = [
    {
        "platform": "facebook",
        "native_id": "brighton-mums",
        "kind": "group",
        "title": "Brighton and Hove Mums",
        "description": "New mums and babies meet and swap tips.",
        "place": "Brighton",
        "country": "GB",
        "members": 4200,
        "access": "on request",
        "url": "https://social.example/brighton-mums",
    },
    {"platform": "forum", "native_id": "hostile", "title": HOSTILE, "place": "Brighton", "country": "GB"},
    {"platform": "reddit", "native_id": "mums", "kind": "community", "title": "Mums everywhere", "members": 90_000},
    *(
        {"platform": "forum", "native_id": f"n{n}", "title": f"Mums and toddlers {n}", "place": "Hove", "country": "GB"}
        for n in range(10)
    ),
]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page over a small index; its sources lie on no network."""
    folder = tmp_path_factory.mktemp("page")
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VENUES_")}
    environment["VENUES_DB"] = str(folder / "venues.db")
    subprocess.run([COMMAND, "import", str(rows)], check=True, env=environment, capture_output=True, timeout=300)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "log").open("wb")
    server = subprocess.Popen([COMMAND, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/healthz", trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise TimeoutError("the page did not come up")


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=True, capture_output=True)
        subprocess.run(["apt-get", "install", "-qy", "chromium"], check=True, capture_output=True)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium here, and no way to install it: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A visitor who asks nothing of any other server, and on whose pages nothing goes wrong."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    faults: list[str] = []
    made.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("request", lambda request: None if _is_own(request.url, served) else faults.append(request.url))
    yield made
    context.close()
    assert faults == []


def _is_own(url: str, served: str) -> bool:
    return url.startswith((served, "data:"))


def search(page: Page, served: str, text: str = "mums in Brighton") -> None:
    page.goto(served)
    page.get_by_label("Who do you want to reach, and where?").fill(text)
    page.get_by_role("button", name="Find").click()


def test_a_visitor_searches_and_folds_out_how_it_was_scored(page: Page, served: str) -> None:
    search(page, served)
    card = page.locator(".card", has_text="Brighton and Hove Mums")
    assert card.get_by_text("4,200 members", exact=True).is_visible()
    assert not card.locator("table").is_visible()
    card.get_by_text("How this was scored").click()
    points = [float(each) for each in card.locator("tbody td:nth-child(2)").all_text_contents()]
    score = float(card.locator("tfoot td").first.text_content() or 0)
    assert abs(sum(points) - score) < 0.6


def test_a_visitor_changes_the_place(page: Page, served: str) -> None:
    search(page, served)
    page.locator(".understood a").first.click()
    assert "Brighton, East Sussex" not in (page.locator(".understood p").first.text_content() or "")


def test_a_hostile_name_is_shown_and_does_nothing(page: Page, served: str) -> None:
    search(page, served)
    assert page.get_by_text(HOSTILE).first.is_visible()
    assert "taken" not in page.title()


def test_a_visitor_keeps_a_list_notes_on_it_and_takes_it_away(page: Page, served: str) -> None:
    search(page, served)
    page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums").click()
    page.get_by_role("link", name="Your shortlist", exact=True).click()
    page.get_by_label("Status").select_option("asked")
    page.get_by_label("Note").fill("Wrote to them on Monday")
    page.get_by_role("button", name="Save").click()
    page.reload()
    assert page.get_by_label("Note").input_value() == "Wrote to them on Monday"
    assert page.get_by_label("Status").input_value() == "asked"
    with page.expect_download() as download:
        page.get_by_role("link", name="take it as CSV").click()
    assert "Wrote to them on Monday" in Path(download.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="Remove").click()
    assert page.get_by_text("Nothing is on it yet.").is_visible()


def test_the_page_works_by_keyboard_alone(page: Page, served: str) -> None:
    page.goto(served)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("mums in Brighton")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    summary = page.locator(".card summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".card table").first.is_visible()


def test_the_page_works_without_script(browser: Browser, served: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    search(page, served)
    page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums").click()
    assert page.get_by_role("link", name="Your shortlist", exact=True).is_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_screen(page: Page, served: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/?q=mums+in+Brighton&followers=300"):
        page.goto(served + path)
        for summary in page.locator("summary").all()[:3]:
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?q=mums+in+Brighton&followers=300", "/?q=mums+in+Brigton", "/key"])
def test_axe_finds_nothing_serious(browser: Browser, served: str, scheme: Any, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(served + path)
    for summary in page.locator("summary").all()[:2]:
        summary.click()
    found = Axe().run(page).response["violations"]
    context.close()
    assert [] == [
        (each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in {"serious", "critical"}
    ]


def test_a_page_view_stays_within_its_budget(served: str) -> None:
    with httpx.Client(trust_env=False) as client:
        sizes = []
        for path in ("/?q=mums+in+Brighton&followers=300", "/static/venues.css", "/static/venues.js"):
            with client.stream("GET", served + path) as reply:
                sizes.append(sum(len(chunk) for chunk in reply.iter_raw()))
    assert sum(sizes) <= BUDGET


def test_a_warm_answer_comes_within_300_ms(served: str) -> None:
    with httpx.Client(trust_env=False) as client:
        client.get(f"{served}/?q=mums+in+Hove")
        started = time.perf_counter()
        assert client.get(f"{served}/?q=dads+in+Brighton").is_success
    assert time.perf_counter() - started < 0.3


def test_a_crawl_is_watched_and_leaving_it_breaks_nothing(page: Page, served: str) -> None:
    search(page, served, "mums in Leeds")
    ask = page.get_by_role("button", name="Ask them now")
    if ask.count():
        ask.click()
        page.goto("about:blank")
    search(page, served, "mums in Brighton")
    assert page.locator(".card").first.is_visible()
