"""A report as one page: no script, nothing from elsewhere, light or dark as the reader's screen is; also on paper."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from acd.reports import svg
from acd.reports.formula import Unit
from acd.reports.sheet import Report, Section, Value, text_of
from acd.reports.words import Language, say

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --card: #f5f6f8; --ink: #1a1d23; --soft: #5b6472;
  --line: #dfe3e8; --good: #2563a8; --fair: #8fbbe3; --bad: #d9622b; --dim: #b4bac4; --ring: #e3b341;
  --calm: #63a583; --share: #1a1d23; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1d2128; --ink: #e8eaee;
  --soft: #98a2b1; --line: #323844; --good: #4f94dd; --fair: #2b5584; --bad: #ec8450; --dim: #5b6472;
  --ring: #d3a12f; --calm: #4f9473; --share: #e8eaee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 4rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
  sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 2.5rem 0 .75rem; }
p { margin: .5rem 0; color: var(--soft); }
dl.about { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; margin: 0; color: var(--soft);
  font-size: .9rem; }
dl.about div { display: flex; gap: .4rem; }
dl.about dd { margin: 0; color: var(--ink); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem;
  margin: 1.5rem 0 0; }
.tile { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile span { color: var(--soft); font-size: .82rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .87rem; width: 100%; }
th, td { padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n, td:first-child { white-space: nowrap; }
td.nil { color: var(--dim); }
tr.total td { font-weight: 600; border-top: 2px solid var(--line); }
td.key { white-space: nowrap; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .82rem; }
td.below1 { padding-left: 1.8rem; } td.below2 { padding-left: 3rem; } td.below3 { padding-left: 4.2rem; }
td.below4 { padding-left: 5.4rem; } td.below5 { padding-left: 6.6rem; } td.below6 { padding-left: 7.8rem; }
svg { display: block; width: 100%; height: auto; margin: .25rem 0 1rem; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .good { fill: var(--good); } svg .fair { fill: var(--fair); } svg .bad { fill: var(--bad); }
svg .dim { fill: var(--dim); } svg .ring { fill: var(--ring); } svg .calm { fill: var(--calm); }
svg .share { fill: none; stroke: var(--share); stroke-width: 1.75; stroke-linejoin: round; }
svg .dot { fill: var(--share); }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0; padding: 0;
  color: var(--soft); font-size: .82rem; }
ul.legend svg { display: inline-block; width: .8em; height: .8em; margin: 0 .4em 0 0; }
footer { margin-top: 3rem; font-size: .82rem; }
footer td { border: 0; padding: .12rem .6rem .12rem 0; color: var(--soft); }
@media print { body { max-width: none; padding: 0; font-size: 11px; } section { break-inside: avoid-page; }
  .wide { overflow: visible; } }
"""

# What a browser may do with it: show it. For the header of whoever serves it.
POLICY = (
    "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-"
    f"{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)


def as_html(report: Report) -> str:
    """The whole page."""
    language = "zh-CN" if report.language is Language.ZH else "en"
    days = report.about[0][1] if report.about else ""
    about = "".join(
        f"<div><dt>{escape(what)}</dt><dd>{escape(value)}</dd></div>"
        for what, value in report.about
    )
    tiles = "".join(
        f'<div class="tile"{_tip(column.formula.text[report.language]) if column.formula else ""}>'
        f"<b>{escape(text_of(value, column.unit, report.zone))}</b>"
        f"<span>{escape(column.title)}</span></div>"
        for column, value in report.headline
    )
    return "".join(
        (
            f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escape(f'{report.title} {days}'.strip())}</title>\n<style>{STYLE}</style>\n</head>\n",
            f"<body>\n<header><h1>{escape(report.title)}</h1>",
            f'<dl class="about">{about}</dl></header>\n' if about else "</header>\n",
            f'<div class="tiles">{tiles}</div>\n' if tiles else "",
            *(_section(section, report) for section in report.sections),
            _footer(report),
            "</body>\n</html>\n",
        )
    )


def _section(section: Section, report: Report) -> str:
    parts = [f'<section id="{escape(section.name)}"><h2>{escape(section.title)}</h2>\n']
    if section.chart is not None:
        parts.append(svg.legend(section.chart))
        parts.append(
            svg.lying(section.chart) if section.chart.lying else svg.standing(section.chart)
        )
    parts.append(_table(section, report) if section.rows else "")
    if not section.rows and not section.note:
        parts.append(f"<p>{escape(say('no_data', report.language))}</p>\n")
    if section.note:
        parts.append(f"<p>{escape(section.note)}</p>\n")
    return "".join((*parts, "</section>\n"))


def _table(section: Section, report: Report) -> str:
    heads = "".join(
        f'<th class="n"{_tip(column.formula.text[report.language])}>{escape(column.title)}</th>'
        if column.formula is not None
        else f"<th{_class(column.unit)}>{escape(column.title)}</th>"
        for column in section.columns
    )
    last = len(section.rows) - 1
    total = say("total", report.language)
    rows = "".join(
        ('<tr class="total">' if n == last and row[0] == total else "<tr>")
        + "".join(
            _cell(value, column.unit, column.name, report, level=0 if m else section.level(n))
            for m, (value, column) in enumerate(zip(row, section.columns, strict=True))
        )
        + "</tr>\n"
        for n, row in enumerate(section.rows)
    )
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n'


def _cell(value: Value, unit: Unit, name: str, report: Report, *, level: int = 0) -> str:
    text = escape(text_of(value, unit, report.zone))
    if value is None or (value == 0 and unit is Unit.COUNT):
        return f'<td class="{"n " if unit is not Unit.TEXT else ""}nil">{text}</td>'
    if name == "formula":
        return f'<td class="key">{text}</td>'
    if level:
        return f'<td class="below{level}">{text}</td>'
    return f"<td{_class(unit)}>{text}</td>"


def _class(unit: Unit) -> str:
    return "" if unit is Unit.TEXT else ' class="n"'


def _tip(text: str) -> str:
    return f' title="{escape(text)}"'


def _footer(report: Report) -> str:
    used = report.formulas()
    if not used:
        return ""
    rows = "".join(
        f'<tr><td class="key">{escape(formula.key)}</td><td>{escape(formula.title[report.language])}</td>'
        f"<td>{escape(formula.text[report.language])}</td><td>{escape(formula.source)}</td></tr>\n"
        for formula in used
    )
    return (
        f'<footer><h2>{escape(say("printed", report.language))}</h2>\n<div class="wide"><table>{rows}'
        f"</table></div><p>{escape(say('check', report.language))}</p></footer>\n"
    )
