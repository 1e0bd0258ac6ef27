"""Pictures drawn as SVG on the server: readable without script, by a screen reader, and in the dark."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import log10

WIDTH = 640
_ROW = 30
_LABELS = 220
_RIGHT = 90


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the chart."""

    label: str
    low: int
    high: int
    own: bool = False
    """Whether it is the organiser's own page."""


def bars(rows: list[Bar], title: str) -> str:
    """Return a chart of ranges on a log scale: a group of 300 and one of 300,000 both show.

    Each bar says its figures in words beside it, so nothing is told by length or colour alone.
    """
    if not rows:
        return ""
    most = max(row.high for row in rows)
    decades = max(1.0, log10(max(most, 10)))
    height = _ROW * len(rows) + 34
    lines = [
        f'<svg class="chart" role="img" aria-labelledby="chart-title" viewBox="0 0 {WIDTH} {height}" width="100%">',
        f'<title id="chart-title">{escape(title)}</title>',
    ]
    lines += _grid(decades, height)
    for number, row in enumerate(rows):
        lines += _bar(row, number * _ROW + 6, decades)
    return "".join([*lines, "</svg>"])


def _x(value: float, decades: float) -> float:
    return _LABELS + (WIDTH - _LABELS - _RIGHT) * log10(max(value, 1)) / decades


def _grid(decades: float, height: int) -> list[str]:
    lines = []
    for power in range(int(decades) + 1):
        x = _x(10**power, decades)
        lines.append(f'<line class="grid" x1="{x:.0f}" x2="{x:.0f}" y1="0" y2="{height - 24}"/>')
        lines.append(f'<text class="tick" x="{x:.0f}" y="{height - 8}" text-anchor="middle">{10**power:,}</text>')
    return lines


def _bar(row: Bar, y: int, decades: float) -> list[str]:
    start, end = _x(row.low, decades), max(_x(row.high, decades), _x(row.low, decades) + 3)
    said = f"{row.low:,}" if row.low == row.high else f"{row.low:,} to {row.high:,}"
    label = row.label if len(row.label) <= 30 else row.label[:29] + "…"
    kind = "own" if row.own else "range"
    return [
        f'<text class="label" x="{_LABELS - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
        f'<rect class="from" x="{_LABELS}" y="{y + 4}" width="{max(start - _LABELS, 0):.1f}" height="14" rx="2"/>',
        f'<rect class="{kind}" x="{start:.1f}" y="{y + 4}" width="{end - start:.1f}" height="14" rx="2"/>',
        f'<text class="figure" x="{end + 6:.0f}" y="{y + 15}">{said}</text>',
    ]
