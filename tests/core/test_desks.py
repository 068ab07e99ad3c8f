"""Agents at desks that are not their own: whose phone rings, who may sit where, and what becomes of it later."""

from dataclasses import replace

from acd.core import events, requests
from acd.core.commands import RingAgent
from acd.core.configuration import Configuration, Desk, Duties
from acd.core.events import DeviceState, RestoredAgent, ShiftRestored
from acd.core.ids import AgentId, DeskId
from acd.core.notices import Accepted, AgentStateChanged, Reason, Refused, Supervised
from acd.core.permits import Action, allowed, standing_of
from tests.play import NODE, SALES, Play, Said, centre

ANA, BOB = AgentId("ana"), AgentId("bob")
WINDOW, DOOR = DeskId("window"), DeskId("door")
ALL = {name: Desk(id=name, name=name.title(), device=f"PJSIP/{name}") for name in (WINDOW, DOOR)}


def with_desks(*names: DeskId) -> Configuration:
    return replace(centre(), desks={name: ALL[name] for name in names})


def play() -> Play:
    return Play(with_desks(WINDOW, DOOR), ready=())


def log_in(play: Play, agent: str, desk: str | None = None, by: str | None = None) -> Play:
    desk_id = DeskId(desk) if desk is not None else None
    name, another = AgentId(agent), by is not None
    return play.tell(
        requests.LogIn(
            at=play.now, request="r", by=by or agent, agent=name, by_another=another, desk=desk_id
        )
    )


def ready(play: Play, agent: str, desk: str) -> Play:
    return log_in(play, agent, desk).ready(agent).skip()


def log_out(play: Play, agent: str) -> Play:
    return play.tell(
        requests.LogOut(at=play.now, request="r", by=agent, agent=AgentId(agent))
    ).skip()


def phone(play: Play, device: str, state: DeviceState) -> Play:
    return play.tell(
        events.DeviceChanged(at=play.now, node=NODE, device=f"PJSIP/{device}", state=state)
    ).skip()


def reload(play: Play, *names: DeskId) -> Play:
    return play.tell(events.Configured(at=play.now, configuration=with_desks(*names))).skip()


def gives_up(play: Play, call: str) -> Play:
    """The caller hangs up, and then the agent's leg is gone."""
    leg = play.leg(call)
    return play.hangs_up(call).hangs_up(leg).skip()


def last(play: Play, agent: str) -> AgentStateChanged:
    return [told for told in play.told(AgentStateChanged) if told.agent == agent][-1]


def rung(play: Play) -> list[str]:
    return [command.device for command in play.told(RingAgent)]


def test_from_log_in_to_log_out_only_the_phone_of_the_desk_counts():
    day = play()
    phone(day, "ana", DeviceState.UNAVAILABLE)
    log_in(day, "ana", "window").then(Accepted)
    assert last(day, "ana").desk == ALL[WINDOW]
    day.ready("ana").arrives("c1")
    assert rung(day) == ["PJSIP/window"]
    gives_up(day, "c1")
    phone(day, "ana", DeviceState.INUSE).after(seconds=30)
    assert day.state("ana") == "ready", "his own phone is nobody's concern"
    phone(day, "window", DeviceState.UNAVAILABLE).after(seconds=11)
    assert last(day, "ana").causes == (("device-lost", "UNAVAILABLE"),)
    phone(day, "window", DeviceState.NOT_INUSE)
    log_out(day, "ana")
    assert (last(day, "ana").state, last(day, "ana").desk) == ("logged-out", None)
    ready(day, "bob", "window")
    phone(day, "ana", DeviceState.NOT_INUSE).ready("ana")
    day.arrives("c2").arrives("c3")
    assert sorted(rung(day)[1:]) == ["PJSIP/ana", "PJSIP/window"]


def test_a_desk_that_is_not_there_or_taken_is_refused_and_so_is_moving_with_a_call_in_hand():
    day = play()
    log_in(day, "ana", "roof").then(Said(Refused, reason=Reason.UNKNOWN_DESK))
    assert day.state("ana") == "logged-out"
    ready(day, "ana", "window")
    log_in(day, "bob", "window").then(Said(Refused, reason=Reason.DESK_TAKEN))
    assert day.state("bob") == "logged-out"
    day.arrives("c1").skip()
    log_in(day, "ana", "door").then(Said(Refused, reason=Reason.CALL_IN_HAND))
    log_in(day, "ana", "window").then(Accepted)
    gives_up(day, "c1")
    log_in(day, "ana", "door", by="sue").then(
        Accepted, Said(Supervised, action="log-in", detail="door")
    )
    assert day.state("ana") == "ready", "who moves is on shift all the while"
    log_in(day, "ana").then(Accepted)
    assert last(day, "ana").desk == ALL[DOOR], "to log in once more changes nothing"
    log_in(day, "bob", "window").then(Accepted)


def test_other_duties_and_another_centre_file_leave_him_where_he_sits():
    day = play()
    ready(day, "ana", "window")
    day.tell(
        requests.ChangeDuties(
            at=day.now, request="r", by="sue", agent=ANA, duties=Duties(queues=(SALES,))
        )
    )
    day.arrives("c1", "sales")
    assert rung(day) == ["PJSIP/window"]
    gives_up(day, "c1")
    moved = replace(with_desks(WINDOW), desks={WINDOW: replace(ALL[WINDOW], device="PJSIP/new")})
    day.tell(events.Configured(at=day.now, configuration=moved)).arrives("c2")
    assert rung(day) == ["PJSIP/window", "PJSIP/new"]


def test_whose_desk_is_taken_away_finishes_his_call_and_is_off_shift():
    day = play()
    ready(day, "ana", "window")
    ready(day, "bob", "door")
    day.arrives("c1").picks_up("c1").bridged("c1").skip()
    assert day.state("ana") == "busy-acd"
    reload(day)
    assert (day.state("bob"), last(day, "bob").desk) == ("logged-out", None)
    assert (last(day, "ana").pending, last(day, "ana").desk) == ("logged-out", ALL[WINDOW])
    day.ready("ana")
    assert last(day, "ana").pending == "logged-out", "not to be taken back: there is no phone"
    gives_up(day, "c1")
    reload(day)
    assert (day.state("ana"), last(day, "ana").desk) == ("wrap-up", ALL[WINDOW])
    day.after(seconds=30)
    assert (day.state("ana"), last(day, "ana").desk) == ("logged-out", None)


def test_whose_desk_is_back_before_his_call_is_over_stays():
    day = play()
    ready(day, "ana", "window")
    day.arrives("c1").picks_up("c1").bridged("c1").skip()
    reload(day, DOOR)
    reload(day, WINDOW)
    day.hangs_up("c1").after(seconds=40)
    assert (day.state("ana"), last(day, "ana").desk) == ("ready", ALL[WINDOW])


def test_who_is_taken_out_of_the_file_with_his_desk_is_gone():
    day = play()
    ready(day, "ana", "window")
    ready(day, "bob", "door")
    day.arrives("c1").picks_up("c1").bridged("c1").skip()
    nobody = replace(with_desks(), agents={})
    day.tell(events.Configured(at=day.now, configuration=nobody))
    assert list(day.engine.state.agents) == [ANA]
    day.tell(events.Configured(at=day.now, configuration=replace(with_desks(WINDOW), agents={})))
    log_in(day.skip(), "ana", "window").then(Accepted)
    log_in(day, "ana", "door").then(Said(Refused, reason=Reason.UNKNOWN_DESK))
    day.hangs_up("c1").after(seconds=40)
    assert not day.engine.state.agents


def test_over_our_restart_he_sits_where_he_sat_if_that_is_there():
    day = Play(with_desks(WINDOW), ready=())
    shift = (RestoredAgent(agent=BOB, desk=DOOR), RestoredAgent(agent=ANA, desk=WINDOW))
    day.tell(ShiftRestored(at=day.now, agents=shift)).arrives("c1")
    assert rung(day) == ["PJSIP/window"]
    assert last(day, "bob").state == "logged-out", "which the ledger has to hear"


def without_phone(*names: DeskId) -> Configuration:
    """Ana has no phone of her own."""
    configuration = with_desks(*names)
    ana = replace(configuration.agents[ANA], device="")
    return replace(configuration, agents=configuration.agents | {ANA: ana})


def test_who_has_no_phone_of_his_own_is_on_shift_at_a_desk_or_not_at_all():
    configuration = without_phone(WINDOW, DOOR)
    bob = replace(configuration.agents[BOB], device="")
    day = Play(replace(configuration, agents=configuration.agents | {BOB: bob}), ready=())
    assert day.engine.state.configuration.devices == ("PJSIP/window", "PJSIP/door")
    log_in(day.skip(), "ana").then(Said(Refused, reason=Reason.NO_PHONE))
    ready(day, "ana", "window")
    log_in(day, "ana").then(Accepted)  # Where she is.
    assert (last(day, "ana").state, last(day, "ana").desk) == ("ready", ALL[WINDOW])
    ready(day, "bob", "door")
    # The phone that neither has is none that they share.
    day.arrives("c1").picks_up("c1").bridged("c1").arrives("c2").picks_up("c2").bridged("c2")
    assert sorted(rung(day)) == ["PJSIP/door", "PJSIP/window"]
    gives_up(day, "c1").after(seconds=40)
    log_out(day, "ana")
    log_in(day, "ana").then(Said(Refused, reason=Reason.NO_PHONE))


def test_whose_own_phone_is_taken_away_finishes_his_call_at_it():
    day = Play(with_desks(DOOR))
    day.arrives("c1").picks_up("c1").bridged("c1").skip()
    (ana,) = {one.agent for one in day.told(RingAgent)}
    assert ana == ANA
    day.tell(events.Configured(at=day.now, configuration=without_phone(DOOR))).skip()
    assert (day.state("ana"), last(day, "ana").pending) == ("busy-acd", "logged-out")
    gives_up(day, "c1").after(seconds=40)
    assert day.state("ana") == "logged-out"
    log_in(day.skip(), "ana").then(Said(Refused, reason=Reason.NO_PHONE))
    log_in(day, "ana", "door").then(Accepted)
    day = Play(with_desks(DOOR))
    day.tell(events.Configured(at=day.now, configuration=without_phone(DOOR)))
    assert day.state("ana") == "logged-out", "he has nothing to finish"


def whose_phone_is_taken_away() -> Play:
    """Ana talks, and her phone is hers no more."""
    day = Play(with_desks(DOOR), ready=("ana",))
    day.arrives("c1").picks_up("c1").bridged("c1")
    return day.tell(events.Configured(at=day.now, configuration=without_phone(DOOR))).skip()


def test_whose_phone_is_taken_away_keeps_it_for_her_call_whatever_her_duties_become():
    day = whose_phone_is_taken_away()
    duties = Duties(queues=(SALES,))
    day.tell(
        requests.ChangeDuties(at=day.now, request="r", by="boss", agent=ANA, duties=duties)
    ).skip()
    assert day.engine.state.agents[ANA].profile.device == "PJSIP/ana"
    gives_up(day, "c1").after(seconds=40)
    assert day.state("ana") == "logged-out"


def test_whose_phone_is_taken_away_is_shown_that_she_may_leave_her_wrap_up():
    day = gives_up(whose_phone_is_taken_away(), "c1")
    ana = day.engine.state.agents[ANA]
    assert (ana.state, ana.state_to_come) == ("wrap-up", "logged-out")
    assert Action.LOG_OUT in allowed(standing_of(ana))
    log_out(day, "ana")
    assert day.state("ana") == "logged-out"


def test_over_our_restart_nobody_is_on_shift_at_a_phone_that_he_has_not():
    day = Play(without_phone(DOOR), ready=())
    day.tell(ShiftRestored(at=day.now, agents=(RestoredAgent(agent=ANA),)))
    assert last(day, "ana").state == "logged-out"
