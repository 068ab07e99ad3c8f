"""What staffing says as a report: the two formulas and the played day in one table; reckons nothing itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from zoneinfo import ZoneInfo

from acd.reports.formula import Terms, Unit
from acd.reports.formulas import FORMULAS
from acd.reports.sheet import Chart, Column, Report, Section, Value
from acd.reports.sums import Sums, added
from acd.reports.words import Language
from acd.staffing.demand import Demand, Expected
from acd.staffing.erlang import Served
from acd.staffing.plan import Formula, Target, by_erlang_a, by_erlang_c, needed
from acd.staffing.played import played, served, settled

WORDS: Mapping[str, tuple[str, str]] = {
    "staffing": ("Staffing", "排班测算"),
    "needed": ("Agents needed", "所需座席"),
    "given": ("With the agents there are", "按现有座席"),
    "time": ("Time", "时段"),
    "calls": ("Calls", "来电"),
    "aht": ("AHT", "平均处理"),
    "load": ("Load", "话务量"),
    "agents": ("agents", "座席"),
    "in_time": ("in time", "服务水平"),
    "asa": ("ASA", "平均应答"),
    "abandoned": ("gave up", "放弃率"),
    "occupancy": ("busy", "占用率"),
    "rota": ("On the rota", "应排人数"),
    "total": ("Total", "合计"),
    "target": ("Target", "目标"),
    "patience": ("Patience", "平均耐心"),
    "shrinkage": ("Shrinkage", "缩水率"),
    "source": ("Expected", "预测来源"),
    "days": ("Days played", "模拟天数"),
    "hours": ("agent hours", "座席工时"),
    "peak": ("agents at the peak", "峰值座席"),
    "none": ("none: formulas only", "未模拟，仅公式"),
    "C": ("Erlang C", "Erlang C"),
    "A": ("Erlang A", "Erlang A"),
    "P": ("Played", "模拟"),
    "models": ("How it is reckoned", "计算口径"),
    "model": ("Voice", "口径"),
    "how": ("How", "算法"),
    "whose": ("Whose", "来源"),
    "how.C": (
        "callers wait for as long as it takes; at most as many agents busy as there are, or the queue only grows",
        "客户一直等待、从不放弃；座席须多于话务量，否则队列无限增长",
    ),
    "how.A": (
        "callers give up after the patience given above, exponential",
        "客户按上述平均耐心（指数分布）放弃",
    ),
    "how.P": (
        "the day, played by the engine that routes calls: intervals inherit who was left waiting; plan of Erlang A, "
        "with more agents where it does not reach the target",
        "由真实路由引擎模拟全天：上一时段未接完者顺延；以 Erlang A 方案为底，未达标时段增人",
    ),
    "note": (
        "Load is in erlangs: calls at once if nobody had to wait. In time is answered within X / all callers. "
        "A dash under ASA: the queue only grows.",
        "话务量单位为 Erlang。服务水平 = X 秒内接通 ÷ 全部来电。平均应答为“–”：队列无限增长。",
    ),
}
SOURCES = {
    "C": "Erlang, 1917",
    "A": "Palm, 1957; Garnett, Mandelbaum and Reiman, M&SOM 4, 2002",
    "P": "Cordboard, sl.offered, wait.asa, abandon.rate, agent.occupancy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to know. `days` are played, or none; `agents` are there in each interval, if anybody says."""

    target: Target
    demand: Demand
    zone: ZoneInfo
    days: int = 5
    seed: int = 1
    agents: Sequence[int] | None = None
    language: Language = Language.EN


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """What one of the three says: so many agents, who serve so."""

    name: str
    agents: Sequence[int]
    served: Sequence[Served]
    total: Served | None = None


def staffing(wish: Wish) -> Report:
    """The agents that the target takes; and what comes of those who are there, if anybody says."""
    lines, target = wish.demand.lines, wish.target
    formulas = {
        "C": by_erlang_c(target),
        "A": by_erlang_a(target, wish.demand.patience_ms),
    }
    plans = {
        name: [needed(target, line, formula) for line in lines]
        for name, formula in formulas.items()
    }
    voices = [_by_formula(name, wish, plans[name], formulas[name]) for name in formulas]
    if wish.days:
        plan, found = settled(
            lines,
            plans["A"],
            target,
            patience_ms=wish.demand.patience_ms,
            days=wish.days,
            seed=wish.seed,
        )
        voices.append(_as_played(wish, plan, found))
    sections = [_section("needed", wish, voices, rota=True)]
    if wish.agents is not None:
        there = [_by_formula(name, wish, wish.agents, formulas[name]) for name in formulas]
        if wish.days:
            found = played(
                lines,
                wish.agents,
                patience_ms=wish.demand.patience_ms,
                days=wish.days,
                seed=wish.seed,
            )
            there.append(_as_played(wish, wish.agents, found))
        sections.append(_section("given", wish, there, rota=False))
    sections.append(_models(wish))
    return Report(
        name="staffing",
        title=_say("staffing", wish),
        language=wish.language,
        zone=wish.zone,
        about=_about(wish),
        headline=_headline(wish, voices),
        sections=sections,
        terms=Terms(within_s=target.within_ms // 1000),
    )


def _by_formula(name: str, wish: Wish, agents: Sequence[int], formula: Formula) -> _Voice:
    lines = wish.demand.lines
    each = [formula(n, line) for n, line in zip(agents, lines, strict=True)]
    return _Voice(name=name, agents=agents, served=each, total=_total(lines, agents, each))


def _as_played(wish: Wish, agents: Sequence[int], found: Sequence[Sums]) -> _Voice:
    each = [served(sums, wish.target) for sums in found]
    return _Voice(name="P", agents=agents, served=each, total=served(added(found), wish.target))


def _total(
    lines: Sequence[Expected], agents: Sequence[int], each: Sequence[Served]
) -> Served | None:
    """Of a whole day: each interval weighs what its callers, its answered or its agents' hours weigh."""
    calls = fsum(line.calls for line in lines)
    if not calls:
        return None

    def mean(values: Iterable[float], weights: Iterable[float]) -> float:
        pairs = list(zip(values, weights, strict=True))
        whole = fsum(weight for _, weight in pairs)
        return fsum(value * weight for value, weight in pairs) / whole if whole else 0.0

    by_calls = [line.calls for line in lines]
    answered = [n * (1 - one.abandoned) for n, one in zip(by_calls, each, strict=True)]
    hours = [n * line.length_ms for n, line in zip(agents, lines, strict=True)]
    grows = any(one.asa_ms is None for one in each)
    return Served(
        in_time=mean((one.in_time for one in each), by_calls),
        asa_ms=None if grows else mean((one.asa_ms or 0.0 for one in each), answered),
        abandoned=mean((one.abandoned for one in each), by_calls),
        occupancy=mean((one.occupancy for one in each), hours),
        waits=mean((one.waits for one in each), by_calls),
    )


_FIGURES: Sequence[tuple[str, Unit, Callable[[Served], Value], str]] = (
    ("in_time", Unit.SHARE, lambda one: one.in_time, "sl.offered"),
    ("asa", Unit.DURATION, lambda one: one.asa_ms, "wait.asa"),
    ("abandoned", Unit.SHARE, lambda one: one.abandoned, "abandon.rate"),
    ("occupancy", Unit.SHARE, lambda one: one.occupancy, "agent.occupancy"),
)


def _section(name: str, wish: Wish, voices: Sequence[_Voice], *, rota: bool) -> Section:
    lines = wish.demand.lines
    columns = [
        Column(name="time", title=_say("time", wish)),
        Column(name="calls", title=_say("calls", wish), unit=Unit.NUMBER),
        Column(name="aht", title=_say("aht", wish), unit=Unit.DURATION),
        Column(name="load", title=_say("load", wish), unit=Unit.NUMBER),
    ]
    for voice in voices:
        columns += list(_columns(voice.name, wish))
    if rota:
        columns.append(Column(name="rota", title=_say("rota", wish), unit=Unit.COUNT))
    rows: list[list[Value]] = []
    for n, line in enumerate(lines):
        cells: list[Value] = [line.label, line.calls, line.aht_ms, line.load]
        for voice in voices:
            cells += [voice.agents[n], *_values(voice.name, voice.served[n])]
        rows.append([*cells, wish.target.on_the_rota(voices[-1].agents[n])] if rota else cells)
    calls = fsum(line.calls for line in lines)
    work = fsum(line.calls * line.aht_ms for line in lines)
    total: list[Value] = [_say("total", wish), calls, work / calls if calls else None, None]
    for voice in voices:
        total += [max(voice.agents, default=0), *_values(voice.name, voice.total)]
    rows.append([*total, max((row[-1] for row in rows), key=_as_int)] if rota and rows else total)
    return Section(
        name=name,
        title=_say(name, wish),
        columns=columns,
        rows=rows,
        note=_say("note", wish),
        chart=_chart(wish, voices) if lines else None,
    )


def _as_int(value: Value) -> int:
    return int(value or 0)


def _columns(voice: str, wish: Wish) -> Iterable[Column]:
    title = _say(voice, wish)
    yield Column(name=f"{voice}.agents", title=f"{title} {_say('agents', wish)}", unit=Unit.COUNT)
    for name, unit, _, formula in _FIGURES:
        if (voice, name) != ("C", "abandoned"):
            yield Column(
                name=f"{voice}.{name}",
                title=f"{voice} {_say(name, wish)}",
                unit=unit,
                formula=FORMULAS[formula] if voice == "P" else None,
            )


def _values(voice: str, one: Served | None) -> Iterable[Value]:
    for name, _, value, _ in _FIGURES:
        if (voice, name) != ("C", "abandoned"):
            yield None if one is None else value(one)


def _chart(wish: Wish, voices: Sequence[_Voice]) -> Chart:
    """The plan of the last voice over the work there is, and what share it serves in time."""
    last = voices[-1]
    lines = wish.demand.lines
    loads = [min(line.load, n) for line, n in zip(lines, last.agents, strict=True)]
    return Chart(
        labels=[line.label for line in lines],
        bars=[
            ("good", _say("load", wish), loads),
            (
                "calm",
                _say("agents", wish),
                [n - load for n, load in zip(last.agents, loads, strict=True)],
            ),
        ],
        share=(_say("in_time", wish), [one.in_time for one in last.served]),
    )


def _models(wish: Wish) -> Section:
    names = ["C", "A", *(["P"] if wish.days else [])]
    return Section(
        name="models",
        title=_say("models", wish),
        columns=[Column(name=word, title=_say(word, wish)) for word in ("model", "how", "whose")],
        rows=[
            [f"{name}: {_say(name, wish)}", _say(f"how.{name}", wish), SOURCES[name]]
            for name in names
        ],
    )


def _about(wish: Wish) -> list[tuple[str, str]]:
    target = wish.target
    wanted = [
        f"{100 * target.service_level:g} % / {target.within_ms / 1000:g} s"
        if target.service_level is not None
        else "",
        f"{_say('asa', wish)} ≤ {target.asa_ms / 1000:g} s" if target.asa_ms is not None else "",
        f"{_say('occupancy', wish)} ≤ {100 * target.occupancy:g} %"
        if target.occupancy is not None
        else "",
        f"{_say('abandoned', wish)} ≤ {100 * target.abandoned:g} %"
        if target.abandoned is not None
        else "",
    ]
    return [
        (_say("target", wish), ", ".join(part for part in wanted if part)),
        (_say("patience", wish), f"{wish.demand.patience_ms / 1000:.0f} s"),
        (_say("shrinkage", wish), f"{100 * target.shrinkage:g} %"),
        (_say("source", wish), wish.demand.source),
        (_say("days", wish), str(wish.days) if wish.days else _say("none", wish)),
    ]


def _headline(wish: Wish, voices: Sequence[_Voice]) -> list[tuple[Column, Value]]:
    """Of each: how many at the peak, and how many hours are to be paid before any shrinkage."""
    found: list[tuple[Column, Value]] = []
    for voice in voices:
        pairs = zip(voice.agents, wish.demand.lines, strict=True)
        hours = sum(n * line.length_ms for n, line in pairs) / 3_600_000
        title = _say(voice.name, wish)
        peak = Column(
            name=f"{voice.name}.peak", title=f"{title}: {_say('peak', wish)}", unit=Unit.COUNT
        )
        total = Column(
            name=f"{voice.name}.hours", title=f"{title}: {_say('hours', wish)}", unit=Unit.NUMBER
        )
        found += [(peak, max(voice.agents, default=0)), (total, hours)]
    return found


def _say(word: str, wish: Wish) -> str:
    return WORDS[word][wish.language]
