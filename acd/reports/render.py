"""A report as text on a terminal, as CSV, as JSON; changes no figure."""

import csv
import io
from collections.abc import Callable, Mapping

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from acd.reports.formula import Unit
from acd.reports.html import as_html
from acd.reports.sheet import Report, Section, Value, as_data, text_of
from acd.reports.words import say

# A spreadsheet takes a text that begins so for a formula, and runs it.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# For Excel, which else takes a file for one in the code page of its country.
_MARK = "\ufeff"


def as_text(report: Report) -> RenderableType:
    """For a terminal, by rich."""
    parts: list[RenderableType] = [Text(report.title, style="bold")]
    parts += [Text("  ".join(f"{what} {value}" for what, value in report.about), style="dim")]
    if report.headline:
        table = Table(box=None, pad_edge=False)
        for column, _ in report.headline:
            table.add_column(column.title, justify="right")
        table.add_row(
            *(text_of(value, column.unit, report.zone) for column, value in report.headline)
        )
        parts += [Text(), table]
    for section in report.sections:
        parts += [Text(), Text(section.title, style="bold")]
        parts += [
            _table(section, report) if section.rows else Text(say("no_data", report.language))
        ]
        if section.note:
            parts.append(Text(section.note, style="dim"))
    used = report.formulas()
    if used:
        table = Table(box=None, pad_edge=False, show_header=False)
        for formula in used:
            table.add_row(formula.key, formula.text[report.language], Text(formula.source, "dim"))
        parts += [Text(), Text(say("printed", report.language), style="bold"), table]
        parts += [Text(say("check", report.language), style="dim")]
    return Group(*parts)


def _table(section: Section, report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in section.columns:
        right = column.unit is not Unit.TEXT
        table.add_column(Text(column.title), justify="right" if right else "left")
    for n, row in enumerate(section.rows):
        first, *others = (
            text_of(value, column.unit, report.zone)
            for value, column in zip(row, section.columns, strict=True)
        )
        table.add_row(Text("  " * section.level(n) + first), *map(Text, others))
    return table


def as_csv(report: Report) -> str:
    """For a spreadsheet. Durations are seconds, shares 0 to 1, times as people write them."""
    file = io.StringIO()
    file.write(_MARK)
    writer = csv.writer(file)
    writer.writerow([_harmless(report.title)])
    for what, value in report.about:
        writer.writerow([_harmless(what), _harmless(value)])
    for section in report.sections:
        writer.writerow([])
        writer.writerow([_harmless(section.title)])
        # Who adds up a column of a tree must be able to leave out what is in another row already.
        tree = bool(section.levels)
        heads = [_harmless(column.title) for column in section.columns]
        writer.writerow([*heads, *[say("level", report.language)] * tree])
        for n, row in enumerate(section.rows):
            cells = zip(row, section.columns, strict=True)
            written = [_cell(value, column.unit, report) for value, column in cells]
            writer.writerow([*written, *[str(section.level(n) + 1)] * tree])
    if used := report.formulas():
        writer.writerow([])
        writer.writerow([say("printed", report.language)])
        for formula in used:
            text = (formula.key, formula.text[report.language], formula.source)
            writer.writerow([_harmless(one) for one in text])
    return file.getvalue()


def _cell(value: Value, unit: Unit, report: Report) -> str:
    if value is None:
        return ""
    match unit:
        case Unit.TEXT | Unit.TIME:
            return _harmless(text_of(value, unit, report.zone))
        case Unit.DURATION:
            return f"{float(value) / 1000:.3f}"
        case Unit.SHARE:
            return f"{float(value):.6f}"
        case Unit.MONEY:
            return f"{float(value):.2f}"
        case _:
            return f"{value}"


def _harmless(text: str) -> str:
    """The text, so that no spreadsheet runs it."""
    return f"'{text}" if text.lstrip(" ").startswith(_RUNS) else text


def as_json(report: Report) -> str:
    """For programs."""
    return msgspec.json.format(msgspec.json.encode(as_data(report)), indent=2).decode()


WRITERS: Mapping[str, tuple[Callable[[Report], str], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "html": (as_html, "text/html; charset=utf-8"),
}
