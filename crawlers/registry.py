"""Which platforms there are, and how a site's settings become a crawler.

A site is written `platform:address`, with the crawler's other settings behind a question mark:
`matrix:https://matrix.example.org` or `matrix:https://matrix.example.org?server=other.example`. Any site may say
`place` and `country`, for venues that do not say where they are, and `area`, the place to ask it for.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from inspect import isclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import crawlers.sites
from crawlers.addresses import origin
from crawlers.contract import About
from venues.errors import AddressRefused, SettingsError
from venues.model import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from crawlers.contract import Crawler

_BASE = "base_url"
_COMMON = ("place", "country", "area")
"""Settings that any site may have: they are the engine's business and not its crawler's."""
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ContractBroken(TypeError):
    """A module in crawlers/sites is not what a crawler has to be: a mistake in our code, not in a setting."""


@cache
def platforms() -> Mapping[str, type[Crawler]]:
    """Return each platform's crawler, by name. Raises ContractBroken."""
    names = sorted(module.name for module in pkgutil.iter_modules(crawlers.sites.__path__))
    return MappingProxyType({name: crawler_in(importlib.import_module(f"crawlers.sites.{name}")) for name in names})


def crawler_in(module: ModuleType) -> type[Crawler]:
    """Return the one crawler of a module. Raises ContractBroken, saying what is amiss."""
    found = [each for each in vars(module).values() if isclass(each) and each.__module__ == module.__name__]
    found = [each for each in found if hasattr(each, "about")]
    if len(found) != 1:
        raise ContractBroken(f"{module.__name__} has {len(found)} classes with an `about`; it must have one")
    faults = faults_of(found[0], module.__name__.rpartition(".")[2])
    if faults:
        raise ContractBroken(f"{module.__name__}.{found[0].__name__}: " + "; ".join(faults))
    return cast("type[Crawler]", found[0])


def faults_of(crawler: type[Any], name: str) -> list[str]:
    """Return where a class falls short of the contract."""
    faults = []
    parameters = getattr(crawler, "__dataclass_params__", None)
    if not is_dataclass(crawler) or parameters is None or not parameters.frozen:
        faults.append("is not a frozen dataclass")
    faults += [f"has no method {method}" for method in ("plan", "read") if not callable(getattr(crawler, method, None))]
    about = getattr(crawler, "about", None)
    if not isinstance(about, About):
        return [*faults, "its `about` is not an About"]
    if is_dataclass(crawler) and (taken := {each.name for each in fields(crawler)} & set(_COMMON)):
        faults.append(f"has a setting {', '.join(sorted(taken))}, which every site has already")
    if about.platform != name:
        faults.append(f"is in {name}.py and says its platform is {about.platform}")
    if not about.website.startswith("https://"):
        faults.append("its website is no https address")
    faults += [f"says nothing of {name}" for name in ("terms", "how") if not getattr(about, name).strip()]
    if not 0 < about.pace < 3600:
        faults.append("its pace is not between 0 and 3,600 seconds")
    if not crawler.__doc__ or crawler.__doc__.startswith(f"{crawler.__name__}("):
        faults.append("has no docstring")  # a dataclass without one is given its signature
    return faults


def is_by_area(site: Site) -> bool:
    """Tell whether a site is asked for one area at a time. Raises SettingsError for an unknown platform."""
    return _crawler(site.platform).about.by_area


def sources_table() -> str:
    """Return the README's table of sources in Markdown: what each crawler says of itself."""
    head = "| platform | how it is read | official | key | limits kept | terms |\n|---|---|---|---|---|---|\n"
    return head + "".join(_source_row(crawler.about) for crawler in platforms().values())


def _source_row(about: About) -> str:
    pace = f"{about.pace:g} s between requests"
    terms = f"[terms]({about.terms})" if about.terms.startswith("https://") else about.terms
    official, key = ("yes" if each else "no" for each in (about.official_api, about.needs_key))
    cells = (about.platform, about.how, official, key, "; ".join(filter(None, (pace, about.limits))), terms)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def build(site: Site) -> Crawler:
    """Return the crawler of a site. Raises SettingsError, naming the setting that is unknown, missing or unfit."""
    crawler = _crawler(site.platform)
    known = {each.name: each for each in fields(crawler)}  # type: ignore[arg-type]  # the contract check saw to it
    hints = get_type_hints(crawler)
    values: dict[str, Any] = {}
    for option, text in site.options:
        if option not in known:
            raise SettingsError(f"{site.name} {option}", f"is unknown to {site.platform}; it has {', '.join(known)}")
        values[option] = _read(f"{site.name} {option}", text, hints[option])
    for option, each in known.items():
        if option not in values and _is_mandatory(each):
            form = f"{site.platform}:https://..." if option == _BASE else f"{site.platform}:?{option}=..."
            raise SettingsError(f"{site.name} {option}", f"is missing; write {form}")
    return crawler(**values)


def site_from(text: str) -> Site:
    """Return the site that a text names. Raises SettingsError."""
    platform, _, rest = text.strip().partition(":")
    crawler = _crawler(platform.lower())
    address, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    takes_address = any(each.name == _BASE for each in fields(crawler))  # type: ignore[arg-type]  # as above
    if address and not takes_address:
        raise SettingsError(text, f"{platform} is one service with no address to choose: write {platform}:")
    if address:
        options[_BASE] = _tidy_address(text, address)
    name = _name(crawler.about.platform, options)
    common = {each: options.pop(each).strip() or None for each in _COMMON if each in options}
    country = common.get("country")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise SettingsError(f"{name} country", f"{country!r} is no two-letter country code in capitals, such as GB")
    site = Site(name=name, platform=platform.lower(), options=tuple(sorted(options.items())), **common)
    build(site)  # so that a mistake is found where it was made, not when the site is due
    return site


def _name(platform: str, options: Mapping[str, str]) -> str:
    others = urlencode(sorted((name, value) for name, value in options.items() if name != _BASE))
    return f"{platform}:{options.get(_BASE, '')}" + (f"?{others}" if others else "")


def _crawler(platform: str) -> type[Crawler]:
    known = platforms()
    if platform in known:
        return known[platform]
    near = get_close_matches(platform, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    raise SettingsError(f"platform {platform or '(none)'}", f"is unknown; {hint} A site is written platform:address")


def _tidy_address(text: str, address: str) -> str:
    """Return an address in the one form by which its site is known: lower-case host, no end slash."""
    try:
        scheme, host, _ = origin(address)
    except AddressRefused as error:
        raise SettingsError(text, f"its address {error.reason}") from error
    parts = urlsplit(address)
    netloc = f"[{host}]" if ":" in host else host
    if parts.port:
        netloc += f":{parts.port}"
    return urlunsplit((scheme, netloc, parts.path.rstrip("/"), "", ""))


def _is_mandatory(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _read(path: str, text: str, hint: object) -> object:
    """Read a setting's text as its field's type: a number, a truth, or else the text itself."""
    types = set(get_args(hint) or (hint,))
    reader = next((_READERS[each] for each in (bool, int, float) if each in types), None)
    if reader is None:
        return text
    try:
        return reader(text)
    except (ValueError, KeyError) as error:
        raise SettingsError(path, f"{text!r} is not {_ASKED_FOR[reader]}") from error


def _truth(text: str) -> bool:
    return _WORDS[text.lower()]


_READERS: dict[type, Callable[[str], object]] = {bool: _truth, int: int, float: float}
_ASKED_FOR = {_truth: "true or false", int: "a whole number", float: "a number"}


if __name__ == "__main__":
    sys.stdout.write(sources_table())
