"""What replies of the API look like, for its schema. A test holds their fields to those of real replies."""

from __future__ import annotations

_SEEN = "2026-11-01T03:20:11+00:00"
_SITE = "matrix:https://matrix.example.org"
_LISTING = {
    "platform": "reddit",
    "native_id": "brighton",
    "title": "r/brighton",
    "kind": "community",
    "url": "https://www.reddit.com/r/brighton/",
    "description": "The city of Brighton and Hove: news, questions, what is on.",
    "place": "Brighton",
    "country": "GB",
    "members": 105_000,
}
_BRIGHTON = {"name": "Brighton", "country": "GB", "lat": 50.82838, "lon": -0.13947, "radius_km": 8.8}
_AREA = _BRIGHTON | {"id": "geonames:2654710", "kind": "city", "label": "Brighton, East Sussex, England"}
_OTHER = {
    "name": "Brighton",
    "country": "US",
    "lat": 42.3501,
    "lon": -71.15644,
    "radius_km": 4.9,
    "id": "geonames:4931353",
    "kind": "town",
    "label": "Brighton, Massachusetts, United States",
}

ANSWER = {
    "query": {"text": "young mums in Brighton", "audience": "young mums", "area": _BRIGHTON},
    "suggestions": [
        {
            "rank": 1,
            "score": 71.5,
            "platform": "reddit",
            "native_id": "brighton",
            "kind": "community",
            "title": "r/brighton",
            "url": "https://www.reddit.com/r/brighton/",
            "description": "The city of Brighton and Hove: news, questions, what is on.",
            "place": "Brighton",
            "scope": "local",
            "members": 105_000,
            "last_post_at": _SEEN,
            "section": "general",
            "confidence": 0.62,
            "reach": {
                "low": 105.0,
                "high": 15_750.0,
                "factors": [{"name": "readers", "low": 10_500.0, "high": 105_000.0, "reason": "105,000 members"}],
            },
            "also": [{"platform": "lemmy", "native_id": "x", "title": "Brighton", "url": "https://lemmy.example/c/x"}],
            "parts": [{"signal": "nearness", "weight": 20, "value": 1.0, "points": 20.0, "reason": "in Brighton"}],
            "sources": [
                {"source": "reddit:", "url": "https://www.reddit.com/r/brighton/", "seen_at": _SEEN},
            ],
        }
    ],
    "notes": [],
    "left_out": {"elsewhere": 173},
    "coverage": [{"site": _SITE, "state": "read", "seen_at": _SEEN}],
}
VENUE = _LISTING | {
    "where": {"name": "Brighton", "country": "GB", "told_by": "place"},
    "first_seen": _SEEN,
    "last_seen": _SEEN,
    "sources": [
        {"source": "reddit:", "url": "https://www.reddit.com/r/brighton/", "seen_at": _SEEN, "licence": None},
    ],
}
PLACE = {"text": "mums in Brighton", "audience": "mums", "area": _AREA, "alternatives": [_OTHER]}
SITE = {
    "site": _SITE,
    "platform": "matrix",
    "reason": None,
    "place": "Leeds",
    "country": "GB",
    "area": None,
    "state": "waiting",
    "permission": "permitted",
    "next_due": "2026-11-02T03:20:11+00:00",
    "last": {
        "at": _SEEN,
        "state": "read",
        "complete": True,
        "requests": 3,
        "listings": 120,
        "added": 4,
        "gone": 0,
        "error": None,
    },
}
SITES = {"total": 1, "items": [SITE]}
RUNS = {
    "items": [
        {
            "site": _SITE,
            "started_at": _SEEN,
            "finished_at": _SEEN,
            "state": "read",
            "complete": True,
            "requests": 3,
            "listings": 120,
            "added": 4,
            "updated": 2,
            "gone": 0,
            "refused": [],
            "error": None,
            "next_due": "2026-11-02T03:20:11+00:00",
            "area": None,
        }
    ]
}
CRAWL = {
    "id": "geonames:2654710",
    "area": "Brighton, East Sussex, England",
    "done": False,
    "sites": 4,
    "requests": 9,
    "listings": 57,
    "added": 0,
    "error": None,
}
LINE = (
    '{"platform": "reddit", "native_id": "brighton", "title": "r/brighton", "place": "Brighton", "country": "GB", '
    '"members": 105000}\n'
)
IMPORTED = {
    "added": 812,
    "updated": 3,
    "unchanged": 120,
    "refused": 1,
    "errors": [{"line": 17, "field": "title", "reason": "is mandatory"}],
}
ADDED_SITE = {
    "site": _SITE,
    "platform": "matrix",
    "told_by": "its client API answers",
    "trial": {"state": "read", "listings": 20, "error": None},
}
OPTED_OUT = {"platform": "reddit", "native_id": "brighton", "reason": "asked by its moderators"}
SAVED_PAGE = (
    "<html><body><table class='forumbg'><tr><td><a href='viewforum.php?f=3'>Leeds</a></td></tr></table></body></html>"
)
READ = {"platform": "phpbb", "sure": 1.0, "remark": None, "listings": [_LISTING]}
_AXIS = {"value": 0.31, "low": -0.42, "high": 1.04}
PROFILES = {
    "items": [
        {
            "platform": "reddit",
            "native_id": "brighton",
            "axes": dict.fromkeys(("gender", "age", "affluence", "partisan", "sociality"), _AXIS),
        }
    ],
    "errors": [],
}
ADDED_VENUE = {"listing": _LISTING, "asked": True, "sure": 1.0, "trouble": None}
