"""Reports on the wire: what one is to be about, and its figures; never how they are reckoned."""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import STRICT, WORD, like


class ReportWanted(BaseModel):
    """What a report is to be about. Without a day it is yesterday."""

    model_config = STRICT

    day: Annotated[date | None, Field(description="The first day.")] = None
    to: Annotated[date | None, Field(description="The last day, if it is another one.")] = None
    tz: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="Whose days: Asia/Shanghai")
    ] = None
    interval: Annotated[
        Literal["15m", "30m", "60m", "day", "week"], Field(description="How long a line is.")
    ] = "30m"
    by: Annotated[
        list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]],
        Field(max_length=3, description="Of `service`: by what it sums."),
    ] = []
    by_time: Annotated[bool, Field(description="Of `service`: each line by itself as well.")] = (
        False
    )
    queue: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    team: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    agent: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    dialled: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This number only.")
    ] = None
    lang: Annotated[Literal["en", "zh"], Field(description="Of titles and texts.")] = "en"
    within_s: Annotated[int, Field(ge=1, le=3600, description="X: answered in time.")] = 20
    short_s: Annotated[int, Field(ge=0, le=3600, description="s: a short abandonment.")] = 5
    window_h: Annotated[int, Field(ge=1, le=2160, description="w: of repeats and FCR.")] = 24


_REPORT: dict[str, Any] = {
    "report": "service",
    "title": "Service",
    "zone": "Asia/Shanghai",
    "about": {"Days": "2026-11-21"},
    "terms": {"within_s": 20, "short_s": 5, "window_h": 24},
    "headline": {"calls.offered": 100, "sl.offered": 0.6},
    "sections": [
        {
            "name": "service",
            "title": "By queue",
            "note": "",
            "columns": [
                {"name": "queue", "title": "Queue", "unit": "text", "formula": None},
                {
                    "name": "sl.offered",
                    "title": "Service level",
                    "unit": "share",
                    "formula": "sl.offered@1",
                },
            ],
            "rows": [["support", 0.6]],
            "levels": [],
        }
    ],
    "formulas": [
        {
            "name": "sl.offered@1",
            "text": "answered within X / (A + B + F by time)",
            "source": "Cordboard",
        }
    ],
    "check": "Arrived = offered + refused.",
}
ReportValue: TypeAlias = str | int | float | None


@with_config(STRICT)
class ReportTerms(TypedDict):
    """What the formulas were told."""

    within_s: int
    short_s: int
    window_h: int


@with_config(STRICT)
class ReportColumn(TypedDict):
    """`formula` is by what it is computed, with its version; null: it is no figure."""

    name: str
    title: str
    unit: Literal["count", "share", "ms", "number", "points", "text", "time", "money"]
    formula: str | None


@with_config(STRICT)
class ReportSection(TypedDict):
    """One table."""

    name: str
    title: str
    note: str
    columns: list[ReportColumn]
    rows: list[list[ReportValue]]
    levels: Annotated[
        list[int],
        Field(
            description="Of each row, in a tree: 0, or how far below; a row is the sum of those right "
            "below it. Empty where rows are no tree."
        ),
    ]


@with_config(STRICT)
class ReportFormula(TypedDict):
    """What a figure means, and who else reckons so."""

    name: str
    text: str
    source: str


@with_config(like(_REPORT))
class Report(TypedDict):
    """Figures, with the formulas they are computed by."""

    report: str
    title: str
    zone: str
    about: dict[str, str]
    terms: ReportTerms
    headline: dict[str, float | None]
    sections: list[ReportSection]
    formulas: list[ReportFormula]
    check: str
