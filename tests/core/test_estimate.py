"""The forecast against a queue whose truth is known, and its silence when it is wrong."""

from random import Random

import pytest

from acd.core.crew import Crew
from acd.core.estimate import Experience, Forecast, _gamma_quantile
from acd.core.handlers import waiting
from acd.core.ids import AgentId, QueueId
from acd.core.notices import CallQueued
from acd.core.requests import BecomeNotReady
from tests.core.rules import with_rules
from tests.play import SALES, SUPPORT, Play, call_id, centre


def seasoned(handling_ms: int = 60_000, gave_up: float = 0.0) -> Experience:
    experience = Experience()
    for number in range(200):
        experience.handled(handling_ms)
        experience.left(gave_up=number < 200 * gave_up)
    return experience


# From tables of the chi-square distribution: a gamma of shape k is half a chi-square of 2k degrees.
@pytest.mark.parametrize(
    ("shape", "z", "true"),
    [(1, 0, 0.6931), (2, 0, 1.6783), (5, 0, 4.6709), (1, 0.8416, 1.6094), (5, 0.8416, 6.7210)],
)
def test_the_quantile_is_within_two_percent(shape, z, true):
    assert _gamma_quantile(shape, 1.0, z) == pytest.approx(true, rel=0.02)


def test_with_a_free_agent_nobody_waits():
    forecast = Experience().forecast(ahead=0, free=1, agents=5, at=0)
    assert forecast == Forecast(at=0, median_ms=0, upper_ms=0)


def test_nothing_is_said_where_nothing_is_known():
    assert Experience().forecast(ahead=3, free=0, agents=2, at=0) is None
    assert seasoned().forecast(ahead=3, free=0, agents=0, at=0) is None


def test_it_grows_with_the_queue_and_shrinks_with_agents_and_with_those_who_give_up():
    def median(ahead: int, agents: float, gave_up: float = 0.0) -> int:
        forecast = seasoned(gave_up=gave_up).forecast(ahead=ahead, free=0, agents=agents, at=0)
        assert forecast is not None
        assert forecast.median_ms < forecast.upper_ms
        return forecast.median_ms

    assert median(1, 2) < median(5, 2) < median(20, 2)
    assert median(20, 4) < median(20, 2)
    assert median(20, 2, gave_up=0.5) < median(20, 2)


def test_in_a_busy_centre_the_upper_figure_holds_for_eight_of_ten_and_the_median_for_half():
    """Exponential talks, all agents busy: the truth is the gamma distribution, drawn here call by call."""
    random = Random(7)
    experience = seasoned(60_000)
    for _ in range(200):
        ahead, agents = random.randrange(12), random.randrange(2, 9)
        forecast = experience.forecast(ahead=ahead, free=0, agents=agents, at=0)
        assert forecast is not None
        waited = sum(random.expovariate(agents / 60_000) for _ in range(ahead + 1))
        experience.served(forecast, round(waited))
    assert experience.upper_held == pytest.approx(0.8, abs=0.07)
    assert experience.median_held == pytest.approx(0.5, abs=0.09)
    assert experience.good


def test_a_poor_forecast_is_not_told():
    experience = seasoned(1_000)  # It believes in talks of a second; they last a minute.
    for _ in range(50):
        forecast = experience.forecast(ahead=5, free=0, agents=2, at=0)
        assert forecast is not None
        experience.served(forecast, 180_000)
    assert not experience.good


def test_a_few_lucky_forecasts_are_no_score():
    experience = seasoned()
    for _ in range(19):
        experience.served(Forecast(at=0, median_ms=1, upper_ms=2), 1)
    assert not experience.good


# In the engine.


def test_who_joins_a_queue_with_a_free_agent_is_told_no_wait_and_nothing_is_known_at_first():
    play = Play(centre())
    play.arrives("c1")
    (queued,) = play.told(CallQueued)
    assert queued.forecast is not None and queued.forecast.upper_ms == 0
    play = Play(centre(), ready=())
    play.arrives("c1")
    assert play.told(CallQueued)[0].forecast is None


def test_a_queue_learns_from_its_talks_and_counts_who_is_ahead():
    play = Play(centre({"ana": ("support", "sales")}, wrap_up_ms=0))
    for number in range(3):
        play.arrives(f"c{number}").picks_up(f"c{number}").bridged(f"c{number}")
        leg = play.leg(f"c{number}")
        play.after(seconds=60).hangs_up(f"c{number}").hangs_up(leg)
    play.arrives("talks").picks_up("talks").bridged("talks")
    play.arrives("first")
    play.arrives("second")
    first, second = play.told(CallQueued)[-2:]
    assert first.forecast.median_ms < second.forecast.median_ms
    # One agent, a minute for each call, and nobody in the other queue: half are taken within 0.69 minutes.
    assert first.forecast.median_ms == pytest.approx(41_600, rel=0.02)
    assert not first.forecast_good, "four forecasts are no score"


def shared(weight: int = 1) -> Play:
    """One agent of two queues, who talks; a call takes a minute in both, and nobody gives up."""
    both = with_rules(centre({"ana": ("support", "sales")}), queue=SALES, weight=weight)
    play = Play(both)
    for queue in (SUPPORT, SALES):
        play.engine.state.experience[queue] = seasoned(60_000)
    return play.arrives("talks").picks_up("talks").bridged("talks")


def median_of(play: Play, name: str) -> int:
    (queued,) = [one for one in play.told(CallQueued) if one.call == call_id(name)]
    assert queued.forecast is not None
    return int(queued.forecast.median_ms)


def test_who_is_ahead_in_another_queue_of_his_agents_is_ahead_of_him():
    alone = median_of(shared().arrives("c1"), "c1")
    play = shared().arrives("before", queue="sales").after(seconds=1)
    behind = median_of(play.arrives("c1"), "c1")
    assert behind == median_of(shared().arrives("before").after(seconds=1).arrives("c1"), "c1")
    assert behind > 2 * alone


def test_by_how_much_he_is_ahead_there_is_a_matter_of_weight():
    # For 30 s in a queue of weight 3 others have to wait a minute and a half.
    play = shared(weight=3).arrives("c1").after(seconds=60)
    play.arrives("then", queue="sales").after(seconds=30)
    call = play.engine.state.calls[call_id("c1")]
    forecast = waiting.forecast(play.engine.state, call, play.now)
    assert forecast is not None
    assert forecast.median_ms == median_of(play, "c1"), "90 s against 90 s: he came first"
    play.after(seconds=10)
    forecast = waiting.forecast(play.engine.state, call, play.now)
    assert forecast is not None and forecast.median_ms > median_of(play, "c1")


def test_who_is_on_a_break_takes_no_calls():
    def with_bob(state: type | None) -> int:
        play = Play(centre())
        play.engine.state.experience[SUPPORT] = seasoned(60_000)
        for name in ("t1", "t2"):
            play.arrives(name).picks_up(name).bridged(name)
        if state is not None:
            play.tell(state(at=play.now, request="r", by="b", agent=AgentId("bob"), reason="lunch"))
        return median_of(play.arrives("c1"), "c1")

    assert with_bob(BecomeNotReady) == pytest.approx(2 * with_bob(None), rel=0.01)


# Who serves what.


def test_the_crew_knows_what_queues_share():
    crew = Crew()
    a, b, c = QueueId("a"), QueueId("b"), QueueId("c")
    crew.set(AgentId("1"), (a, b))
    crew.set(AgentId("2"), (a, b, c))
    crew.set(AgentId("3"), (b,))
    crew.set(AgentId("4"), (c,))
    assert (crew.agents(a), crew.agents(b), crew.agents(c)) == (2, 3, 2)
    assert crew.neighbours(a) == ((b, 2 / 3), (c, 1 / 2))
    crew.set(AgentId("2"), ())
    crew.set(AgentId("3"), (c,))
    assert crew.neighbours(a) == ((b, 1.0),)
    assert crew.neighbours(c) == ()
    assert (crew.agents(b), crew.agents(c)) == (1, 2)


def test_of_many_queues_those_that_share_most_count():
    crew = Crew()
    queues = tuple(QueueId(f"q{number:02}") for number in range(40))
    crew.set(AgentId("all"), queues)
    crew.set(AgentId("two"), (queues[0], queues[39]))
    neighbours = [queue for queue, _ in crew.neighbours(queues[0])]
    assert neighbours[0] == queues[39] and len(neighbours) == 12


def test_who_gives_up_is_remembered_and_who_was_answered_has_not():
    play = Play(centre({"ana": ("support",)}), ready=())
    play.arrives("c1").after(seconds=5).hangs_up("c1")
    experience = play.engine.state.experience_of(SUPPORT)
    assert experience.stays == 0
    play.ready("ana").arrives("c2").picks_up("c2").bridged("c2").hangs_up("c2")
    assert experience.stays == 0.5


def test_of_who_is_ahead_elsewhere_counts_what_falls_to_his_agents():
    whole = median_of(shared().arrives("c0", queue="sales").after(seconds=1).arrives("c1"), "c1")
    play = Play(centre({"ana": ("support", "sales"), "bob": ("sales",)}))
    for queue in (SUPPORT, SALES):
        play.engine.state.experience[queue] = seasoned(60_000)
    for name in ("t1", "t2"):
        play.arrives(name, "sales").picks_up(name).bridged(name)
    play.arrives("c0", "sales").after(seconds=1).arrives("c1")
    assert median_of(shared().arrives("c1"), "c1") < median_of(play, "c1") < whole


def test_of_all_kinds_of_callers_those_ahead_are_counted():
    play = Play(centre({"ana": ("support",)}))
    play.engine.state.experience[SUPPORT] = seasoned(60_000)
    play.arrives("talks").picks_up("talks").bridged("talks")
    for name in ("c1", "c2"):
        play.arrives(name)
        play.engine.state.calls[call_id(name)].requires = ("fridge",) if name == "c1" else ()
        play.engine.state.wait(play.engine.state.calls[call_id(name)])
    play.arrives("c3")
    (queued,) = [one for one in play.told(CallQueued) if one.call == call_id("c3")]
    expected = seasoned(60_000).forecast(ahead=2, free=0, agents=1, at=play.now)
    assert queued.forecast == expected
