"""Draws charts as SVG: standing bars with a share below them, and lying bars; knows no colour, the page has them."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from acd.reports.formula import Unit
from acd.reports.sheet import Chart, duration

_WIDTH = 1000
_LEFT = 44
_RIGHT = 12
_WIDEST = 90  # Two bars need not fill the page.
_BARS = 190  # Height of the bars' field,
_SHARE = 70  # and of the share's, below it.
_GAP = 30
_LETTER = 6.5  # About so wide, at the size of the page's style; a Chinese one twice that.


def legend(chart: Chart) -> str:
    """What each colour is."""
    bars = [(colour, title) for colour, title, values in chart.bars if any(values)]
    items = "".join(
        f'<li><svg viewBox="0 0 10 10"><rect class="{colour}" width="10" height="10" rx="2"/></svg>'
        f"{escape(title)}</li>"
        for colour, title in bars
    )
    return f'<ul class="legend">{items}</ul>\n'


def standing(chart: Chart) -> str:
    """Bars that stand on each other, one for each label; the share as a line in a field of its own."""
    n = len(chart.labels)
    slot = min(_WIDEST, (_WIDTH - _LEFT - _RIGHT) / max(1, n))
    highest = max(
        (sum(values) for values in zip(*(b for _, _, b in chart.bars), strict=True)), default=0
    )
    top, step = _scale(highest)
    parts = [_grid(value, top, step) for value in range(0, top + 1, step)]
    for i, label in enumerate(chart.labels):
        parts.append(_bar(chart, i, label, slot, top))
    shown = ceil(max(map(_width, chart.labels), default=0) / max(slot, 1))
    bottom = 10 + _BARS
    for i in range(0, n, max(1, shown)):
        x = _LEFT + slot * (i + 0.5)
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{escape(chart.labels[i])}</text>'
        )
    height = bottom + _GAP
    if chart.share is not None:
        title, values = chart.share
        parts.append(_share(title, values, slot, height + 10, chart.labels))
        height += _SHARE + 36
    what = escape(", ".join(title for _, title, _ in chart.bars))
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{what}">{"".join(parts)}</svg>\n'


def _bar(chart: Chart, i: int, label: str, slot: float, top: int) -> str:
    """One column, whole: its title tells all its parts."""
    y = 10.0 + _BARS
    width = max(1.0, slot - min(4.0, slot * 0.25))
    x = _LEFT + slot * i + (slot - width) / 2
    parts = []
    for colour, _, values in chart.bars:
        if values[i]:
            height = _BARS * values[i] / top
            y -= height
            parts.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
            )
    said = ", ".join(f"{title} {values[i]:g}" for _, title, values in chart.bars if values[i])
    return f"<g><title>{escape(f'{label}: {said}')}</title>{''.join(parts)}</g>" if parts else ""


def _grid(value: int, top: int, step: int) -> str:
    y = 10 + _BARS - _BARS * value / top
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    )


def _share(
    title: str, values: Sequence[float | None], slot: float, y: float, labels: Sequence[str]
) -> str:
    """A line from 0 to 100 %, broken where there is nothing to say."""
    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{percent} %</text>'
        for percent, at in ((100, y + 14), (50, y + 14 + _SHARE / 2), (0, y + 14 + _SHARE))
    ]
    parts.append(f'<text x="{_LEFT}" y="{y + 6:.1f}">{escape(title)}</text>')
    line: list[str] = []
    for i, value in enumerate(values):
        if value is None:
            parts += [_line(line)]
            line = []
            continue
        x, at = _LEFT + slot * (i + 0.5), y + 14 + _SHARE * (1 - value)
        line.append(f"{x:.1f},{at:.1f}")
        said = escape(f"{labels[i]}: {100 * value:.1f} %")
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{at:.1f}" r="2.5"><title>{said}</title></circle>'
        )
    return "".join((*parts, _line(line)))


def _line(points: Sequence[str]) -> str:
    return f'<polyline class="share" points="{" ".join(points)}"/>' if len(points) > 1 else ""


def lying(chart: Chart) -> str:
    """One bar for each label, its parts one after the other, all to one scale."""
    left = 16 + min(220, max(map(_width, chart.labels), default=0))
    longest = max(
        (sum(values) for values in zip(*(b for _, _, b in chart.bars), strict=True)), default=0
    )
    scale = (_WIDTH - left - 70) / max(1.0, longest)
    parts = []
    for i, label in enumerate(chart.labels):
        x, y = float(left), 4 + 24 * i
        parts.append(
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(_short(label))}</text>'
        )
        for colour, title, values in chart.bars:
            if not values[i]:
                continue
            width = values[i] * scale
            said = duration(values[i]) if chart.unit is Unit.DURATION else f"{values[i]:g}"
            parts.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="18">'
                f"<title>{escape(f'{label}: {title} {said}')}</title></rect>"
            )
            x += width
        total = sum(values[i] for _, _, values in chart.bars)
        said = duration(total) if chart.unit is Unit.DURATION else f"{total:g}"
        parts.append(f'<text x="{x + 6:.1f}" y="{y + 13}">{escape(said)}</text>')
    height = 8 + 24 * len(chart.labels)
    what = escape(", ".join(title for _, title, _ in chart.bars))
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{what}">{"".join(parts)}</svg>\n'


def _scale(highest: float) -> tuple[int, int]:
    """A round number that is not below, and the step of its lines: at most five of them, each whole."""
    step = 1
    if highest > 5:
        rough = highest / 5
        magnitude = 10 ** floor(log10(rough))
        step = next(int(m * magnitude) for m in (1, 2, 5, 10) if int(m * magnitude) >= rough)
    return max(1, ceil(highest / step)) * step, step


def _width(label: str) -> float:
    return sum(_LETTER * (2 if ord(letter) > 0x2E80 else 1) for letter in _short(label)) + 8


def _short(label: str) -> str:
    return label if len(label) <= 24 else label[:23] + "…"
