"""Staffing on the wire: what is expected, and what is to be reached; never how it is reckoned."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from cti_api.shapes.forms import STRICT, WHOLE, WORD, like

MOST_PLAYED = 20_000  # Calls: some ten seconds of one core for each time that the day is played.

# What is nearly perfect takes nearly endless agents, and as long to find out.
_Share = Annotated[float, Field(ge=0.001, le=0.9999, allow_inf_nan=False, strict=True)]
_Busy = Annotated[float, Field(ge=0.2, le=0.9999, allow_inf_nan=False, strict=True)]
_Seconds = Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False, strict=True)]
_Agents = Annotated[int, WHOLE, Field(strict=True, ge=0, le=20_000)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]
_EXAMPLE: dict[str, Any] = {
    "intervals": [
        {"label": "09:00", "length_s": 1800, "calls": 84, "aht_s": 210, "agents": 11},
        {"label": "09:30", "length_s": 1800, "calls": 96, "aht_s": 210, "agents": 11},
    ],
    "service_level": 0.8,
    "within_s": 20,
}


class ExpectedInterval(BaseModel):
    """What is expected of one interval; `agents` are those who are there, if you want to know what comes of them."""

    model_config = STRICT

    label: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=WORD)]
    length_s: Annotated[int, WHOLE, Field(strict=True, ge=60, le=86_400)]
    calls: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False, strict=True)]
    aht_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False, strict=True)]
    agents: _Agents | None = None


class LikeWanted(BaseModel):
    """A day, as its weekday has been in the weeks before it, by the ledger."""

    model_config = STRICT

    day: date
    weeks: Annotated[int, WHOLE, Field(strict=True, ge=1, le=52)] = 4
    queue: _Word | None = None
    interval: Literal["15m", "30m", "60m"] = "30m"


class StaffingWanted(BaseModel):
    """`intervals`, or `like`; and at least one of what is to be reached."""

    model_config = like(_EXAMPLE)

    intervals: Annotated[list[ExpectedInterval] | None, Field(min_length=1, max_length=100)] = None
    like: LikeWanted | None = None
    agents: Annotated[_Agents | None, Field(description="And what comes of so many, all day.")] = (
        None
    )
    service_level: Annotated[
        _Share | None, Field(description="This share of callers is answered in time.")
    ] = None
    within_s: Annotated[
        int, WHOLE, Field(strict=True, ge=1, le=3600, description="In time: within this.")
    ] = 20
    asa_s: Annotated[_Seconds | None, Field(description="Average wait of the answered.")] = None
    occupancy: Annotated[_Busy | None, Field(description="Agents are busy at most.")] = None
    abandoned: Annotated[_Share | None, Field(description="Callers give up at most.")] = None
    shrinkage: Annotated[float, Field(ge=0, le=0.95, allow_inf_nan=False, strict=True)] = 0.0
    patience_s: Annotated[
        _Seconds | None,
        Field(description="Mean patience; null: as the ledger saw it, or 120."),
    ] = None
    days: Annotated[
        int,
        WHOLE,
        Field(
            strict=True,
            ge=0,
            le=10,
            description=f"So many are played by the engine; days × calls {MOST_PLAYED} at most.",
        ),
    ] = 0
    lang: Literal["en", "zh"] = "en"
