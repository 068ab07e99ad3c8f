"""A report as text on a terminal, as CSV, as JSON; changes no figure."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from acd.reports.formula import Unit
from acd.reports.html import as_html
from acd.reports.sheet import Column, Report, Section, Value, as_data, text_of
from acd.reports.words import say
from acd.spreadsheet import MARK, guarded


def as_text(report: Report) -> RenderableType:
    """For a terminal, by rich."""
    parts: list[RenderableType] = [Text(report.title, style="bold")]
    parts += [Text("  ".join(f"{what} {value}" for what, value in report.about), style="dim")]
    if report.headline:
        columns, values = zip(*report.headline, strict=True)
        line = Section(name="", title="", columns=columns, rows=[values])
        parts += [Text(), _Tables(line, report)]
    for section in report.sections:
        parts += [Text(), Text(section.title, style="bold")]
        if section.rows:
            parts.append(_Tables(section, report))
        elif not section.note:
            parts.append(Text(say("no_data", report.language)))
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


@dataclass(frozen=True, slots=True)
class _Tables:
    """A section as one table, or, where the terminal is too narrow, as several, each with the names."""

    section: Section
    report: Report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self.section.columns
        texts = [
            [
                text_of(value, column.unit, self.report.zone)
                for value, column in zip(row, columns, strict=True)
            ]
            for row in self.section.rows
        ]
        for n, row in enumerate(texts):
            row[0] = "  " * self.section.level(n) + row[0]
        widths = [
            2 + max(map(cell_len, (column.title, *(row[n] for row in texts))))
            for n, column in enumerate(columns)
        ]
        for shown in self._parts(widths, options.max_width):
            table = Table(box=None, pad_edge=False)
            for n in shown:
                right = columns[n].unit is not Unit.TEXT
                table.add_column(Text(columns[n].title), justify="right" if right else "left")
            for row in texts:
                table.add_row(*(Text(row[n]) for n in shown))
            yield table

    def _parts(self, widths: Sequence[int], width: int) -> list[list[int]]:
        """The numbers of the columns of each table."""
        named = [column.unit is Unit.TEXT for column in self.section.columns]
        names = named.index(False) if False in named else len(named)
        if any(named[names:]):
            return [list(range(len(named)))]  # Sentences, which are folded.
        parts: list[list[int]] = [list(range(names))]
        for n in range(names, len(named)):
            fits = sum(widths[one] for one in (*parts[-1], n)) <= width
            if not fits and len(parts[-1]) > names:
                parts.append(list(range(names)))
            parts[-1].append(n)
        return parts


def as_csv(report: Report) -> str:
    """For a spreadsheet. Durations are seconds, shares 0 to 1, times as people write them."""
    file = io.StringIO()
    file.write(MARK)
    writer = csv.writer(file)
    writer.writerow([guarded(report.title)])
    for what, value in report.about:
        writer.writerow([guarded(what), guarded(value)])
    for section in report.sections:
        writer.writerow([])
        writer.writerow([guarded(section.title)])
        # Who adds up a column of a tree must be able to leave out what is in another row already.
        tree = bool(section.levels)
        heads = [_head(column, report) for column in section.columns]
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
            writer.writerow([guarded(one) for one in text])
    return file.getvalue()


def _head(column: Column, report: Report) -> str:
    unit = f" ({say('seconds', report.language)})" if column.unit is Unit.DURATION else ""
    return guarded(column.title + unit)


def _cell(value: Value, unit: Unit, report: Report) -> str:
    if value is None:
        return ""
    match unit:
        case Unit.TEXT | Unit.TIME:
            return guarded(text_of(value, unit, report.zone))
        case Unit.DURATION:
            return f"{float(value) / 1000:.3f}"
        case Unit.SHARE:
            return f"{float(value):.6f}"
        case Unit.MONEY:
            return f"{float(value):.2f}"
        case _:
            return f"{value}"


def as_json(report: Report) -> str:
    """For programs."""
    return msgspec.json.format(msgspec.json.encode(as_data(report)), indent=2).decode()


WRITERS: Mapping[str, tuple[Callable[[Report], str], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "html": (as_html, "text/html; charset=utf-8"),
}
