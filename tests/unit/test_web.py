"""The page and the API, asked as a browser or a program asks: what they say, and what they never do."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from index.embedding import load_encoder
from index.merging import Gone
from index.testing import HashEncoder
from venues import app as app_module
from venues.amounts import span
from venues.app import App
from venues.desk import MOST_WATCHING_EACH
from venues.gate import network_of
from venues.model import Access, CrawlRun, Kind, Listing, Site, VenueId
from venues.replies import Replies
from venues.server import Buckets, Guard, create_app
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.desk import Desk
    from venues.discovery import Narrowing
    from venues.gazetteer import Gazetteer

LOCAL = "http://localhost"
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'
ROWS = [
    Listing(
        platform="facebook",
        native_id="brighton/mums",
        kind=Kind.GROUP,
        title="Brighton Mums",
        description="Mums and babies in Brighton.",
        place="Brighton",
        country="GB",
        members=4200,
        url="https://social.example/mums",
        last_post_at=NOW - timedelta(days=3),
        access=Access.ON_REQUEST,
        rules=("No adverts",),
        source="test:https://social.example",
    ),
    Listing(
        platform="forum",
        native_id="hostile",
        title=HOSTILE + " mums",
        description=f"Mums {HOSTILE}",
        place="Brighton",
        country="GB",
        url="javascript:alert(1)",
        source="import",
    ),
    Listing(platform="forum", native_id="everywhere", title="Mums of the world", members=900_000, source="import"),
    Listing(
        platform="forum",
        native_id="news",
        title="Brighton residents",
        description="Local news and what is on, for everybody in town.",
        place="Brighton",
        country="GB",
        source="import",
    ),
]


@pytest.fixture
def app(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(app_module, "packaged_sites", lambda: ())
    with App(Settings(db=":memory:"), clock=lambda: NOW) as made:
        made.__dict__ |= {"gazetteer": gazetteer, "encoder": HashEncoder(), "asking": HashEncoder()}
        for _ in made.intake().take(ROWS):
            pass
        yield made


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create_app(app), LOCAL, client=("127.0.0.1", 1), follow_redirects=False) as opened:
        yield opened


def soup(client: TestClient, path: str) -> BeautifulSoup:
    reply = client.get(path)
    assert reply.status_code == 200, reply.text
    return BeautifulSoup(reply.text, "lxml")


def edition(page: str) -> str:
    found = re.search(r"venues\.css\?(\w{8})", page)
    assert found
    return found[1]


ASKED = "/?q=mums+in+Brighton"
NO_VECTORS = np.empty((0, 384), np.float32)


def test_an_answer_is_in_the_page_under_the_headings_that_json_names(client: TestClient) -> None:
    page = soup(client, ASKED)
    headings = {str(each["id"]): each.text for each in page.select("#results h2")}
    assert headings == {
        "local": "In Brighton",
        "wider": "For them, not only in Brighton",
        "general": "For everybody, or for others",
    }
    said = {
        (str(heading["id"]), card.h3.a.contents[0] if card.h3.a else card.h3.text)
        for heading in page.select("#results h2")
        for card in heading.find_next("ol").select(".card")  # type: ignore[union-attr]
    }
    found = client.get("/api/v1/find?q=mums+in+Brighton&limit=20").json()["suggestions"]
    assert said == {(each["section"], each["title"]) for each in found}
    first = page.select_one(".card h3 a")
    assert first is not None
    assert first["href"] == "https://social.example/mums"
    assert first["target"] == "_blank"
    assert {"noopener", "noreferrer"} <= set(first["rel"])
    assert "4,200 members" in page.text
    assert "alive: last post 3 days ago, checked" in page.text


def test_names_from_outside_are_words_and_never_code(client: TestClient) -> None:
    reply = client.get(ASKED)
    assert "&lt;script&gt;alert" in reply.text
    assert HOSTILE not in reply.text
    assert 'href="javascript' not in reply.text
    scripts = [each.get("src") for each in BeautifulSoup(reply.text, "lxml").select("script")]
    assert scripts == [f"/static/venues.js?{edition(reply.text)}"]


def test_the_question_itself_is_words_and_never_code(client: TestClient) -> None:
    reply = client.get("/", params={"q": f'{HOSTILE}" autofocus onfocus="alert(1)'})
    assert HOSTILE not in reply.text
    box = BeautifulSoup(reply.text, "lxml").select_one("#q")
    assert box is not None
    assert "onfocus" not in box.attrs


def test_nothing_on_a_page_asks_another_server(client: TestClient) -> None:
    for path in ("/", ASKED):
        page = soup(client, path)
        own = [
            each[name] for name in ("src", "href") for each in page.select(f"link[{name}], script[{name}], img[{name}]")
        ]
        assert all(str(each).startswith(("/", "data:")) for each in own)


def test_every_reply_carries_the_headers_that_keep_it_safe(client: TestClient) -> None:
    for path in ("/", ASKED, "/api/v1/find?q=mums", "/nowhere", "/static/venues.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_needs_an_inline_style_or_script(client: TestClient) -> None:
    page = soup(client, f"{ASKED}&followers=300")
    assert not page.select("[style], style, script:not([src]), [onclick], [onload]")


def test_each_control_has_a_label_and_each_page_its_landmarks(client: TestClient) -> None:
    page = soup(client, ASKED)
    for control in page.select("input:not([type=hidden]), select, textarea"):
        labelled = control.find_parent("label") or page.select_one(f"label[for='{control.get('id')}']")
        assert labelled, control
    for landmark in ("header", "main", "footer", "nav[aria-label]", "form[role=search]", "h1"):
        assert len(page.select(landmark)) == 1, landmark
    names = [str(button["aria-label"]) for button in page.select(".card button")]
    assert len(names) == len(set(names))


def test_the_picture_says_its_figures_in_words(client: TestClient) -> None:
    page = soup(client, f"{ASKED}&followers=300")
    texts = [each.text for each in page.select("svg text")]
    assert "Your own page" in texts
    found = client.get("/api/v1/find?q=mums+in+Brighton").json()["suggestions"]
    reaches = [each["reach"] for each in found if each["reach"]]
    assert len(reaches) == 2
    assert {"300", *(span(each["low"], each["high"]) for each in reaches)} <= set(texts)
    assert page.select_one("svg title") is not None


def test_each_source_is_told_by_its_short_name_with_what_came_of_it_and_when(client: TestClient, app: App) -> None:
    run = CrawlRun(
        site="matrix:https://m.example", started_at=NOW, finished_at=NOW, state="failed", complete=False, error="gone"
    )
    app.store.apply([], NO_VECTORS, "m", run)
    (source,) = soup(client, ASKED).select(".sources li")
    assert source.text.startswith("m.example (matrix): could not be asked, 1 Nov 2026")


def test_general_spaces_may_be_left_out(client: TestClient) -> None:
    assert "Brighton residents" in soup(client, ASKED).text
    assert "Brighton residents" not in soup(client, f"{ASKED}&general=0").text


def test_a_card_says_members_readers_and_whom_of_them_one_may_reach_as_ranges(client: TestClient) -> None:
    facts = soup(client, ASKED).select(".card .facts:nth-of-type(2)")[0].text
    reach = client.get("/api/v1/find?q=mums+in+Brighton").json()["suggestions"][0]["reach"]
    assert "4,200 members · 420 to 4,200 read it" in facts
    assert f"you may reach {span(reach['low'], reach['high'])} of the people you want" in facts


def test_an_answer_without_what_was_wanted_says_so_first(client: TestClient) -> None:
    page = soup(client, "/?q=Spanish+speakers+in+Brighton")
    first = page.select_one("#first > p")
    assert first is not None
    assert first.text.strip().startswith("No group for Spanish speakers found in Brighton.")


@pytest.mark.parametrize("written", ["GB", "gb", "uk"])
def test_a_country_is_understood_as_people_write_it(client: TestClient, written: str) -> None:
    assert "Brighton, East Sussex" in soup(client, f"{ASKED}&country={written}").select(".understood")[0].text


def test_another_place_of_the_name_is_a_link(client: TestClient) -> None:
    links = [str(each["href"]) for each in soup(client, ASKED).select(".understood a")]
    assert links
    reply = client.get(links[0])
    assert reply.status_code == 200
    assert "Brighton, East Sussex" not in BeautifulSoup(reply.text, "lxml").select(".understood")[0].p.text  # type: ignore[union-attr]


def test_an_unknown_place_is_said_on_a_page_with_the_box(client: TestClient) -> None:
    reply = client.get("/?q=mums+in+Brigton")
    assert reply.status_code == 400
    assert "No place called" in reply.text
    assert 'value="mums in Brigton"' in reply.text
    links = {each.text: each["href"] for each in BeautifulSoup(reply.text, "lxml").select("#results a")}
    assert links["mums in Brighton"] == ASKED


@pytest.mark.parametrize("query", ["radius=abc", "country=1b", "kind=nonsense", "general=7", f"q={'x' * 501}"])
def test_what_no_form_of_ours_sends_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 422


def test_the_same_answer_is_not_sent_twice(client: TestClient) -> None:
    made = client.post("/api/v1/shortlists", json={}).json()["id"]
    others = ("venues/facebook/brighton/mums", "places?q=Leeds", "sites", "runs", "crawls", f"shortlists/{made}")
    for path in (ASKED, "/api/v1/find?q=mums+in+Brighton", *(f"/api/v1/{other}" for other in others)):
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, headers={"if-none-match": 'W/"other"'}).status_code == 200


def test_an_answer_changes_its_tag_when_the_index_changes(client: TestClient, app: App) -> None:
    before = client.get(ASKED).headers["etag"]
    for _ in app.intake().take([Listing(platform="forum", native_id="new", title="New mums", place="Brighton")]):
        pass
    after = client.get(ASKED, headers={"if-none-match": before})
    assert after.status_code == 200
    assert "New mums" in after.text


# the API


def test_find_answers_what_the_command_prints_and_pages_through_it(client: TestClient) -> None:
    whole = client.get("/api/v1/find?q=mums+in+Brighton").json()
    assert whole["query"]["area"]["country"] == "GB"
    assert [each["rank"] for each in whole["suggestions"]] == [1, 2, 3, 4]
    second = client.get("/api/v1/find?q=mums+in+Brighton&limit=1&offset=1").json()
    assert second["suggestions"] == whole["suggestions"][1:2]


def test_a_venue_is_found_by_an_id_with_a_slash(client: TestClient) -> None:
    reply = client.get("/api/v1/venues/facebook/brighton/mums").json()
    assert reply["title"] == "Brighton Mums"
    assert [each["source"] for each in reply["sources"]] == ["test:https://social.example"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/venues/forum/none", 404),
        ("/api/v1/find?q=mums+in+Brigton", 400),
        ("/api/v1/find", 422),
        ("/api/v1/find?q=mums&limit=0", 422),
        ("/api/v1/shortlists/nonsense", 404),
        ("/api/v1/nothing", 404),
    ],
)
def test_a_problem_is_said_by_rfc_9457(client: TestClient, path: str, status: int) -> None:
    reply = client.get(path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert reply.json()["title"]


def test_an_unknown_place_comes_with_near_spellings(client: TestClient) -> None:
    assert "Brighton" in " ".join(client.get("/api/v1/find?q=mums+in+Brigton").json()["suggestions"])


def test_the_api_says_how_many_requests_are_left(client: TestClient) -> None:
    headers = client.get("/api/v1/places?q=Leeds").headers
    assert int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])


def test_health_and_measures_are_told(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "venues": 4}
    client.get("/api/v1/places?q=Leeds")
    measures = client.get("/metrics").text
    assert "venues_held 4.0" in measures
    assert re.search(r'venues_requests_total\{method="GET",route="/api/v1/places",status="200"\} 1.0', measures)


def test_the_schema_names_every_route_with_its_problems(client: TestClient) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/find", "/api/v1/places", "/api/v1/sites", "/api/v1/runs", "/api/v1/shortlists"} <= set(
        schema["paths"]
    )
    assert not [path for path in schema["paths"] if not path.startswith("/api/")]


# what a keeper does


def test_listings_are_taken_in_line_by_line_and_go_out_as_they_came(client: TestClient) -> None:
    lines = '{"platform": "f", "native_id": "1", "title": "Leeds mums"}\n{"platform": "f"}\nnonsense\n'
    said = client.post("/api/v1/listings", content=lines).json()
    assert (said["added"], said["refused"]) == (1, 2)
    assert [(each["line"], each["field"]) for each in said["errors"]] == [(2, "native_id"), (3, "line")]
    assert client.post("/api/v1/listings", content=lines).json()["added"] == 0
    reply = client.get("/api/v1/listings")
    assert reply.headers["content-type"] == "application/jsonl"
    out = [json.loads(line) for line in reply.text.splitlines()]
    assert {each["title"] for each in out} == {"Leeds mums", *(row.title for row in ROWS)}


def test_of_many_bad_lines_the_first_are_told_and_all_counted(client: TestClient) -> None:
    good = '{"platform": "f", "native_id": "1", "title": "Leeds mums"}'
    said = client.post("/api/v1/listings", content="\n".join([good, *(["x"] * 1000)])).json()
    assert (said["added"], said["refused"], len(said["errors"])) == (1, 1000, 50)


def test_nothing_is_taken_in_where_a_line_is_bad_and_that_is_not_wanted(client: TestClient) -> None:
    lines = '{"platform": "f", "native_id": "1", "title": "Leeds mums"}\nnonsense\n'
    reply = client.post("/api/v1/listings?strict=true", content=lines)
    assert reply.status_code == 422
    assert "line 2" in reply.json()["detail"]
    assert client.get("/healthz").json()["venues"] == len(ROWS)


def test_lines_none_of_which_is_a_listing_are_a_bad_request(client: TestClient) -> None:
    assert client.post("/api/v1/listings", content="nonsense\n").status_code == 422
    assert client.post("/api/v1/listings", content="").json()["added"] == 0


def test_a_body_of_listings_may_be_larger_than_a_form_and_is_bounded_too(client: TestClient) -> None:
    line = json.dumps({"platform": "f", "native_id": "1", "title": "Mums", "description": "x" * 10_000}) + "\n"
    assert client.post("/api/v1/listings", content=line * 20).status_code == 200
    assert client.post("/api/v1/listings", content=line * 900).status_code == 413


def test_two_long_works_at_once_are_one_too_many(client: TestClient) -> None:
    desk: Desk = client.app.state.desk  # type: ignore[attr-defined]
    with desk.long_work:
        assert client.post("/api/v1/listings", content="{}").status_code == 429
        assert client.post("/api/v1/profiles", content="{}").status_code == 429


def test_a_venue_that_opted_out_is_suggested_no_more(client: TestClient) -> None:
    assert "Brighton Mums" in client.get(ASKED).text
    gone = {"platform": "facebook", "native_id": "brighton/mums"}
    assert client.post("/api/v1/opt-outs", json=gone).status_code == 201
    answer = client.get("/api/v1/find?q=mums+in+Brighton").json()
    assert "Brighton Mums" not in [each["title"] for each in answer["suggestions"]]
    assert answer["left_out"]["opted out"] == 1


def test_sites_are_added_and_switched_off(client: TestClient) -> None:
    added = client.post("/api/v1/sites", json={"site": "matrix:https://m.example", "place": "Leeds"})
    assert (added.status_code, added.json()["platform"]) == (201, "matrix")
    name = added.json()["site"]
    assert client.post("/api/v1/sites/off", json={"site": name}).status_code == 204
    states = {each["site"]: each["state"] for each in client.get("/api/v1/sites").json()["items"]}
    assert states[name] == "off"
    assert client.post("/api/v1/sites/off", json={"site": "no such"}).status_code == 400
    assert client.post("/api/v1/sites", json={"site": "nonsense"}).status_code == 400


def test_a_space_that_may_not_be_asked_is_taken_in_by_its_words(client: TestClient) -> None:
    wanted = {"url": "https://www.facebook.com/groups/leedsdads", "title": "Leeds Dads", "place": "Leeds"}
    reply = client.post("/api/v1/venues", json=wanted)
    assert reply.status_code == 201
    assert (reply.json()["listing"]["title"], reply.json()["asked"]) == ("Leeds Dads", False)
    assert client.post("/api/v1/venues", json={"url": "no address"}).status_code == 400


def test_a_saved_page_is_read_and_nothing_kept(client: TestClient) -> None:
    page = (Path(__file__).parents[1] / "recorded/phpbb/prosilver.html").read_bytes()
    reply = client.post("/api/v1/read?url=https://forum.example.org/index.php", content=page).json()
    assert reply["platform"] == "phpbb"
    assert reply["listings"]
    assert client.get("/healthz").json()["venues"] == len(ROWS)
    assert client.post("/api/v1/read?url=nonsense", content=page).status_code == 400


def test_who_takes_part_is_estimated_for_each_good_line(client: TestClient, app: App) -> None:
    app.__dict__["encoder"] = load_encoder(Settings().model, cache=Settings().cache_path)
    line = '{"platform": "f", "native_id": "1", "title": "Leeds mums", "description": "For new mothers."}\n'
    reply = client.post("/api/v1/profiles", content=line + "nonsense\n").json()
    assert [set(each["axes"]) for each in reply["items"]] == [{"gender", "age", "affluence", "partisan", "sociality"}]
    assert [each["line"] for each in reply["errors"]] == [2]


KEEPING = (
    ("/api/v1/listings", {"content": '{"platform": "f", "native_id": "1", "title": "x"}'}),
    ("/api/v1/profiles", {"content": "{}"}),
    ("/api/v1/read?url=https://forum.example.org/", {"content": "x"}),
    ("/api/v1/venues", {"json": {"url": "https://www.facebook.com/groups/x", "title": "x"}}),
    ("/api/v1/opt-outs", {"json": {"platform": "f", "native_id": "1"}}),
    ("/api/v1/sites", {"json": {"site": "matrix:https://m.example"}}),
    ("/api/v1/sites/off", {"json": {"site": "matrix:https://m.example"}}),
)


@pytest.mark.parametrize(("path", "body"), KEEPING)
def test_keeping_is_for_whoever_may_write(app: App, client: TestClient, path: str, body: dict[str, Any]) -> None:
    assert client.post(path, headers={"origin": "https://evil.example"}, **body).status_code == 403
    made = create_app(app, Guard(token="right", public=True))
    with TestClient(made, client=("203.0.113.5", 1)) as stranger:
        assert stranger.post(path, **body).status_code == 403


@pytest.mark.parametrize("where", ["http://169.254.169.254/x", "http://localhost:9", "http://[::1]/", "http://nas.lan"])
def test_an_open_server_is_not_sent_into_its_own_network(app: App, where: str) -> None:
    shown = {"authorization": "Bearer right"}
    with TestClient(create_app(app, Guard(token="right", public=True)), client=("203.0.113.5", 1)) as client:
        for path, body in (
            ("sites", {"site": where}),
            ("sites", {"site": f"matrix:{where}"}),
            ("venues", {"url": where, "title": "x"}),
        ):
            reply = client.post(f"/api/v1/{path}", json=body, headers=shown)
            assert (reply.status_code, "private network" in reply.text) == (400, True), body


# pages of lists


def links(reply: Any) -> dict[str, str]:
    return {name: each["url"] for name, each in reply.links.items()}


def test_lists_say_where_their_other_pages_are(client: TestClient, app: App) -> None:
    for number in range(5):
        run = CrawlRun(
            site=f"s{number}", started_at=NOW + timedelta(hours=number), finished_at=NOW, state="read", complete=True
        )
        app.store.apply([], np.empty((0, 384), np.float32), "m", run)
        app.add_site(f"matrix:https://m{number}.example")
    for path, name in (("runs", "site"), ("sites", "site")):
        seen, here = [], f"/api/v1/{path}?limit=2"
        while here:
            reply = client.get(here)
            seen += [each[name] for each in reply.json()["items"]]
            here = links(reply).get("next", "")
        assert len(seen) == len(set(seen)) >= 5
        assert links(client.get(f"/api/v1/{path}?limit=2&offset=2")).keys() == {"first", "prev", "next"}
        assert "link" not in client.get(f"/api/v1/{path}?limit=500").headers


def test_an_answer_says_where_its_next_page_is_also_when_it_is_remembered(client: TestClient) -> None:
    for _ in range(2):
        first = client.get("/api/v1/find?q=mums+in+Brighton&limit=3")
        rest = client.get(links(first)["next"])
        assert [each["rank"] for each in rest.json()["suggestions"]] == [4]
        assert links(rest).keys() == {"first", "prev"}


def test_a_deep_answer_lets_the_others_pass_and_has_an_end(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/api/v1/find?q=mums&offset=201").status_code == 422
    assert "next" not in links(client.get("/api/v1/find?q=mums+in+Brighton&limit=100&offset=200"))
    may_go_on, find = threading.Event(), app.find

    def slow(text: str, narrowing: Narrowing, **given: Any) -> Any:
        if narrowing.limit > 50:
            may_go_on.wait(60)
        return find(text, narrowing, **given)

    monkeypatch.setattr(app, "find", slow)
    with ThreadPoolExecutor(8) as visitors:
        deep = [visitors.submit(client.get, f"/api/v1/find?q=mums+{n}&limit=100") for n in range(4)]
        assert client.get("/api/v1/find?q=dads+in+Brighton").status_code == 200
        assert not any(each.done() for each in deep)
        may_go_on.set()
        assert {each.result().status_code for each in deep} == {200}


def test_how_far_a_crawl_is_can_be_asked(client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "freshen", lambda *_, **__: [])
    started = client.post("/api/v1/crawls", params={"q": "mums in Leeds"}).json()
    assert client.get(f"/api/v1/crawls/{started['id']}").json()["area"] == started["area"]
    assert client.get("/api/v1/crawls/none").status_code == 404


def test_a_crawl_is_of_sites_that_are_configured_and_have_rested(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(app, "crawl", lambda sites, **_: asked.extend(site.name for site in sites) or [])
    monkeypatch.setattr(app, "crawl_named", lambda *_, due, **__: asked.append(due) or [])
    name = client.post("/api/v1/sites", json={"site": "matrix:https://m.example"}).json()["site"]
    assert client.post("/api/v1/crawls", params={"site": "matrix:https://other.example"}).status_code == 400
    assert client.post("/api/v1/crawls", params={"site": name, "due": True}).status_code == 400
    assert client.post("/api/v1/crawls").status_code == 400
    started = client.post("/api/v1/crawls", params={"site": name})
    assert (started.status_code, started.json()["id"]) == (202, f"site:{name}")
    assert client.post("/api/v1/crawls", params={"due": True}).status_code == 202
    deadline = time.monotonic() + 60
    while not all(each["done"] for each in client.get("/api/v1/crawls").json()["items"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert asked == [name, True]
    assert client.get(f"/api/v1/crawls/site:{name}").json()["done"] is True
    run = CrawlRun(site=name, started_at=NOW, finished_at=NOW - timedelta(minutes=9), state="read", complete=True)
    app.store.apply([], NO_VECTORS, "m", run)
    assert "within the hour" in client.post("/api/v1/crawls", params={"site": name}).text


# shortlists


def add(client: TestClient, native_id: str = "brighton/mums", **fields: str) -> Any:
    data = {"platform": "facebook", "native_id": native_id, "back": ASKED, "rank": "1"}
    return client.post("/lists", data=data | fields)


def test_a_venue_goes_on_a_list_and_the_visitor_back_to_the_answer(client: TestClient) -> None:
    reply = add(client)
    assert (reply.status_code, reply.headers["location"]) == (303, f"{ASKED}&added=1#added")
    assert "httponly" in reply.headers["set-cookie"].lower()
    assert "samesite=strict" in reply.headers["set-cookie"].lower()
    said = soup(client, f"{ASKED}&added=1").select_one("#added[role=status]")
    assert said is not None
    assert "Added to your shortlist" in said.text
    address = client.get("/lists").headers["location"]
    assert "Brighton Mums" in soup(client, address).text


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "/lists", ""])
def test_nobody_is_sent_to_another_site(client: TestClient, back: str) -> None:
    assert re.fullmatch(r"/lists/[\w-]{22}", add(client, back=back).headers["location"])


def test_status_and_notes_are_kept_and_exported(client: TestClient) -> None:
    add(client)
    address = client.cookies["venues_list"]
    noted = {"platform": "facebook", "native_id": "brighton/mums", "status": "asked", "note": "=HYPERLINK(1)"}
    assert client.post(f"/lists/{address}", data=noted).status_code == 303
    (row,) = csv.DictReader(io.StringIO(client.get(f"/lists/{address}/shortlist.csv").content.decode("utf-8-sig")))
    assert (row["title"], row["status"], row["note"]) == ("Brighton Mums", "asked", "'=HYPERLINK(1)")
    (item,) = client.get(f"/lists/{address}/shortlist.json").json()["items"]
    assert (item["status"], item["note"]) == ("asked", "=HYPERLINK(1)")
    client.post(f"/lists/{address}", data=noted | {"action": "remove"})
    assert client.get(f"/lists/{address}/shortlist.json").json()["items"] == []


def test_a_list_shows_what_changed_since(client: TestClient, app: App) -> None:
    add(client)
    closed = Listing.from_record(ROWS[0].to_record() | {"access": "closed"})
    for _ in app.intake().take([closed]):
        pass
    page = soup(client, f"/lists/{client.cookies['venues_list']}")
    assert "who may join: on request before, closed now" in page.text


def test_a_check_of_a_list_does_not_tell_its_address(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(app, "crawl", lambda sites, **_: asked.extend(site.name for site in sites) or [])
    made = client.post("/api/v1/shortlists", json={}).json()["id"]
    item = {"platform": "facebook", "native_id": "brighton/mums"}
    client.post(f"/api/v1/shortlists/{made}/items", json=item)
    assert client.post(f"/api/v1/shortlists/{made}/checks").status_code == 400
    app.store.set_jobs([(Site(name="test:https://social.example", platform="matrix"), NOW)])
    started = client.post(f"/api/v1/shortlists/{made}/checks")
    assert started.status_code == 202
    assert made not in started.text + client.get("/api/v1/crawls").text
    assert client.post(f"/lists/{made}/check").headers["location"] == f"/lists/{made}"
    while not client.get(f"/api/v1/crawls/{started.json()['id']}").json()["done"]:
        time.sleep(0.01)
    assert set(asked) == {"test:https://social.example"}


def test_a_list_says_what_is_gone_and_what_wants_to_be_left_in_peace(client: TestClient, app: App) -> None:
    add(client)
    add(client, "everywhere", platform="forum")
    app.store.opt_out(VenueId("forum", "everywhere"), "asked")
    app.store.apply([Gone(VenueId("facebook", "brighton/mums"), "test:https://social.example")], NO_VECTORS, "m")
    text = " ".join(soup(client, f"/lists/{client.cookies['venues_list']}").text.split())
    assert "Since then: closed, or no source lists it any more." in text
    assert "Since then: it asked not to be suggested: leave it in peace." in text
    assert "2 have changed since you added them" in text
    items = client.get(f"/api/v1/shortlists/{client.cookies['venues_list']}").json()["items"]
    assert [each["checked_at"] for each in items] == [None, None]


def test_a_hostile_address_on_a_list_is_no_link(client: TestClient) -> None:
    add(client, "hostile", platform="forum")
    assert "javascript:" not in client.get(f"/lists/{client.cookies['venues_list']}").text


def test_the_api_keeps_lists_too(client: TestClient) -> None:
    made = client.post("/api/v1/shortlists", json={"title": "Spring"}).json()
    base = f"/api/v1/shortlists/{made['id']}"
    item = {"platform": "facebook", "native_id": "brighton/mums"}
    assert client.post(f"{base}/items", json=item).status_code == 201
    changed = client.patch(f"{base}/items/facebook/brighton/mums", json={"status": "joined"}).json()
    assert [each["status"] for each in changed["items"]] == ["joined"]
    assert client.delete(f"{base}/items/facebook/brighton/mums").json()["items"] == []
    assert client.delete(base).status_code == 204
    assert client.get(base).status_code == 404


# who may do what


def test_a_form_of_another_site_changes_nothing(client: TestClient) -> None:
    data = {"platform": "facebook", "native_id": "brighton/mums"}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert client.post("/lists", data=data, headers=headers).status_code == 403
    assert client.post("/lists", data=data, headers={"origin": LOCAL}).status_code == 303


def test_a_name_that_leads_here_from_outside_is_not_answered(client: TestClient) -> None:
    assert client.get("/", headers={"host": "rebound.example"}).status_code == 421


def test_a_body_over_the_limit_is_not_read(client: TestClient) -> None:
    assert client.post("/lists", data={"platform": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize("token", ["", "right"])
def test_an_open_server_lets_nobody_write_without_its_token(app: App, token: str) -> None:
    made = create_app(app, Guard(token=token, public=True))
    with TestClient(made, client=("203.0.113.5", 1), follow_redirects=False) as client:
        assert client.get(ASKED, headers={"host": "venues.example"}).status_code == 200
        assert client.post("/crawl", data={"q": "mums in Leeds"}).status_code == 403
        assert add(client).status_code == 403
        assert 'href="/key"' in add(client).text
        for shown in ("wrong", ""):
            headers = {"authorization": f"Bearer {shown}"}
            assert client.post("/api/v1/shortlists", json={}, headers=headers).status_code == 403


def test_an_open_server_lets_whoever_shows_its_token_write(app: App) -> None:
    made = create_app(app, Guard(token="right", public=True))
    with TestClient(made, client=("203.0.113.5", 1), follow_redirects=False) as client:
        assert client.post("/api/v1/shortlists", json={}, headers={"authorization": "Bearer right"}).status_code == 201
        assert client.post("/key", data={"token": "wrong"}).status_code == 403
        assert client.post("/key", data={"token": "right"}).status_code == 303
        assert add(client).status_code == 303


def test_whoever_asks_too_often_is_told_to_wait(app: App) -> None:
    made = create_app(app, Guard(public=True, per_minute=3))
    with TestClient(made, client=("203.0.113.5", 1)) as client:
        replies = [client.get("/api/v1/places?q=Leeds") for _ in range(4)]
    assert [each.status_code for each in replies] == [200, 200, 200, 429]
    assert int(replies[-1].headers["retry-after"]) >= 1


def test_a_bucket_fills_evenly_and_never_over_its_brim() -> None:
    time = [0.0]
    buckets = Buckets(60, clock=lambda: time[0])
    assert [buckets.take("a")[0] for _ in range(61)][-2:] == [0, -1]
    assert buckets.take("b")[0] == 59
    time[0] = 2.0
    assert buckets.take("a")[0] == 1
    time[0] = 1000.0
    assert buckets.take("a")[0] == 59


# crawls


def test_a_crawl_runs_beside_the_answer_and_can_be_watched(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "freshen", lambda *_, **__: [])
    assert client.post("/crawl", data={"q": "mums in Brighton"}).headers["location"] == "/?q=mums+in+Brighton"
    area = app.query("mums in Brighton").area
    assert area is not None
    events = client.get("/crawl/events", params={"key": area.id}).text
    assert events.endswith("\n\n")
    assert "event: done" in events
    assert "0 of 0 public sources answered; 0 new spaces." in soup(client, ASKED).text


def test_a_crawl_that_is_unknown_is_over_at_once(client: TestClient) -> None:
    assert client.get("/crawl/events?key=none").text == "event: done\ndata: {}\n\n"


def test_a_crawl_wants_a_place(client: TestClient) -> None:
    assert client.post("/api/v1/crawls?q=cyclists").status_code == 400


def test_no_more_areas_wait_to_be_asked_for_than_can_be_soon(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    monkeypatch.setattr(app, "freshen", lambda *_, **__: [] * may_go_on.wait(20))
    places = ["Leeds", "Brighton", "Bristol", "York", "Hull", "Bath", "Derby", "Oxford", "Norwich", "Exeter", "Cardiff"]
    statuses = [client.post("/api/v1/crawls", params={"q": f"mums in {place}"}).status_code for place in places]
    assert statuses == [202] * 10 + [429]
    assert client.post("/api/v1/crawls", params={"q": "mums in Leeds"}).status_code == 202
    may_go_on.set()


def test_nobody_holds_every_stream_of_progress(client: TestClient) -> None:
    desk: Desk = client.app.state.desk  # type: ignore[attr-defined]
    with ExitStack() as watching:
        for _ in range(MOST_WATCHING_EACH):
            watching.enter_context(desk.watched("127.0.0.1"))
        assert client.get("/crawl/events?key=none").status_code == 429
    assert client.get("/crawl/events?key=none").status_code == 200


def test_sites_of_the_user_are_asked_with_those_of_the_package(app: App) -> None:
    area = app.query("mums in Brighton").area
    app.add_site("matrix:https://own.example")
    app.add_site("matrix:https://leeds.example", area="Leeds")
    app.add_site("matrix:https://off.example")
    app.switch_off("matrix:https://off.example")
    assert app.unasked(area) == ["matrix:https://own.example"]
    read = CrawlRun(
        site="matrix:https://own.example",
        started_at=NOW,
        finished_at=NOW,
        state="read",
        complete=True,
        next_due=NOW + timedelta(days=1),
    )
    app.store.apply([], np.empty((0, 384), np.float32), "m", read)
    assert app.unasked(area) == []


# what is remembered


def test_an_answer_asked_for_again_is_not_computed_again(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (ASKED, "/api/v1/find?q=mums+in+Brighton"):
        first = client.get(path)
        with monkeypatch.context() as patch:
            # Not even the routes are looked at: the gate has it.
            patch.setattr(Replies, "get", lambda *_: pytest.fail("it is known"))
            again = client.get(path)
        assert (again.text, again.headers["etag"]) == (first.text, first.headers["etag"])
        assert again.headers["content-encoding"] == "gzip"
        assert client.get(path, headers={"accept-encoding": "identity"}).text == first.text


def test_a_note_on_a_shortlist_changes_no_answer(client: TestClient, app: App) -> None:
    before = client.get(ASKED).headers["etag"]
    version = app.store.version()
    add(client)
    assert app.store.version() == version
    assert client.get(ASKED).headers["etag"] == before


def test_what_one_visitor_is_told_is_shown_to_no_other(client: TestClient) -> None:
    add(client)
    assert "Added to" in client.get(f"{ASKED}&added=1").text
    client.cookies.clear()
    assert "Added to" not in client.get(f"{ASKED}&added=1").text
    assert "Added to" not in client.get(ASKED).text


# safety


def test_looking_at_anothers_list_does_not_make_it_ones_own(client: TestClient) -> None:
    add(client)
    theirs = client.cookies["venues_list"]
    client.cookies.clear()
    reply = client.get(f"/lists/{theirs}")
    assert "set-cookie" not in reply.headers
    assert "This is not the list of this browser" in reply.text
    assert client.get("/lists").status_code == 200
    assert client.post(f"/lists/{theirs}/use").status_code == 303
    assert client.cookies["venues_list"] == theirs
    assert "This is not the list of this browser" not in client.get(f"/lists/{theirs}").text


def test_a_body_that_does_not_say_its_length_is_bounded_too(client: TestClient) -> None:
    reply = client.post("/lists", content=iter([b"platform="] + [b"x" * 10_000] * 8))
    assert reply.status_code == 413


@pytest.mark.parametrize("host", ["[", "[::1", "", "evil.example:8000", "localhost.evil.example", "testserver"])
def test_a_host_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


def test_changes_are_bounded_more_closely_than_questions(app: App) -> None:
    made = create_app(app, Guard(token="right", public=True, writes_per_minute=2))
    with TestClient(made, client=("2001:db8::1", 1)) as client:
        statuses = [client.post("/key", data={"token": f"guess {number}"}).status_code for number in range(4)]
        assert client.get("/").status_code == 200
    assert statuses == [403, 403, 429, 429]


def test_one_network_of_the_new_internet_counts_as_one_visitor() -> None:
    assert network_of("2001:db8:0:1::7") == network_of("2001:db8:0:1:ffff::9")
    assert network_of("2001:db8:0:1::7") != network_of("2001:db8:0:2::7")
    assert network_of("::ffff:203.0.113.5") == "203.0.113.5"


def test_methods_that_somebody_made_up_are_counted_as_one(client: TestClient) -> None:
    for method in ("BREW", "WHEN"):
        assert client.request(method, "/").status_code == 405
    assert "BREW" not in client.get("/metrics").text


def test_a_fault_of_ours_is_told_with_the_safe_headers(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(app), LOCAL, client=("127.0.0.1", 1), raise_server_exceptions=False) as client:
        monkeypatch.setattr(app, "find", lambda *_, **__: 1 / 0)
        for path in (ASKED, "/api/v1/find?q=mums"):
            reply = client.get(path)
            assert reply.status_code == 500
            assert "ZeroDivisionError" not in reply.text
            assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_a_secret_is_in_no_text_about_the_settings() -> None:
    assert "hush" not in repr(Settings(token="hush"))
    assert "hush" not in repr(Guard(token="hush"))
    assert "hush" not in str(Settings(token="hush").keys)


@pytest.mark.parametrize("asked", ["mums in BRIGTON", "Straße mums in Brigton"])
def test_a_near_spelling_is_a_link_to_the_question_with_it(client: TestClient, asked: str) -> None:
    page = BeautifulSoup(client.get("/", params={"q": asked}).text, "lxml")
    links = {each.text: str(each["href"]) for each in page.select("#results a")}
    wanted = asked[: asked.lower().rindex("brigton")] + "Brighton"
    assert wanted in links
    assert parse_qs(urlsplit(links[wanted]).query)["q"] == [wanted]
