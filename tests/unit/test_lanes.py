from __future__ import annotations

from crawlers.lanes import Lanes, lane_of
from venues.model import Site


def a_site(name: str, host: str | None = None) -> Site:
    options = (("base_url", f"https://{host}"),) if host else ()
    return Site(name=name, platform="matrix" if host else name, options=options)


def names(lanes: Lanes) -> list[str]:
    """Take all that may be crawled now."""
    found = []
    while site := lanes.take():
        found.append(site.name)
    return found


def test_a_lane_is_the_host_of_the_settings_or_else_the_platform() -> None:
    assert "forum.example:443" == lane_of(a_site("x", "Forum.Example./board"))
    assert "reddit" == lane_of(a_site("reddit"))
    assert "x" == lane_of(Site(name="x", platform="x", options=(("base_url", "nonsense"),)))


def test_sites_that_share_a_host_are_crawled_one_after_another() -> None:
    lanes = Lanes()
    first, second, other = a_site("first", "a.example"), a_site("second", "a.example"), a_site("other", "b.example")
    lanes.add([first, second, other])
    assert ["first", "other"] == names(lanes)
    assert 3 == len(lanes)
    lanes.done(other)
    assert [] == names(lanes)
    lanes.done(first)
    assert ["second"] == names(lanes)
    lanes.done(second)
    assert 0 == len(lanes)


def test_the_longest_lane_begins_first_since_it_ends_last() -> None:
    lanes = Lanes()
    lanes.add([a_site("one", "a.example"), *(a_site(f"b{number}", "b.example") for number in range(3))])
    lanes.add([a_site("late", "c.example")])
    assert ["b0", "one", "late"] == names(lanes)


def test_sites_added_to_a_busy_lane_wait_and_are_known_to_wait() -> None:
    lanes = Lanes()
    first, second = a_site("first", "a.example"), a_site("second", "a.example")
    lanes.add([first])
    assert ["first"] == names(lanes)
    lanes.add([second])
    assert [] == names(lanes)
    assert [second] == lanes.waiting
    lanes.done(first)
    assert ["second"] == names(lanes)


def test_ten_thousand_sites_are_put_in_order_at_once() -> None:
    lanes = Lanes()
    lanes.add(a_site(f"site{number}", f"{number % 7000}.example") for number in range(10_000))
    assert 7000 == len(names(lanes))
