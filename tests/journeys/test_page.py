"""The page in a real browser, served by the installed command: search, change, fold out, shortlist, export."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect
from servers.page import follow, looking, run, search, serving, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

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
    run(folder, "import", str(rows))
    with serving(folder) as server:
        yield server.address


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    with visiting(browser, served) as opened:
        yield opened


def test_a_visitor_searches_and_folds_out_how_it_was_scored(page: Page, served: str) -> None:
    search(page, served)
    card = page.locator(".card", has_text="Brighton and Hove Mums")
    expect(card.get_by_text("4,200 members", exact=True)).to_be_visible()
    expect(card.locator("table")).to_be_hidden()
    card.get_by_text("How this was scored").click()
    points = [float(each) for each in card.locator("tbody td:nth-child(2)").all_text_contents()]
    score = float(card.locator("tfoot td").first.text_content() or 0)
    assert abs(sum(points) - score) < 0.6


def test_a_visitor_changes_the_place(page: Page, served: str) -> None:
    search(page, served)
    follow(page, page.locator(".understood a").first)
    assert "Brighton, East Sussex" not in (page.locator(".understood p").first.text_content() or "")


def test_a_hostile_name_is_shown_and_does_nothing(page: Page, served: str) -> None:
    search(page, served)
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert "taken" not in page.title()


def test_a_visitor_keeps_a_list_notes_on_it_and_takes_it_away(page: Page, served: str) -> None:
    search(page, served)
    follow(page, page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums"))
    page.wait_for_selector("#added:focus")
    expect(page.get_by_text("Added to your shortlist")).to_be_visible()
    follow(page, page.get_by_role("link", name="Your shortlist").first)
    page.get_by_label("How far are you?").select_option("asked")
    page.get_by_label("Note").fill("Wrote to them on Monday")
    follow(page, page.get_by_role("button", name="Save"))
    page.wait_for_selector("#saved:focus")
    page.reload()
    assert page.get_by_label("Note").input_value() == "Wrote to them on Monday"
    assert page.get_by_label("How far are you?").input_value() == "asked"
    with page.expect_download() as download:
        page.get_by_role("link", name="For a spreadsheet").click()
    assert "Wrote to them on Monday" in Path(download.value.path()).read_text("utf-8-sig")
    follow(page, page.get_by_role("button", name="Remove"))
    expect(page.get_by_text("Nothing is on it yet.")).to_be_visible()


def focused(page: Page) -> str:
    """What a screen reader says of the element that has the focus: its label, or its words."""
    found: str = page.evaluate(
        """() => {
          const at = document.activeElement;
          const label = at.getAttribute("aria-label") || (at.labels && at.labels[0] && at.labels[0].textContent);
          return (label || at.textContent || "").replace(/\\s+/g, " ").trim();
        }"""
    )
    return found


def tab_to(page: Page, words: str, most: int = 80) -> None:
    """Press Tab until what is focused begins with these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page).startswith(words):
            return
    raise AssertionError(f"the keyboard does not reach {words!r}")


def test_the_whole_way_is_gone_by_keyboard_alone(page: Page, served: str) -> None:
    page.goto(served)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the results"
    tab_to(page, "Who do you want to reach")
    page.keyboard.type("mums in Brighton")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "How this was scored: Brighton and Hove Mums")
    page.keyboard.press("Enter")
    expect(page.locator(".card", has_text="Brighton and Hove Mums").locator("table")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Add to shortlist: Brighton and Hove Mums"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("#added:focus")
    tab_to(page, "your shortlist", most=1)
    with page.expect_navigation(url="**/lists/*"):
        page.keyboard.press("Enter")
    tab_to(page, "How far are you?")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Note", most=1)
    page.keyboard.type("Wrote to them on Monday")
    tab_to(page, "Save: Brighton and Hove Mums")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("#saved:focus")
    tab_to(page, "For a spreadsheet")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    kept = Path(download.value.path()).read_text("utf-8-sig")
    assert "asked,Wrote to them on Monday" in kept


def test_the_whole_way_is_gone_without_script(browser: Browser, served: str) -> None:
    with looking(browser, java_script_enabled=False) as page:
        search(page, served)
        page.get_by_text("How this was scored").first.click()
        expect(page.locator(".card table").first).to_be_visible()
        follow(page, page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums"))
        expect(page.get_by_text("Added to your shortlist")).to_be_visible()
        follow(page, page.get_by_role("link", name="Your shortlist").first)
        page.get_by_label("Note").fill("Wrote to them")
        page.get_by_label("How far are you?").select_option("joined")
        follow(page, page.get_by_role("button", name="Save: Brighton and Hove Mums"))
        expect(page.get_by_text("Saved.")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="For a spreadsheet").click()
        assert "joined,Wrote to them" in Path(download.value.path()).read_text("utf-8-sig")
        follow(page, page.get_by_role("button", name="Remove: Brighton and Hove Mums"))
        expect(page.get_by_text("Nothing is on it yet.")).to_be_visible()


def filled_list(page: Page, served: str) -> None:
    """Open a shortlist with two venues on it, one with a note."""
    search(page, served)
    follow(page, page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums"))
    follow(page, page.get_by_role("button", name="Add to shortlist: Mums everywhere"))
    page.goto(f"{served}/lists")
    page.get_by_label("Note").first.fill("Wrote to them on Monday")
    follow(page, page.get_by_role("button", name="Save").first)
    page.wait_for_selector("#saved")


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_screen(page: Page, served: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/?q=mums+in+Brighton&followers=300"):
        page.goto(served + path)
        for summary in page.locator("summary").all()[:3]:
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_example_finds_something_in_its_place_in_the_starter_directory(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as server, visiting(browser, server.address) as page:
        page.goto(server.address)
        examples = page.locator(".examples a").all_text_contents()
        assert len(examples) >= 4
        for example in examples:
            page.goto(server.address)
            follow(page, page.get_by_role("link", name=example, exact=True))
            expect(page.locator("h2#local"), example).to_be_visible()


def test_a_visitor_who_comes_back_sees_what_changed(browser: Browser, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    row = ROWS[0] | {"rules": ["No adverts"], "posts_per_week": 40}
    rows.write_text(json.dumps(row) + "\n", "utf-8")
    run(tmp_path, "import", str(rows))
    with serving(tmp_path) as server, visiting(browser, server.address) as page:
        search(page, server.address)
        follow(page, page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums"))
        changed = row | {"access": "closed", "rules": ["Members only"], "posts_per_week": 2}
        rows.write_text(json.dumps(changed) + "\n", "utf-8")
        run(tmp_path, "import", str(rows))
        page.goto(f"{server.address}/lists")
        expect(page.get_by_text("Since then: who may join: on request before, closed now.")).to_be_visible()
        expect(page.get_by_text("Since then: its rules have changed: read them again.")).to_be_visible()
        expect(page.get_by_text("Since then: quieter: 40 posts a week before, 2 now.")).to_be_visible()
        expect(page.get_by_text("1 has changed since you added it")).to_be_visible()


EMPTY = "/?q=Spanish+speakers+in+Brighton"
PAGES = ("/", "/?q=mums+in+Brighton&followers=300&kind=group", "/?q=mums+in+Brigton", EMPTY, "/key", "/lists", "filled")


def faults(page: Page) -> list[Any]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, served: str, scheme: Any, path: str, width: int) -> None:
    size = {"width": width, "height": 800}
    with looking(browser, color_scheme=scheme, bypass_csp=True, viewport=size) as page:
        if path == "filled":
            filled_list(page, served)
        else:
            page.goto(served + path)
        for summary in page.locator("summary").all()[:2]:
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        on_screen = faults(page)
        page.emulate_media(media="print")
        on_paper = faults(page)
    assert on_screen == on_paper == []


def test_the_honest_answer_comes_first_and_is_seen_at_once(page: Page, served: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(served + EMPTY)
    said = page.get_by_text("No group for Spanish speakers found in Brighton.")
    box = said.bounding_box()
    assert box
    assert box["y"] + box["height"] < 800


@pytest.mark.parametrize("width", [360, 1440])
def test_the_pictures_words_are_as_large_as_the_texts_about_it(page: Page, served: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{served}/?q=mums+in+Brighton&followers=300")
    boxes = [found.bounding_box() for found in page.locator("svg text").all()]
    assert len(boxes) > 5
    assert all(box and box["height"] >= 12 and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_a_printed_list_holds_the_notes_and_no_controls(page: Page, served: str) -> None:
    search(page, served)
    follow(page, page.get_by_role("button", name="Add to shortlist: Brighton and Hove Mums"))
    follow(page, page.get_by_role("link", name="Your shortlist").first)
    page.emulate_media(media="print")
    expect(page.get_by_text("https://social.example/brighton-mums")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page over venues of which each says as much as one can."""
    folder = tmp_path_factory.mktemp("crowded")
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps(_talkative(number)) + "\n" for number in range(60)), "utf-8")
    run(folder, "import", str(rows))
    with serving(folder) as server:
        yield server.address


def _talkative(number: int) -> dict[str, Any]:
    words = " ".join(f"{chr(97 + (number * 7 + n) % 26)}{number * n % 97}meet" for n in range(60))
    return {
        "platform": f"forum{number}",
        "native_id": f"n{number}",
        "kind": "forum",
        "title": f"Mums and toddlers of Brighton, {words}"[:160],
        "description": f"Mums in Brighton: {words}",
        "place": "Brighton",
        "country": "GB",
        "members": 1000 + number * 13,
        "rules": [f"Rule {n}: {words[n : n + 150]}" for n in range(5)],
        "url": f"https://social{number}.example/{words.replace(' ', '-')}"[:200],
    }


def views(browser: Browser, paths: list[str], server: str) -> list[tuple[int, list[str]]]:
    """Open each address as a first visitor does; return what came over the wire for it, and all that was asked."""
    seen = []
    for path in paths:
        with looking(browser) as page:
            asked: list[str] = []
            page.context.route("**/*", lambda route, request: (asked.append(request.url), route.continue_()))  # noqa: B023
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            sizes: list[float] = []
            session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))  # noqa: B023
            page.goto(server + path)
            page.wait_for_load_state("networkidle")
            seen.append((int(sum(sizes)), asked))
    return seen


def test_a_page_view_stays_within_its_budget_and_asks_no_other_server(browser: Browser, crowded: str) -> None:
    paths = ["/", "/?q=mums+in+Brighton&followers=300", "/?q=mums+in+Brigton", "/lists"]
    for (size, asked), path in zip(views(browser, paths, crowded), paths, strict=True):
        assert 1_000 < size <= BUDGET, (path, size)
        assert {each for each in asked if not each.startswith((crowded, "data:"))} == set()
        assert len(asked) <= 4


def test_a_warm_answer_comes_within_300_ms(served: str) -> None:
    took = []
    with httpx.Client(trust_env=False, timeout=60) as client:
        client.get(f"{served}/?q=mums+in+Hove")
        for audience in ("dads", "cyclists", "gardeners", "students", "runners", "knitters", "readers", "walkers"):
            started = time.perf_counter()
            assert client.get(f"{served}/?q={audience}+in+Brighton").is_success
            took.append(time.perf_counter() - started)
    assert min(took) < 0.3, took  # none of them was asked before; what else the machine does, only lengthens some
