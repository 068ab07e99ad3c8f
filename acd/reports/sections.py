"""The sections of reports: which figures stand in which table, and what is drawn beside them; adds nothing up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from acd.core.agent import OUTSIDE, AgentState
from acd.reports.calendar import Interval
from acd.reports.fairness import overtaken as who_was_overtaken
from acd.reports.formula import Unit
from acd.reports.formulas import FORMULAS, SIDE_BY_SIDE
from acd.reports.names import TREES, Names
from acd.reports.questions import Books, Grouped, Key, Question
from acd.reports.roll_up import rolled_up
from acd.reports.sheet import Chart, Column, Section, Value, figure, figures
from acd.reports.sums import Sums, added
from acd.reports.survey_formulas import OF_SURVEYS
from acd.reports.words import say

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
    "answer.rate",
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
ATTEMPTS = ("attempts.made", "attempts.reached", "attempts.refused")
# What stands beside the figures of a line where there is any: what it is called, its figures, how many there are.
_BESIDE: Sequence[tuple[str, Sequence[str], Callable[[Sums], int]]] = (
    (
        "surveys",
        [formula.name for formula in OF_SURVEYS],
        lambda sums: sums.scores.total() + sums.surveys.total(),
    ),
    (
        "callbacks",
        ("callbacks.asked", "callbacks.reached", "callbacks.failed"),
        lambda sums: sums.callbacks.total(),
    ),
    ("attempts", ATTEMPTS, lambda sums: sums.attempts.total()),
)
WORDS = {
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


def by_time(
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
        columns=[text("time", asked), *(figure(name, asked.language) for name in SERVICE)],
        rows=rows,
        note=say("by_arrival", asked.language),
        chart=chart if rows else None,
    )


def by_branch(
    asked: Question, key: Key, found: Grouped, names: Names, wanted: Sequence[str]
) -> Section:
    """A line for each branch of the tree and for what is below it, and all of it at the end."""
    title, word, _ = WORDS[key]
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
        columns=[text(word, asked), *(figure(name, asked.language) for name in wanted)],
        rows=rows,
        levels=[*(line.level for line in lines), 0] if rows else (),
        note=say("by_branch", asked.language) if any(line.level for line in lines) else "",
    )


def by_key(asked: Question, key: Key, found: Grouped, names: Names) -> Section:
    """As it stands on the page of a day."""
    title, word, wanted = WORDS[key]
    if wanted is CALLERS:
        wanted = (*SERVICE, "repeat.rate", "fcr")
    if key in TREES:
        return by_branch(asked, key, found, names, wanted)
    shown = lines_of(asked, (key,), found, names, wanted)
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
        columns=[text(word, asked), *(figure(name, asked.language) for name in wanted), *states],
        rows=rows,
        chart=_states_chart(asked, [(called[0], sums) for _, called, _, sums in shown])
        if states and any(sums.state_ms for _, _, _, sums in shown)
        else None,
    )


def lines_of(
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


def beside(asked: Question, key: Key, found: Grouped, names: Names) -> list[Section]:
    """What callers think, by queue and by agent, and whom agents have called; nothing, where there was nothing."""
    sections = []
    for name, figures_of, how_many in _BESIDE:
        wanted = [group for group in sorted(found, key=_in_order) if how_many(found[group])]
        if key is Key.LIST:  # What is on no list has no line among the lists.
            wanted = [group for group in wanted if group[1] is not None]
        if key not in (Key.QUEUE, Key.AGENT, Key.LIST) or not wanted:
            continue
        rows = [
            [
                names.of(key, group[1], asked.language),
                *figures(figures_of, found[group], asked.terms),
            ]
            for group in wanted
        ]
        title = f"{say(name, asked.language)}: {say(WORDS[key][0], asked.language)}"
        columns = [
            text(WORDS[key][1], asked),
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


def side_by_side(asked: Question, total: Sums) -> Section:
    """The same day by the formulas of others."""
    rows: list[list[Value]] = []
    for name in SIDE_BY_SIDE:
        formula = FORMULAS[name]
        value = formula.compute(total, asked.terms)
        rows.append([formula.key, value, formula.text[asked.language], formula.source])
    value_column = Column(name="value", title=say("value", asked.language), unit=Unit.SHARE)
    return Section(
        name="side_by_side",
        title=say("side_by_side", asked.language),
        columns=[text("formula", asked), value_column, text("how", asked), text("whose", asked)],
        rows=rows,
    )


async def gave_up(books: Books, asked: Question, names: Names, most: int | None) -> Section:
    """Who gave up, `most` of them, those not reached first."""
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
            text("caller", asked),
            text("number", asked),
            text("queue", asked),
            Column(name="times", title=say("times", asked.language), unit=Unit.COUNT),
            Column(name="first", title=say("first", asked.language), unit=Unit.TIME),
            Column(name="last", title=say("last", asked.language), unit=Unit.TIME),
            Column(name="longest", title=say("longest", asked.language), unit=Unit.DURATION),
            Column(name="reached", title=say("reached", asked.language), unit=Unit.TIME),
            text("by", asked),
        ],
        rows=rows,
        note=note,
    )


async def overtaken(books: Books, asked: Question, names: Names, most: int | None) -> Section:
    """Who was overtaken, `most` of them, and by which rule."""
    # By callers of any queue, so all of them are read.
    everybody = replace(asked.only, queue=None)
    queue = asked.only.queue
    found = [
        one
        for one in who_was_overtaken(await books.one_by_one(asked.whole, only=everybody))
        if queue is None or one.stay.queue == queue
    ]
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
            text("call", asked),
            text("queue", asked),
            Column(name="joined", title=say("joined", asked.language), unit=Unit.TIME),
            Column(name="waited", title=say("waited", asked.language), unit=Unit.DURATION),
            Column(name="times", title=say("overtakes", asked.language), unit=Unit.COUNT),
            text("why", asked),
            text("became", asked),
        ],
        rows=rows,
        note=note,
    )


def text(word: str, asked: Question) -> Column:
    """A column of words."""
    return Column(name=word, title=say(word, asked.language))


def _in_order(group: tuple[object, ...]) -> tuple[object, ...]:
    """Nobody's last."""
    return tuple((part is None, "" if part is None else part) for part in group)
