"""Boards within boards."""

from __future__ import annotations

from typing import Any

from crawlers.nesting import branches, containers


def titles(found: Any) -> list[str]:
    return [" > ".join(each["name"] for each in (*above, node)) for node, above in found]


def test_a_tree_is_walked_in_the_order_of_the_page() -> None:
    tree = [{"name": "a", "in": [{"name": "b", "in": [{"name": "c"}]}, {"name": "d"}]}, {"name": "e", "in": "junk"}]
    assert titles(branches(tree, "in")) == ["a", "a > b", "a > b > c", "a > d", "e"]


def test_a_tree_without_end_ends() -> None:
    node: dict[str, Any] = {"name": "a"}
    node["in"] = [node, node]
    assert len(list(branches([node], "in"))) == 50_000


def test_a_flat_list_says_what_contains_each_number() -> None:
    flat = [{"id": 2, "up": 1, "name": "b"}, {"id": 1, "name": "a"}, {"id": 3, "up": 2}, {"id": 4, "up": 9}, {"up": 1}]
    found = {key: [each.get("name") for each in above] for key, above in containers(flat, "id", "up").items()}
    assert found == {1: [], 2: ["a"], 3: ["a", "b"], 4: []}


def test_a_circle_in_a_flat_list_ends_where_it_closes() -> None:
    flat = [{"id": 1, "up": 2}, {"id": 2, "up": 1}, {"id": 3, "up": 3}, {"id": 4, "up": [1]}, {"id": [5], "up": 1}]
    assert {key: len(above) for key, above in containers(flat, "id", "up").items()} == {1: 1, 2: 1, 3: 0, 4: 0}
