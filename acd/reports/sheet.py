"""A report as data: sections of columns and rows, and the formulas they used; knows no page, file or database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from acd.reports.formula import USUAL_TERMS, Formula, Terms, Unit
from acd.reports.formulas import FORMULAS
from acd.reports.sums import Sums
from acd.reports.words import Language, say

Value: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `name` is for programs, `title` for people; `formula` is by what it is computed."""

    name: str
    title: str
    unit: Unit = Unit.TEXT
    formula: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table. `chart` is how a page that can draw should draw it."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    note: str = ""
    chart: "Chart | None" = None
    levels: Sequence[int] = ()  # Of each row, where rows are parts of the row above them.

    def level(self, row: int) -> int:
        """How far below the first level this row is."""
        return self.levels[row] if self.levels else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars that stand on each other, by line, and a share over them; or, lying, one bar for each row."""

    labels: Sequence[str]
    bars: Sequence[tuple[str, str, Sequence[float]]]  # (colour's name, what it is, value by label)
    share: tuple[str, Sequence[float | None]] | None = None
    lying: bool = False
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report, in one language."""

    name: str
    title: str
    language: Language
    zone: ZoneInfo
    about: Sequence[tuple[str, str]]  # What was asked: (what, value).
    headline: Sequence[tuple[Column, Value]] = ()
    sections: Sequence[Section] = field(default_factory=list)
    terms: Terms = USUAL_TERMS

    def formulas(self) -> list[Formula]:
        """Every formula that some figure of it is computed by, each once."""
        used = [column.formula for column, _ in self.headline]
        for section in self.sections:
            used += [column.formula for column in section.columns]
        return list({formula.name: formula for formula in used if formula is not None}.values())


def figure(name: str, language: Language) -> Column:
    """The column of a formula."""
    formula = FORMULAS[name]
    return Column(name=name, title=formula.title[language], unit=formula.unit, formula=formula)


def figures(names: Sequence[str], sums: Sums, terms: Terms) -> list[Value]:
    """The values of these formulas."""
    return [FORMULAS[name].compute(sums, terms) for name in names]


def text_of(value: Value, unit: Unit, zone: ZoneInfo) -> str:
    """As people read it."""
    if value is None:
        return "–"
    match unit:
        case Unit.SHARE:
            return f"{100 * float(value):.1f} %"
        case Unit.DURATION:
            return duration(float(value))
        case Unit.COUNT:
            return f"{int(value):,}"
        case Unit.NUMBER | Unit.MONEY:
            return f"{float(value):,.2f}"
        case Unit.POINTS:
            return f"{float(value):+.0f}"
        case Unit.TIME:
            return datetime.fromtimestamp(float(value) / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
        case Unit.TEXT:
            return str(value)


def duration(ms: float) -> str:
    """12 s, 3:05, 1:02:05."""
    seconds = round(ms / 1000)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def as_data(report: Report) -> dict[str, Any]:
    """The report for programs: figures as they are, names that do not change with the language."""
    return {
        "report": report.name,
        "title": report.title,
        "zone": report.zone.key,
        "about": dict(report.about),
        "terms": {
            "within_s": report.terms.within_s,
            "short_s": report.terms.short_s,
            "window_h": report.terms.window_h,
        },
        "headline": {column.name: value for column, value in report.headline},
        "sections": [
            {
                "name": section.name,
                "title": section.title,
                "note": section.note,
                "columns": [
                    {
                        "name": column.name,
                        "title": column.title,
                        "unit": column.unit.value,
                        "formula": column.formula.key if column.formula else None,
                    }
                    for column in section.columns
                ],
                "rows": [list(row) for row in section.rows],
                "levels": list(section.levels),
            }
            for section in report.sections
        ],
        "formulas": [
            {
                "name": formula.key,
                "text": formula.text[report.language],
                "source": formula.source,
            }
            for formula in report.formulas()
        ],
        "check": say("check", report.language),
    }
