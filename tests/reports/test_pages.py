"""A report holds the figures of the ledger, says its formulas, and is harmless wherever it is opened."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from acd.core.agent import AgentState
from acd.reports import pages, sections
from acd.reports.facts import ABANDONED, ANSWERED, Kind
from acd.reports.fairness import overtaken
from acd.reports.formulas import FORMULAS
from acd.reports.html import POLICY, STYLE, as_html
from acd.reports.names import Names
from acd.reports.questions import Grouped, Key, Only, Question, Turn
from acd.reports.render import as_csv, as_json, as_text
from acd.reports.sheet import Report
from acd.reports.sums import Sums
from acd.reports.words import WORDS, Language, language_of
from tests.reports.told import DAY, EVIL, NINE, SHANGHAI, Told, a_morning


def question(language: Language = Language.EN) -> Question:
    return Question(first=DAY, last=DAY, zone=SHANGHAI, as_of=NINE + 10**8, language=language)


async def the_day(language: Language = Language.EN) -> Report:
    return await pages.daily(a_morning(), question(language), Names(queues={"hotline": "热线"}))


async def test_the_day_has_the_figures_and_says_their_formulas() -> None:
    report = await the_day()
    by_time = report.sections[0]
    assert [row[0] for row in by_time.rows] == ["09:00", "09:30", "10:00", "Total"]
    names = [column.name for column in by_time.columns]
    total = dict(zip(names, by_time.rows[-1], strict=True))
    assert (total["calls.offered"], total["calls.answered"], total["calls.abandoned"]) == (
        15,
        10,
        5,
    )
    assert total["sl.offered"] == 10 / 15
    used = {formula.name for formula in report.formulas()}
    assert {name for name in names if name != "time"} <= used


@pytest.mark.parametrize("language", Language)
async def test_every_way_of_writing_it_has_the_same_figure_and_every_formula(
    language: Language,
) -> None:
    from rich.console import Console

    report = await the_day(language)
    console = Console(width=400, record=True, file=io.StringIO())
    console.print(as_text(report))
    for text in (as_html(report), as_csv(report), as_json(report), console.export_text()):
        assert "66.7 %" in text or "0.666667" in text or "0.6666666666666666" in text
        for formula in report.formulas():
            assert formula.key in text
    data = json.loads(as_json(report))
    assert data["headline"]["sl.offered"] == 10 / 15
    assert {column["unit"] for section in data["sections"] for column in section["columns"]} >= {
        "count",
        "share",
        "ms",
    }


async def test_no_cell_of_a_spreadsheet_is_run() -> None:
    text = as_csv(await the_day())
    assert text.startswith("\ufeff")  # Or Excel reads Chinese in another code page.
    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in row]
    assert f"'{EVIL}" in cells and "'+8613800138000" in cells
    for cell in cells:
        if cell.startswith(("=", "+", "@", "-", "\t", "\r")):
            float(cell)  # A number of ours at most.


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", Language)
async def test_a_page_asks_nothing_of_the_world_and_runs_nothing(language: Language) -> None:
    text = as_html(await the_day(language))
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "href", "style")]
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "http" not in STYLE and "url(" not in STYLE and "@import" not in STYLE
    assert page.tags.count("svg") > 2
    assert "&lt;script&gt;" in text
    # The browser is told to take no other style than this one, and nothing else at all.
    assert POLICY.startswith("default-src 'none'") and "sha256-" in POLICY
    assert re.search(r"<style>(.*)</style>", text, re.DOTALL)[1] == STYLE  # type: ignore[index]


async def test_a_day_on_which_nothing_happened_is_a_page_too() -> None:
    report = await pages.daily(Told(), question(), Names())
    assert all(not section.rows for section in report.sections if section.name != "side_by_side")
    assert "Nothing happened then." in as_html(report)


async def test_it_says_when_it_was_made_and_what_its_letters_mean() -> None:
    about = dict((await the_day()).about)
    # What became of a caller is known better a day later: the day's end would be no answer.
    assert about["As of"] == "2026-11-22 12:46"
    assert about["Answered in time: within X ="] == "20 s"
    assert "Longest (s)," in as_csv(await the_day()), "a duration says that it is seconds"


async def test_an_agent_without_a_state_has_no_bar() -> None:
    section = next(one for one in (await the_day()).sections if one.name == "agents")
    assert section.chart is None and section.rows


async def test_by_several_keys_and_time() -> None:
    keys = [Key.QUEUE, Key.AGENT]
    report = await pages.service(a_morning(), question(), Names(), keys, by_time=True)
    (section,) = report.sections
    assert [column.name for column in section.columns][:3] == ["time", "queue", "agent"]
    assert section.rows[0][:2] == ["00:00", EVIL]


def test_every_word_is_in_both_languages() -> None:
    assert all(all(pair) and len(pair) == 2 for pair in WORDS.values())
    assert (language_of("zh-CN"), language_of("en"), language_of("fr")) == (1, 0, 0)


def test_the_glossary_has_every_formula() -> None:
    (section,) = pages.glossary(question()).sections
    assert [row[0] for row in section.rows] == [formula.key for formula in FORMULAS.values()]


# Who was overtaken.


def stay(
    name: str, began: int, ended: int, result: str = ANSWERED, queue: str = "q", **body: object
) -> Turn:
    return Turn(
        kind=Kind.STAY,
        began_at=began,
        ended_at=ended,
        subject=f"{name}@{queue}",
        conversation=name,
        queue=queue,
        agent="ana" if result == ANSWERED else None,
        result=result,
        body=json.dumps({"priority": 0, "bonus_ms": 0, "requires": [], "last_agent": None, **body}),
    )


def offer(
    name: str,
    began: int,
    ended: int,
    agent: str = "ana",
    result: str = ANSWERED,
    queue: str = "q",
) -> Turn:
    return Turn(
        kind=Kind.OFFER,
        began_at=began,
        ended_at=ended,
        subject=f"{name}~{agent}~{began}",
        conversation=name,
        queue=queue,
        agent=agent,
        result=result,
    )


@pytest.mark.parametrize(
    ("first", "second", "his_offers", "why"),
    [
        ({}, {"priority": 5}, [], "priority"),
        ({}, {}, [offer("first", 40, 60, "bo", "no-answer")], "ringing"),
        ({}, {"bonus_ms": 10}, [], "bonus"),
        ({}, {}, [offer("first", 20, 30, "ana", "no-answer")], "spared"),
        ({"last_agent": "cy"}, {}, [], "last-agent"),
        ({"requires": ["fridge"]}, {}, [], "skills"),
        ({}, {"bonus_ms": 9}, [], "other"),
        ({"weight": 2}, {"weight": 2, "bonus_ms": 20}, [], "bonus"),
        ({"weight": 2}, {"weight": 2, "bonus_ms": 19}, [], "other"),
        ({}, {"placed_at": -5}, [], "place"),
        ({"placed_at": -9}, {"placed_at": -5}, [], "other"),
        ({"priority": 1}, {"placed_at": -5}, [], "other"),
    ],
)
def test_why_a_later_caller_came_first(
    first: dict[str, object], second: dict[str, object], his_offers: list[Turn], why: str
) -> None:
    facts = [
        stay("first", 0, 100, ABANDONED, **first),
        stay("second", 10, 55, **second),
        offer("second", 50, 55),
        *his_offers,
    ]
    (one,) = overtaken(facts)
    assert (one.stay.conversation, dict(one.why)) == ("first", {why: 1})


@pytest.mark.parametrize(
    ("winner", "why"),
    [
        ({"priority": 5}, "priority"),
        ({"weight": 2}, "weight"),  # 2 × 40 is more than 50.
        ({"bonus_ms": 10}, "bonus"),
        ({"placed_at": -5}, "place"),
        ({"bonus_ms": 9}, None),  # His turn had not come, and an agent of that queue alone took it.
        ({"weight": 2, "priority": -1}, None),
    ],
)
def test_one_order_stands_over_the_queues_of_an_agent(
    winner: dict[str, object], why: str | None
) -> None:
    facts = [
        stay("first", 0, 100, ABANDONED),
        stay("second", 10, 55, queue="sales", **winner),
        offer("second", 50, 55, queue="sales"),
    ]
    assert overtaken(facts) == [], "she has nothing to do with his queue"
    hers = [stay("before", -20, -5), offer("before", -10, -5)]
    found = [(one.stay.conversation, dict(one.why)) for one in overtaken([*hers, *facts])]
    assert found == ([("first", {why: 1})] if why else [])
    rings = offer("first", 40, 60, "bo", "no-answer")
    assert overtaken([*hers, *facts, rings]) == [], "a phone was ringing for him"


async def test_of_one_queue_are_told_whom_other_queues_overtook() -> None:
    """A figure is the same whoever asks for it."""
    facts = [
        stay("before", -20, -5),
        offer("before", -10, -5),
        stay("first", 0, 100),
        stay("second", 10, 55, queue="sales", weight=9),
        offer("second", 50, 55, queue="sales"),
    ]
    for queue in (None, "q", "sales"):
        asked = replace(question(), only=Only(queue=queue))
        report = await pages.fairness(Told(turns=facts), asked, Names())
        assert len(report.sections[0].rows) == (0 if queue == "sales" else 1)


def test_in_order_nobody_is_overtaken() -> None:
    facts = [stay("a", 0, 50), offer("a", 45, 50), stay("b", 10, 60), offer("b", 55, 60)]
    assert overtaken(facts) == []
    # Nor is who gives up before the later one is served, or stands in another queue.
    assert overtaken([stay("a", 0, 50, ABANDONED), stay("b", 10, 60)]) == []


async def test_lines_stand_by_their_names_and_nobodys_is_the_last() -> None:
    def by(key: Key) -> Told:
        total = Sums()
        for _ in range(3):
            total.stay(ANSWERED).wait(1_000)
        values = {Key.REGION: ("江苏", None, "Anhui"), Key.QUEUE: ("q1", "q2")}[key]
        return Told({(0,): total}, by_key={(0, value): total for value in values})

    names = Names(queues={"q1": "Repair", "q2": "Hotline"})
    for key, wanted in (
        (Key.REGION, ["Anhui", "江苏", "(none)"]),
        (Key.QUEUE, ["Hotline", "Repair"]),
    ):
        report = await pages.service(by(key), question(), names, [key], by_time=False)
        assert [row[0] for row in report.sections[0].rows] == wanted
        daily = sections.by_key(question(), key, by(key).by_key or {}, names)
        assert [row[0] for row in daily.rows] == wanted


async def test_a_line_in_which_there_is_nothing_is_left_out() -> None:
    """Ready time is no queue's, so summed by queue it has a line of its own, and that would be all of it."""
    ready, busy = Sums(state_ms=Counter({AgentState.READY: 1_000})), Sums(talks=1, talk_ms=60_000)
    found = {(0, None): ready, (0, "hotline"): busy}
    books = Told({(0,): busy}, by_key=found)
    report = await pages.service(books, question(), Names(), [Key.QUEUE], by_time=False)
    assert [row[0] for row in report.sections[0].rows] == ["hotline"]
    idle = Told({(0,): ready}, by_key={(0, "ana"): ready, (0, None): Sums()})
    report = await pages.service(idle, question(), Names(), [Key.AGENT], by_time=False)
    assert [row[0] for row in report.sections[0].rows] == ["ana"], "he was there, for nothing"


def test_what_is_on_no_list_has_no_line_among_the_lists() -> None:
    asked_of = Sums(scores=Counter({("csat", 5): 40}))
    found: Grouped = {(0, None): asked_of}
    assert sections.beside(question(), Key.LIST, found, Names()) == []
    assert len(sections.beside(question(), Key.QUEUE, found, Names())) == 1


@pytest.mark.parametrize("width", [40, 80, 120, 400])
async def test_no_figure_is_cut_off_on_a_narrow_terminal(width: int) -> None:
    from rich.console import Console

    books = Told({(18,): Sums()}, by_key={(0, "hotline"): busy_hour()})
    report = await pages.service(
        books, question(), Names(queues={"hotline": "热线"}), [Key.QUEUE], by_time=False
    )
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(as_text(report))
    text = console.export_text().partition("Formulas used here")[0]
    assert "…" not in text
    (section,) = report.sections
    for column in section.columns:
        assert column.title in text
    assert text.count("热线") == text.count("Queue") >= (1 if width == 400 else 2)


def busy_hour() -> Sums:
    """Ten answered."""
    (sums, _) = a_morning().by_time.values()
    return sums
