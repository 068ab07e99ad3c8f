"""Puts reports together: what is asked of the ledger, which figures stand in which table; draws nothing.

The names of queues and agents come from whoever asks, as the ledger knows only ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from acd.core.agent import OUTSIDE, AgentState
from acd.core.disposition import UNDISPOSED, Dispositions
from acd.reports.calendar import Interval, intervals
from acd.reports.fairness import overtaken
from acd.reports.formula import Unit
from acd.reports.formulas import FORMULAS, SIDE_BY_SIDE
from acd.reports.pay import PayRule, pay
from acd.reports.questions import Books, Grouped, Key, Question
from acd.reports.roll_up import rolled_up
from acd.reports.sheet import Chart, Column, Report, Section, Value, figure, figures
from acd.reports.sums import Sums, added
from acd.reports.words import Language, say

SERVICE = (
    "calls.arrived",
    "calls.refused",
    "calls.offered",
    "calls.answered",
    "calls.abandoned",
    "calls.flowed_out",
    "sl.offered",
    "abandon.rate",
    "wait.asa",
    "wait.p90",
    "wait.max",
    "handle.aht",
)
CALLERS = (
    *SERVICE,
    "wait.p50",
    "wait.p95",
    "abandon.time",
    "transfer.rate",
    "repeat.rate",
    "repeat.identified",
    "repeat.withheld",
    "repeat.shared",
    "repeat.switchboard",
    "contacts.per_issue",
    "fcr",
    "fcr.provisional",
    "forecast.held",
)
AGENTS = (
    "handle.talks",
    "handle.aht",
    "handle.talk",
    "agent.occupancy",
    "offer.no_answer_rate",
    "transfer.rate",
    "fcr",
    "fcr.provisional",
)
SURVEYS = ("survey.rate", "survey.answers", "csat", "csat.low", "csat.high", "dsat", "nps")
CALLBACKS = ("callbacks.asked", "callbacks.reached", "callbacks.failed")
ATTEMPTS = ("attempts.made", "attempts.reached", "attempts.refused")
HEADLINE = (
    "calls.offered",
    "calls.answered",
    "sl.offered",
    "abandon.rate",
    "wait.asa",
    "wait.p90",
    "agent.occupancy",
    "repeat.rate",
    "repeat.identified",
    "fcr",
)
_SECTIONS = {
    Key.QUEUE: ("queues", "queue", CALLERS),
    Key.TEAM: ("teams", "team", AGENTS),
    Key.AGENT: ("agents", "agent", AGENTS),
    Key.DIALLED: ("dialled", "number", CALLERS),
    Key.REGION: ("regions", "region", CALLERS),
    Key.REASON: ("reasons", "reason", CALLERS),
    Key.OUTCOME: ("outcomes", "outcome", CALLERS),
    Key.LIST: ("lists", "list", ATTEMPTS),
}
# What agents do, as people read it: (colour, word, states).
_STATES: Sequence[tuple[str, str, Sequence[AgentState]]] = (
    ("good", "busy-acd", (AgentState.TALKING, AgentState.CONSULTED)),
    ("fair", "wrap-up", (AgentState.WRAP_UP,)),
    ("bad", "outside", sorted(OUTSIDE)),
    ("ring", "offered", (AgentState.OFFERED, AgentState.DIALLING)),
    ("calm", "ready", (AgentState.READY,)),
    ("dim", "not-ready", (AgentState.NOT_READY,)),
)
_TREES = (Key.REASON, Key.OUTCOME)  # Of dispositions: a branch is what is below it.
# What the page of a day is asked by, to read the ledger less often; agents apart, for what they do just now.
TOGETHER = (
    (Key.QUEUE, Key.DIALLED, Key.REGION),
    (Key.TEAM, Key.REASON, Key.OUTCOME),
    (Key.AGENT, Key.LIST),
)
_MOST_LINES = 50  # Of a list on the page of a day; the list itself has all.


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people call them."""

    queues: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    dispositions: Dispositions = field(default_factory=dict)

    def of(self, key: Key, value: str | None, language: Language) -> str:
        """The name, or the id that has none."""
        if value is None:
            return say("nobody", language)
        if key in _TREES:
            if value == UNDISPOSED:
                return say("undisposed", language)
            return self.dispositions[value].name if value in self.dispositions else value
        known = {Key.QUEUE: self.queues, Key.AGENT: self.agents}.get(key, {})
        return known.get(value, value)


async def daily(books: Books, asked: Question, names: Names) -> Report:
    """The page that a manager reads in the morning."""
    lines = intervals(asked.first, asked.last, asked.zone, asked.step)
    by_line = await _by_line(books, asked, lines)
    total = added(by_line.values())
    sections = [_by_time(asked, lines, by_line, total)]
    by_key: dict[Key, Grouped] = {}
    for keys in TOGETHER:
        found = await _sums(books, asked, [asked.whole], *keys)
        by_key |= {key: folded(found, n) for n, key in enumerate(keys)}
    for key in (Key.QUEUE, Key.DIALLED, Key.REGION, Key.REASON, Key.OUTCOME, Key.TEAM, Key.AGENT):
        found = by_key[key]
        if key in (Key.QUEUE, Key.AGENT) or any(group[1] is not None for group in found):
            sections.append(_by_key(asked, key, found, names))
            sections += _beside(asked, key, found, names)
    sections += _beside(asked, Key.LIST, by_key[Key.LIST], names)
    sections += [_side_by_side(asked, total)]
    sections += [await _gave_up(books, asked, names, _MOST_LINES)]
    sections += [await _overtaken(books, asked, names, _MOST_LINES)]
    return _report("daily", asked, names, sections, total)


async def service(
    books: Books, asked: Question, names: Names, by: Sequence[Key], *, by_time: bool
) -> Report:
    """Figures by whatever is asked for, and by time or over all of it."""
    lines = intervals(asked.first, asked.last, asked.zone, asked.step)
    if not by:
        by_line = await _by_line(books, asked, lines)
        total = added(by_line.values())
        sections = [_by_time(asked, lines, by_line, total), _side_by_side(asked, total)]
        return _report("service", asked, names, sections, total)
    found = await _sums(books, asked, lines if by_time else [asked.whole], *by)
    if len(by) == 1 and by[0] in _TREES and not by_time:
        return _report("service", asked, names, [_by_branch(asked, by[0], found, names, CALLERS)])
    columns = [_text(_SECTIONS[key][1], asked) for key in by]
    wanted = _SECTIONS[by[0]][2] if len(by) == 1 else SERVICE
    if by_time:
        columns = [_text("time", asked), *columns]
    rows = [
        [*([lines[line].label] if by_time else []), *called, *values]
        for line, called, values, _ in _lines_of(asked, by, found, names, wanted)
    ]
    section = Section(
        name="service",
        title=say(_SECTIONS[by[0]][0], asked.language),
        columns=[*columns, *(figure(name, asked.language) for name in wanted)],
        rows=rows,
    )
    return _report("service", asked, names, [section])


async def gave_up(books: Books, asked: Question, names: Names) -> Report:
    """The list to call back from."""
    return _report("abandoned", asked, names, [await _gave_up(books, asked, names, None)])


async def fairness(books: Books, asked: Question, names: Names) -> Report:
    """Who was overtaken, and why."""
    return _report("overtaken", asked, names, [await _overtaken(books, asked, names, None)])


async def wages(books: Books, asked: Question, names: Names, rule: PayRule) -> Report:
    """Calls and pay of each agent."""
    work = await books.work(asked.whole, only=asked.only, least_ms=1000 * rule.shortest_s)
    sums = await _sums(books, asked, [asked.whole], Key.AGENT)
    by_agent = {group[1]: one for group, one in sums.items() if group[1] is not None}
    numbers = [
        Column(name=name, title=say(word, asked.language), unit=unit)
        for name, word, unit in (
            ("talks", "calls", Unit.COUNT),
            ("counted", "counted", Unit.COUNT),
            ("missed", "missed", Unit.COUNT),
            ("base", "base", Unit.MONEY),
            ("earned", "earned", Unit.MONEY),
            ("deducted", "deducted", Unit.MONEY),
            ("pay", "sum", Unit.MONEY),
        )
    ]
    rows: list[list[Value]] = []
    for one in pay(rule, work, by_agent):
        name = names.of(Key.AGENT, one.agent, asked.language)
        money = [float(amount) for amount in (one.base, one.earned, one.deducted, one.sum)]
        rows.append([name, one.talks, one.counted, one.missed, *money])
    section = Section(
        name="pay",
        title=say("pay", asked.language),
        columns=[_text("agent", asked), *numbers],
        rows=rows,
        note=rule.text(),
    )
    return _report("pay", asked, names, [section])


def glossary(asked: Question) -> Report:
    """Every formula there is."""
    columns = [_text(word, asked) for word in ("formula", "value", "how", "whose")]
    rows = [
        [formula.key, formula.title[asked.language], formula.text[asked.language], formula.source]
        for formula in FORMULAS.values()
    ]
    title = say("formulas", asked.language)
    section = Section(name="formulas", title=title, columns=columns, rows=rows)
    return _report("formulas", asked, Names(), [section])


# Sections.


def _by_time(
    asked: Question, lines: Sequence[Interval], found: Mapping[int, Sums], total: Sums
) -> Section:
    """A line for each interval in which there was anything, from the first such to the last."""
    busy = [n for n in found if found[n].offered or found[n].refused or found[n].talks]
    shown = range(min(busy), max(busy) + 1) if busy else range(0)
    rows = [[lines[n].label, *figures(SERVICE, found.get(n, Sums()), asked.terms)] for n in shown]
    if rows:
        rows.append([say("total", asked.language), *figures(SERVICE, total, asked.terms)])
    sums = [found.get(n, Sums()) for n in shown]
    x = asked.terms.within_s
    in_time = [one.answered.within(x) for one in sums]
    chart = Chart(
        labels=[lines[n].label for n in shown],
        bars=[
            ("good", say("in_time", asked.language), in_time),
            (
                "fair",
                say("late", asked.language),
                [one.answered.n - n for one, n in zip(sums, in_time, strict=True)],
            ),
            ("bad", say("gave_up", asked.language), [one.abandoned.n for one in sums]),
            ("dim", say("left", asked.language), [one.flowed_out for one in sums]),
        ],
        share=(
            figure("sl.offered", asked.language).title,
            [FORMULAS["sl.offered"].compute(one, asked.terms) for one in sums],
        ),
    )
    return Section(
        name="intervals",
        title=say("intervals", asked.language),
        columns=[_text("time", asked), *(figure(name, asked.language) for name in SERVICE)],
        rows=rows,
        note=say("by_arrival", asked.language),
        chart=chart if rows else None,
    )


def _by_branch(
    asked: Question, key: Key, found: Grouped, names: Names, wanted: Sequence[str]
) -> Section:
    """A line for each branch of the tree and for what is below it, and all of it at the end."""
    title, word, _ = _SECTIONS[key]
    by_code = {group[1]: sums for group, sums in found.items() if sums.offered or sums.refused}
    lines = rolled_up(by_code, names.dispositions)
    rows: list[list[Value]] = []
    for line in lines:
        name = names.of(key, line.code, asked.language)
        if line.undivided:
            name = f"{name} ({say('undivided', asked.language)})"
        rows.append([name, *figures(wanted, line.sums, asked.terms)])
    if rows:
        total = added(by_code.values())
        rows.append([say("total", asked.language), *figures(wanted, total, asked.terms)])
    return Section(
        name=title,
        title=say(title, asked.language),
        columns=[_text(word, asked), *(figure(name, asked.language) for name in wanted)],
        rows=rows,
        levels=[*(line.level for line in lines), 0] if rows else (),
        note=say("by_branch", asked.language) if any(line.level for line in lines) else "",
    )


def _by_key(asked: Question, key: Key, found: Grouped, names: Names) -> Section:
    """As it stands on the page of a day."""
    title, word, wanted = _SECTIONS[key]
    if wanted is CALLERS:
        wanted = (*SERVICE, "repeat.rate", "fcr")
    if key in _TREES:
        return _by_branch(asked, key, found, names, wanted)
    shown = _lines_of(asked, (key,), found, names, wanted)
    states = [
        Column(name=f"state.{word}", title=say(word, asked.language), unit=Unit.DURATION)
        for _, word, _ in _STATES
        if key is Key.AGENT
    ]
    rows = [
        [
            *called,
            *values,
            *(_in(sums, of) for _, _, of in _STATES if states),
        ]
        for _, called, values, sums in shown
    ]
    return Section(
        name=title,
        title=say(title, asked.language),
        columns=[_text(word, asked), *(figure(name, asked.language) for name in wanted), *states],
        rows=rows,
        chart=_states_chart(asked, [(called[0], sums) for _, called, _, sums in shown])
        if states and shown
        else None,
    )


def _lines_of(
    asked: Question, by: Sequence[Key], found: Grouped, names: Names, wanted: Sequence[str]
) -> list[tuple[int, list[str], list[Value], Sums]]:
    """Time, names, figures and sums of each line in which there is anything: by time, then by what people call them."""
    lines = []
    for (line, *ids), sums in found.items():
        called = [names.of(key, one, asked.language) for key, one in zip(by, ids, strict=True)]
        values = figures(wanted, sums, asked.terms)
        if any(
            value is not None and (value != 0 or FORMULAS[name].unit is not Unit.COUNT)
            for name, value in zip(wanted, values, strict=True)
        ):
            order = [(one is None, name, one or "") for one, name in zip(ids, called, strict=True)]
            lines.append((line, order, called, values, sums))
    lines.sort(key=lambda one: one[:2])
    return [(line, called, values, sums) for line, _, called, values, sums in lines]


def _any_of(name: str, sums: Sums) -> int:
    if name == "callbacks":
        return sums.callbacks.total()
    return (
        sums.attempts.total() if name == "attempts" else sums.scores.total() + sums.surveys.total()
    )


def _beside(asked: Question, key: Key, found: Grouped, names: Names) -> list[Section]:
    """What callers think, by queue and by agent, and whom agents have called; nothing, where there was nothing."""
    sections = []
    of_all = (("surveys", SURVEYS), ("callbacks", CALLBACKS), ("attempts", ATTEMPTS))
    for name, figures_of in of_all:
        wanted = [group for group in sorted(found, key=_in_order) if _any_of(name, found[group])]
        if key not in (Key.QUEUE, Key.AGENT, Key.LIST) or not wanted:
            continue
        rows = [
            [
                names.of(key, group[1], asked.language),
                *figures(figures_of, found[group], asked.terms),
            ]
            for group in wanted
        ]
        title = f"{say(name, asked.language)}: {say(_SECTIONS[key][0], asked.language)}"
        columns = [
            _text(_SECTIONS[key][1], asked),
            *(figure(one, asked.language) for one in figures_of),
        ]
        sections.append(
            Section(name=f"{name}_{key.value}", title=title, columns=columns, rows=rows)
        )
    return sections


def _states_chart(asked: Question, shown: Sequence[tuple[str, Sums]]) -> Chart:
    return Chart(
        labels=[name for name, _ in shown],
        bars=[
            (colour, say(word, asked.language), [_in(sums, of) for _, sums in shown])
            for colour, word, of in _STATES
        ],
        lying=True,
        unit=Unit.DURATION,
    )


def _in(sums: Sums, states: Sequence[AgentState]) -> int:
    return sum(sums.state_ms[state] for state in states)


def _side_by_side(asked: Question, total: Sums) -> Section:
    rows: list[list[Value]] = []
    for name in SIDE_BY_SIDE:
        formula = FORMULAS[name]
        value = formula.compute(total, asked.terms)
        rows.append([formula.key, value, formula.text[asked.language], formula.source])
    value_column = Column(name="value", title=say("value", asked.language), unit=Unit.SHARE)
    return Section(
        name="side_by_side",
        title=say("side_by_side", asked.language),
        columns=[_text("formula", asked), value_column, _text("how", asked), _text("whose", asked)],
        rows=rows,
    )


async def _gave_up(books: Books, asked: Question, names: Names, most: int | None) -> Section:
    found = await books.gave_up(asked.whole, only=asked.only)
    open_ones = [one for one in found if one.reached_at is None]
    rows: list[list[Value]] = [
        [
            one.name or one.person or say("unknown", asked.language),
            one.number,
            names.of(Key.QUEUE, one.queue, asked.language),
            one.times,
            one.first_at,
            one.last_at,
            one.longest_ms,
            one.reached_at,
            names.of(Key.AGENT, one.reached_by, asked.language) if one.reached_by else None,
        ]
        for one in found[:most]
    ]
    note = f"{len(open_ones)} / {len(found)} {say('not_reached', asked.language)}"
    if len(found) > len(rows):
        note += f"; {len(found) - len(rows)} {say('more', asked.language)}"
    return Section(
        name="abandoned",
        title=say("abandoned", asked.language),
        columns=[
            _text("caller", asked),
            _text("number", asked),
            _text("queue", asked),
            Column(name="times", title=say("times", asked.language), unit=Unit.COUNT),
            Column(name="first", title=say("first", asked.language), unit=Unit.TIME),
            Column(name="last", title=say("last", asked.language), unit=Unit.TIME),
            Column(name="longest", title=say("longest", asked.language), unit=Unit.DURATION),
            Column(name="reached", title=say("reached", asked.language), unit=Unit.TIME),
            _text("by", asked),
        ],
        rows=rows,
        note=note,
    )


async def _overtaken(books: Books, asked: Question, names: Names, most: int | None) -> Section:
    found = overtaken(await books.one_by_one(asked.whole, only=asked.only))
    rows: list[list[Value]] = []
    for one in found[:most]:
        why = ", ".join(f"{say(word, asked.language)} ({n})" for word, n in one.why.most_common())
        stay = one.stay
        result = "abandoned_one" if stay.result == "abandoned" else stay.result or ""
        rows.append(
            [
                stay.conversation,
                names.of(Key.QUEUE, stay.queue, asked.language),
                stay.began_at,
                stay.ended_at - stay.began_at,
                one.times,
                why,
                say(result, asked.language),
            ]
        )
    note = say("nobody_overtaken", asked.language)
    if found:
        more = len(found) - len(rows)
        note = f"{more} {say('more', asked.language)}" if more else ""
    return Section(
        name="overtaken",
        title=say("overtaken", asked.language),
        columns=[
            _text("call", asked),
            _text("queue", asked),
            Column(name="joined", title=say("joined", asked.language), unit=Unit.TIME),
            Column(name="waited", title=say("waited", asked.language), unit=Unit.DURATION),
            Column(name="times", title=say("overtakes", asked.language), unit=Unit.COUNT),
            _text("why", asked),
            _text("became", asked),
        ],
        rows=rows,
        note=note,
    )


# What all of them share.


async def _sums(books: Books, asked: Question, lines: Sequence[Interval], *by: Key) -> Grouped:
    return await books.sums(lines, by=by, only=asked.only, terms=asked.terms, as_of=asked.as_of)


def folded(found: Grouped, key: int) -> Grouped:
    """The same by this one of its keys alone."""
    by: Grouped = {}
    for (line, *values), sums in found.items():
        by.setdefault((line, values[key]), Sums()).__iadd__(sums)
    return by


async def _by_line(books: Books, asked: Question, lines: Sequence[Interval]) -> dict[int, Sums]:
    return {group[0]: sums for group, sums in (await _sums(books, asked, lines)).items()}


def _report(
    name: str,
    asked: Question,
    names: Names,
    sections: Sequence[Section],
    total: Sums | None = None,
) -> Report:
    language, terms = asked.language, asked.terms
    only = [
        names.of(Key(key), value, language)
        for key, value in (
            ("queue", asked.only.queue),
            ("team", asked.only.team),
            ("agent", asked.only.agent),
            ("dialled", asked.only.dialled),
        )
        if value is not None
    ]
    days = asked.first.isoformat()
    if asked.last != asked.first:
        days += f" – {asked.last.isoformat()}"
    made = datetime.fromtimestamp(min(asked.as_of, asked.whole.ended_at) / 1000, asked.zone)
    about = [
        (say("days", language), days),
        (say("only", language), ", ".join(only) or say("everything", language)),
        (say("zone", language), asked.zone.key),
        (say("made", language), made.strftime("%Y-%m-%d %H:%M")),
        ("X", f"{terms.within_s} {say('seconds', language)}"),
        ("s", f"{terms.short_s} {say('seconds', language)}"),
        ("w", f"{terms.window_h} {say('hours', language)}"),
    ]
    headline = []
    if total is not None:
        values = figures(HEADLINE, total, terms)
        headline = [(figure(n, language), v) for n, v in zip(HEADLINE, values, strict=True)]
    return Report(
        name=name,
        title=say(name, language),
        language=language,
        zone=asked.zone,
        about=about if name != "formulas" else (),
        headline=headline,
        sections=sections,
        terms=terms,
    )


def _text(word: str, asked: Question) -> Column:
    return Column(name=word, title=say(word, asked.language))


def _in_order(group: tuple[object, ...]) -> tuple[object, ...]:
    """Nobody's last."""
    return tuple((part is None, "" if part is None else part) for part in group)
