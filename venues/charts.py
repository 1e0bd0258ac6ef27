"""Pictures drawn as SVG on the server: readable without script, by a screen reader, in the dark, and on a telephone.

Lengths are in percent of the width and texts in pixels, so that nothing is scaled: words are as large at 360 pixels as
at 1440.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, log10

from venues.amounts import span

_ROW = 44
_LONGEST = 34
_TICKS = ("1", "10", "100", "1k", "10k", "100k", "1m", "10m", "100m", "1bn", "10bn")


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the chart."""

    label: str
    low: float
    high: float
    own: bool = False
    """Whether it is the organiser's own page."""


def bars(rows: list[Bar], title: str) -> str:
    """Return a chart of ranges on a log scale: a group of 300 and one of 300,000 both show.

    Each bar says its figures in words above it, so nothing is told by length or colour alone.
    """
    if not rows:
        return ""
    decades = min(max(1, ceil(log10(max(10, *(row.high for row in rows))))), len(_TICKS) - 1)
    height = _ROW * len(rows) + 24
    lines = [
        f'<svg class="chart" role="img" aria-labelledby="chart-title chart-words" width="100%" height="{height}">',
        f'<title id="chart-title">{escape(title)}</title>',
        f'<desc id="chart-words">{escape("; ".join(f"{row.label}: {_said(row)}" for row in rows))}</desc>',
        *_grid(decades, height),
    ]
    for number, row in enumerate(rows):
        lines += _bar(row, number * _ROW, decades)
    return "".join([*lines, "</svg>"])


def _x(value: float, decades: int) -> float:
    return min(100.0, 100 * log10(max(value, 1)) / decades)


def _grid(decades: int, height: int) -> list[str]:
    lines = []
    for power in range(decades + 1):
        x, anchor = 100 * power / decades, "start" if power == 0 else "end" if power == decades else "middle"
        lines.append(f'<line class="grid" x1="{x:.1f}%" x2="{x:.1f}%" y1="0" y2="{height - 22}"/>')
        lines.append(f'<text class="tick" x="{x:.1f}%" y="{height - 6}" text-anchor="{anchor}">{_TICKS[power]}</text>')
    return lines


def _said(row: Bar) -> str:
    return f"{row.high:,.0f}" if row.own else span(row.low, row.high)


def _bar(row: Bar, y: int, decades: int) -> list[str]:
    end = max(_x(row.high, decades), 1.0)
    start = min(_x(row.low, decades), end - 1.0)
    label = row.label if len(row.label) <= _LONGEST else row.label[: _LONGEST - 1].rstrip() + "…"
    kind = "own" if row.own else "range"
    # A figure may meet a long name on a narrow screen: it stands on the bar's own line there is no room on.
    return [
        f'<text class="label" x="0" y="{y + 16}">{escape(label)}</text>',
        f'<rect class="from" x="0" y="{y + 23}" width="{start:.1f}%" height="12" rx="2"/>',
        f'<rect class="{kind}" x="{start:.1f}%" y="{y + 23}" width="{end - start:.1f}%" height="12" rx="2"/>',
        f'<text class="figure" x="100%" y="{y + 16}" text-anchor="end">{_said(row)}</text>',
    ]
