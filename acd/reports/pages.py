"""Puts reports together: what is asked of the ledger, and which sections stand on which page; draws nothing."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from acd.reports import sections
from acd.reports.calendar import Interval, intervals
from acd.reports.facts import Kind
from acd.reports.formula import Unit
from acd.reports.formulas import FORMULAS
from acd.reports.names import TREES, Names
from acd.reports.pay import PayRule, pay
from acd.reports.questions import Books, Cut, Grouped, Key, Question
from acd.reports.sheet import Column, Report, Section, Value, figure, figures
from acd.reports.sums import Sums, added
from acd.reports.words import say

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
# What the figures of each line of the page of a day are sums of; `sections` says which they are.
_BESIDE = (Kind.SURVEY, Kind.SCORE, Kind.CALLBACK, Kind.ATTEMPT)
_IN_TIME = (Kind.STAY, Kind.REFUSAL, Kind.TALK)
_OF_CALLERS = (*_IN_TIME, Kind.CALL, *_BESIDE)
_OF_AGENTS = (Kind.TALK, Kind.OFFER, Kind.STATE, Kind.CALL, *_BESIDE)
# Keys that are asked for at once are cut apart here; agents alone, for what they do just now.
CUTS = (
    Cut(),
    Cut(by_time=True, of=_IN_TIME),
    Cut(by=(Key.QUEUE, Key.DIALLED, Key.REGION), of=_OF_CALLERS),
    Cut(by=(Key.REASON, Key.OUTCOME), of=_OF_CALLERS),
    Cut(by=(Key.TEAM,), of=_OF_AGENTS),
    Cut(by=(Key.AGENT, Key.LIST), of=_OF_AGENTS),
)
_MOST_LINES = 50  # Of a list on the page of a day; the list itself has all.


async def daily(books: Books, asked: Question, names: Names) -> Report:
    """The page that a manager reads in the morning."""
    lines = intervals(asked.first, asked.last, asked.zone, asked.step)
    (whole, by_line, *by_keys), gave_up, overtaken = await asyncio.gather(
        books.cut(lines, CUTS, only=asked.only, terms=asked.terms, as_of=asked.as_of),
        sections.gave_up(books, asked, names, _MOST_LINES),
        sections.overtaken(books, asked, names, _MOST_LINES),
    )
    total = added(whole.values())
    by_time = {line: sums for (line,), sums in by_line.items()}
    shown = [sections.by_time(asked, lines, by_time, total)]
    by_key = {
        key: folded(found, n)
        for cut, found in zip(CUTS[2:], by_keys, strict=True)
        for n, key in enumerate(cut.by)
    }
    for key in (Key.QUEUE, Key.DIALLED, Key.REGION, Key.REASON, Key.OUTCOME, Key.TEAM, Key.AGENT):
        found = by_key[key]
        if key in (Key.QUEUE, Key.AGENT) or any(group[1] is not None for group in found):
            shown.append(sections.by_key(asked, key, found, names))
            shown += sections.beside(asked, key, found, names)
    shown += sections.beside(asked, Key.LIST, by_key[Key.LIST], names)
    shown += [sections.side_by_side(asked, total), gave_up, overtaken]
    return _report("daily", asked, names, shown, total)


async def of_agent(books: Books, asked: Question, names: Names) -> Report:
    """What one agent has done: his figures, and for how long he did what."""
    found = await _sums(books, asked, [asked.whole], Key.AGENT)
    return _report("agent", asked, names, [sections.by_key(asked, Key.AGENT, found, names)])


async def service(
    books: Books, asked: Question, names: Names, by: Sequence[Key], *, by_time: bool
) -> Report:
    """Figures by whatever is asked for, and by time or over all of it."""
    lines = intervals(asked.first, asked.last, asked.zone, asked.step)
    if not by:
        by_line = await _by_line(books, asked, lines)
        total = added(by_line.values())
        shown = [
            sections.by_time(asked, lines, by_line, total),
            sections.side_by_side(asked, total),
        ]
        return _report("service", asked, names, shown, total)
    found = await _sums(books, asked, lines if by_time else [asked.whole], *by)
    if len(by) == 1 and by[0] in TREES and not by_time:
        return _report(
            "service",
            asked,
            names,
            [sections.by_branch(asked, by[0], found, names, sections.CALLERS)],
        )
    columns = [sections.text(sections.WORDS[key][1], asked) for key in by]
    wanted = sections.WORDS[by[0]][2] if len(by) == 1 else sections.SERVICE
    if by_time:
        columns = [sections.text("time", asked), *columns]
    rows = [
        [*([lines[line].label] if by_time else []), *called, *values]
        for line, called, values, _ in sections.lines_of(asked, by, found, names, wanted)
    ]
    section = Section(
        name="service",
        title=say(sections.WORDS[by[0]][0], asked.language),
        columns=[*columns, *(figure(name, asked.language) for name in wanted)],
        rows=rows,
    )
    return _report("service", asked, names, [section])


async def gave_up(books: Books, asked: Question, names: Names) -> Report:
    """The list to call back from."""
    return _report("abandoned", asked, names, [await sections.gave_up(books, asked, names, None)])


async def fairness(books: Books, asked: Question, names: Names) -> Report:
    """Who was overtaken, and why."""
    return _report("overtaken", asked, names, [await sections.overtaken(books, asked, names, None)])


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
        columns=[sections.text("agent", asked), *numbers],
        rows=rows,
        note=rule.text(),
    )
    return _report("pay", asked, names, [section])


def glossary(asked: Question) -> Report:
    """Every formula there is."""
    columns = [sections.text(word, asked) for word in ("formula", "value", "how", "whose")]
    rows = [
        [formula.key, formula.title[asked.language], formula.text[asked.language], formula.source]
        for formula in FORMULAS.values()
    ]
    title = say("formulas", asked.language)
    section = Section(name="formulas", title=title, columns=columns, rows=rows)
    return _report("formulas", asked, Names(), [section])


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
    shown: Sequence[Section],
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
    made = datetime.fromtimestamp(asked.as_of / 1000, asked.zone)
    about = [
        (say("days", language), days),
        (say("only", language), ", ".join(only) or say("everything", language)),
        (say("zone", language), asked.zone.key),
        (say("made", language), made.strftime("%Y-%m-%d %H:%M")),
        (say("within", language), f"{terms.within_s} {say('seconds', language)}"),
        (say("short", language), f"{terms.short_s} {say('seconds', language)}"),
        (say("window", language), f"{terms.window_h} {say('hours', language)}"),
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
        sections=shown,
        terms=terms,
    )
