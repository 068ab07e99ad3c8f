"""A running centre reads its file again: as a whole, or not at all, and then it says why."""

import asyncio
import logging
from pathlib import Path

import pytest

from acd.centre.changes import Reloaded
from acd.centre.file import Centre, load_centre, load_files
from acd.core.engine import Engine
from acd.core.ids import NodeId
from acd.core.notices import Supervised
from acd.running_centre import RunningCentre
from acd.switchboard import Switchboard
from ivr.plain_yaml import BrokenFile

GOOD = """\
queues:
  support: {name: Support, overflow: [{after_s: 60, queue: sales}]}
  sales: {name: Sales}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [support], skills: {fridge: 60}}
"""

RING = "rings: [{{requires: {}, for_s: 9}}, anybody]"
# What is written for sales, its line, and what has to be said: what is wrong, and what to do.
BROKEN = {
    "an unknown skill": ("requires: fridges", 3, ("'fridges'", "did you mean 'fridge'?")),
    "an unknown skill in a ring": (
        RING.format("fridges >= 10"),
        3,
        ("'fridges'", "did you mean 'fridge'?"),
    ),
    "an endless overflow": (
        "overflow: [{after_s: 60, queue: support}]",
        2,
        ("circle for ever: support → sales → support", "Take one of these steps out"),
    ),
    "an overflow into itself": (
        "overflow: [{after_s: 60, queue: sales}]",
        3,
        ("circle for ever: sales → sales", "Take one of these steps out"),
    ),
    "a ring that can never match": (
        RING.format("fridge > 50 and fridge < 40"),
        3,
        ("nobody can ever be like that", "Change one of the parts"),
    ),
    "a ring that can never match what its queue requires": (
        "requires: not fridge, " + RING.format("fridge > 50"),
        3,
        ("like the queue requires, 'not fridge'", "Change one of the two"),
    ),
    "a ring of a team that nobody is in": (
        "rings: [{teams: [gas], for_s: 9}, anybody]",
        3,
        ("'gas' is not there", "There are: none"),
    ),
    "a ring that is never reached": (
        "rings: [anybody, {requires: fridge}]",
        3,
        ("the rings after it are never reached",),
    ),
    "a last ring that ends and nothing comes after it": (
        "rings: [{requires: fridge, for_s: 9}]",
        3,
        ("nothing comes after the last ring", "such as - anybody"),
    ),
    "a ring that asks no team": (
        "rings: [{teams: [], for_s: 9}, anybody]",
        3,
        ("teams names none", "Name one, or leave it out"),
    ),
    "an order that its strategy does not go by": (
        "order: [ana]",
        3,
        ("order is for strategy linear only",),
    ),
    "a skill that its strategy does not go by": (
        "strategy: linear, skill: fridge",
        3,
        ("skill is for strategy best-skill or weighted-random only",),
    ),
    "a negative timeout": (
        "ring_timeout_s: -5",
        3,
        ("ring_timeout_s is '-5'", "it takes a whole number, 3 to 300"),
    ),
    "a negative timeout of a ring": (
        "rings: [{requires: fridge, for_s: -9}, anybody]",
        3,
        ("for_s is '-9'", "it takes a whole number, 1 to 86400"),
    ),
    "a negative wait": (
        "longest_wait_s: -1",
        3,
        ("longest_wait_s is '-1'", "it takes a whole number, 0 to 86400"),
    ),
}


def broken(fault: str) -> str:
    return GOOD.replace("{name: Sales}", f"{{name: Sales, {BROKEN[fault][0]}}}")


class Running:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "centre.yaml"
        self.file.write_text(GOOD)
        self.heard: list[Centre] = []
        self.engine = Engine()
        self.switchboard = Switchboard(
            engine=self.engine, now_ms=lambda: 1_750_000_000_000, perform=lambda command: None
        )
        self.centre = RunningCentre(
            self.read(), self.switchboard, read=self.read, changed=self.heard.append
        )
        self.centre.apply()

    def read(self) -> Centre:
        return load_centre(self.file, node=NodeId("pbx1"))


@pytest.fixture
async def running(tmp_path):
    return Running(tmp_path)


async def reload(running: Running, text: str) -> Reloaded:
    running.file.write_text(text)
    return await running.centre.reload()


@pytest.mark.parametrize("fault", BROKEN)
async def test_what_is_broken_is_refused_as_a_whole_and_what_runs_goes_on(fault, running, caplog):
    _, line, words = BROKEN[fault]
    before = running.engine.state.configuration
    with caplog.at_level(logging.ERROR):
        done = await reload(running, broken(fault).replace("Ana", "Changed"))
    assert done.changes == ()
    (problem,) = done.problems
    assert problem.startswith(f"centre.yaml:{line}: ")
    assert all(word in problem for word in words), problem
    assert problem in caplog.text
    assert running.engine.state.configuration is before
    assert running.heard == []


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_does_not_start(fault, tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(broken(fault))
    _, line, words = BROKEN[fault]
    with pytest.raises(BrokenFile) as refused:
        load_centre(file, node=NodeId("pbx1"))
    (problem,) = map(str, refused.value.problems)
    assert problem.startswith(f"centre.yaml:{line}: ")
    assert all(word in problem for word in words), problem


async def test_what_is_no_yaml_at_all_is_refused_too(running):
    (problem,) = (await reload(running, "queues: [")).problems
    assert problem.startswith("centre.yaml:")


async def test_what_is_sound_is_in_force_at_once_for_all_who_go_by_it(running):
    done = await reload(running, GOOD.replace("{name: Sales}", "{name: Sales, weight: 3}"))
    assert str(done) == "queue sales: weight"
    assert running.engine.state.queues["sales"].weight == 3
    assert [centre.configuration.queues["sales"].weight for centre in running.heard] == [3]


async def test_a_file_that_is_gone_changes_nothing(running, caplog):
    running.file.unlink()
    assert (await running.centre.reload()).problems
    assert "cannot be read" in caplog.text
    assert set(running.engine.state.queues) == {"support", "sales"}


async def test_what_is_different_is_told_in_the_words_of_the_file_and_without_any_value(running):
    text = (
        GOOD.replace("name: Ana", "name: Secret")
        .replace("fridge: 60", "fridge: 61")
        .replace("name: Support, ", "name: Support, ring_timeout_s: 9, resume_within_s: 60, ")
        .replace("agents:", "  night: {name: Night}\nagents:")
    )
    done = await reload(
        running,
        text
        + "  bob: {name: Bob, phone: PJSIP/bob}\n"
        + "hours:\n  office: {time_zone: UTC, week: {mon: '09:00-17:00'}}\n"
        + "vip: [gold]\n",
    )
    assert str(done) == (
        "queue night: added; queue support: ring_timeout_s, resume_within_s; "
        "agent ana: name, skills; agent bob: added; hours office: added; centre: vip"
    )
    assert str(await running.centre.reload()) == "nothing is different"
    assert "queue night: removed" in str(await reload(running, GOOD))


async def test_who_had_it_done_is_kept_and_what_was_refused_was_not_done(running):
    heard = []
    running.switchboard.listen(heard.extend)
    running.file.write_text(broken("an unknown skill"))
    await running.centre.reload("ada")
    assert not [one for one in heard if isinstance(one, Supervised)]
    running.file.write_text(GOOD.replace("name: Sales", "name: Verkauf"))
    await running.centre.reload("ada")
    (act,) = [one for one in heard if isinstance(one, Supervised)]
    assert (act.by, act.agent, act.action) == ("ada", None, "reload")
    assert act.detail == "queue sales: name"


async def test_two_at_once_are_one_after_the_other(running):
    running.file.write_text(GOOD.replace("{name: Sales}", "{name: Sales, weight: 3}"))
    first, second = await asyncio.gather(running.centre.reload(), running.centre.reload())
    assert (str(first), str(second)) == ("queue sales: weight", "nothing is different")


SECRETS = ("a secret that nobody guesses", "another one that nobody guesses")
HOOKS = f"crm: {{url: https://crm.example/x, secret: {SECRETS[0]}, events: [call-ended]}}\n"


async def test_what_goes_with_the_centres_file_is_read_with_it_and_holds_with_it(tmp_path):
    """Webhooks and the rule for pay: new ones hold at once, and a fault in one file leaves all as it was."""
    hooks, pay = tmp_path / "webhooks.yaml", tmp_path / "pay.yaml"
    hooks.write_text(HOOKS)
    pay.write_text("per_call: 0.8\n")
    running = Running(tmp_path)
    follow_ups = "follow_ups:\n  check: {queue: support, why: Well, share: no}\n"

    def read() -> Centre:
        return load_files(
            running.file, webhooks=hooks, pay_rule=pay, events=["call-ended"], node=NodeId("pbx1")
        )

    running.centre = RunningCentre(
        read(), running.switchboard, read=read, changed=running.heard.append
    )
    hooks.write_text(HOOKS.replace(SECRETS[0], SECRETS[1]))
    pay.write_text("per_call: 0.9\n")
    running.file.write_text(GOOD + "follow_ups:\n  check: {queue: support, why: Well}\n")
    done = await running.centre.reload()
    assert str(done) == "follow-up check: added; webhook crm: secret; centre: pay_rule"
    assert not any(secret in str(done) for secret in SECRETS)
    (heard,) = running.heard
    assert heard.webhooks[0].secret == SECRETS[1] and str(heard.pay_rule.per_call) == "0.9"
    running.file.write_text(GOOD + follow_ups)
    hooks.write_text(HOOKS.replace("https", "ftp"))
    pay.write_text("per_call: a lot\n")
    broken = await running.centre.reload()
    assert [problem.partition(":")[0] for problem in broken.problems] == [
        "centre.yaml",
        "pay.yaml",
        "webhooks.yaml",
    ]
    assert running.heard == [heard] and running.centre.centre is heard
