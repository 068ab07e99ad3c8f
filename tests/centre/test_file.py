"""A centre file becomes a call centre, or is refused with every mistake, its line, and what to do."""

import re

import pytest

from acd.cases.follow_up import FollowUpRule
from acd.centre.file import load_centre, parse_centre, with_calendars
from acd.core.callback import CallbackRule
from acd.core.configuration import Announcements, Membership, MissedPolicy, Overflow, WrapUpMode
from acd.core.customer import DAY_MS, RepeatRule
from acd.core.hours import is_open
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.survey import SurveyRule
from ivr.plain_yaml import BrokenFile

NODE = NodeId("pbx1")
GOOD = """\
queues:
  support: {name: 客服, ring_timeout_s: 20, wrap_up_s: 0, no_answer: retry}
  sales: {name: Sales}
agents:
  ana: {name: 安娜, phone: PJSIP/ana, queues: [support, sales]}
users:
  ana: {role: agent, agent: ana, password_hash: $argon2id$v=19$x}
  boss: {role: supervisor, password_hash: $argon2id$v=19$x}
"""


def _problems(text: str) -> list[str]:
    with pytest.raises(BrokenFile) as refused:
        parse_centre(text, file="centre.yaml", node=NODE)
    return str(refused.value).splitlines()


def test_a_system_needs_no_password():
    users = parse_centre(GOOD + "  crm: {role: router}\n", file="centre.yaml", node=NODE).users
    assert users["crm"].password_hash is None


def test_a_good_one():
    centre = parse_centre(GOOD, file="centre.yaml", node=NODE)
    support = centre.configuration.queues["support"]
    assert (support.ring_timeout_ms, support.wrap_up_ms) == (20_000, 0)
    assert support.no_answer is MissedPolicy.RETRY
    assert centre.configuration.agents["ana"].queues == ("support", "sales")
    assert centre.users["boss"].agent is None


def test_all_mistakes_are_told_at_once_each_with_its_line():
    broken = (
        GOOD.replace("[support, sales]", "[suport]")
        .replace("ring_timeout_s: 20", "ring_timeout_s: -1")
        .replace("no_answer: retry", "no_answer: shout")
        .replace("role: supervisor", "role: king")
    )
    problems = _problems(broken)
    assert [line.split(":")[1] for line in problems] == ["2", "2", "5", "8"]
    assert any("did you mean 'support'?" in problem for problem in problems)


def test_what_is_after_a_call_and_after_none():
    rules = (
        "wrap_up: locked, wrap_up_s: 20, wrap_up_extension_s: 60, no_answers: 3, "
        "no_answer_rest_s: 4, reject: not-ready, rejects: 2, reject_rest_s: 9"
    )
    text = GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
    text = text.replace("queues: [support, sales]", "queues: [sales], client_grace_s: 30")
    configuration = parse_centre(text, file="centre.yaml", node=NODE).configuration
    sales = configuration.queues["sales"]
    assert (sales.wrap_up, sales.wrap_up_ms, sales.wrap_up_extension_ms) == (
        WrapUpMode.LOCKED,
        20_000,
        60_000,
    )
    assert (sales.no_answer, sales.no_answers) == (MissedPolicy.NOT_READY, 3)
    assert (sales.reject, sales.rejects) == (MissedPolicy.NOT_READY, 2)
    assert (sales.no_answer_rest_ms, sales.reject_rest_ms) == (4_000, 9_000)
    assert configuration.queues["support"].reject is MissedPolicy.RETRY
    assert configuration.agents["ana"].client_grace_ms == 30_000


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("wrap_up: sometimes", "it takes one of none, optional, timed, locked"),
        ("wrap_up: none, wrap_up_s: 20", "wrap_up: none says not at all"),
        ("wrap_up: locked, wrap_up_s: 0", "wrap_up: locked needs a time"),
        ("no_answer: retry, no_answers: 3", "counts only for no_answer: not-ready"),
        ("rejects: 3", "counts only for reject: not-ready"),
        ("reject: shout", "it takes one of not-ready, retry"),
        ("reject_rest_s: -1", "it takes a whole number, 0 to 3600"),
        ("reject: not-ready, reject_rest_s: 9", "leaves nobody so. Give rejects more than 1"),
        ("no_answer_rest_s: 9", "leaves nobody so. Give no_answers more than 1"),
        ("no_answers: 0", "it takes a whole number, 1 to 100"),
        ("wrap_up_extension_s: -1", "it takes a whole number, 0 to 3600"),
    ],
)
def test_what_cannot_be_meant_after_a_call_is_refused(rules, problem):
    (said,) = _problems(GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}"))
    assert problem in said


@pytest.mark.parametrize(
    "phone",
    [
        "PJSIP/a&PJSIP/b",
        "PJSIP/a/sip:evil@host",
        "Local/x@internal",
        "PJSIP/x@trunk",
        "SIP/a",
        "PJSIP/",
    ],
)
def test_a_phone_is_one_phone_of_ours_and_nothing_else(phone):
    assert "is not of the form PJSIP/name" in _problems(GOOD.replace("PJSIP/ana", phone))[0]


def test_who_has_no_phone_of_his_own_needs_a_desk_to_log_in_at():
    without, desks = (
        GOOD.replace(" phone: PJSIP/ana,", ""),
        "desks:\n  d1: {name: D, phone: PJSIP/d1}\n",
    )
    centre = parse_centre(without + desks, file="centre.yaml", node=NODE)
    assert centre.configuration.agents[AgentId("ana")].device == ""
    assert centre.configuration.devices == ("PJSIP/d1",)
    (problem,) = _problems(without)
    assert problem.endswith(
        "agent 'ana': has no phone, such as PJSIP/ana, and there are no desks to log in at"
    )


def test_a_desk_has_a_phone_that_is_no_agents_and_no_other_desks():
    desks = "desks:\n  d1: {name: Window 1, phone: PJSIP/d1}\n"
    centre = parse_centre(GOOD + desks, file="centre.yaml", node=NODE)
    (desk,) = centre.configuration.desks.values()
    assert (desk.id, desk.name, desk.device) == ("d1", "Window 1", "PJSIP/d1")
    assert centre.configuration.devices == ("PJSIP/ana", "PJSIP/d1")
    bad = "  d2: {name: B, phone: PJSIP/ana}\n  d3: {name: C, phone: PJSIP/d1}\n  d4: {phone: x}\n"
    assert _problems(GOOD + desks + bad) == [
        "centre.yaml:11: desk 'd2': PJSIP/ana is the phone of agent 'ana'; a desk has one of its own",
        "centre.yaml:12: desk 'd3': PJSIP/d1 is the phone of desk 'd1'; a desk has one of its own",
        "centre.yaml:13: desk 'd4': a desk needs 'name': what people call it",
        "centre.yaml:13: desk 'd4': phone 'x' is not of the form PJSIP/name",
    ]


@pytest.mark.parametrize("name", ["An~a", "ana|1", "A", "a" * 33, "../x"])
def test_an_id_can_stand_in_a_channel_name_and_in_a_saved_place(name):
    assert "an id has a-z" in _problems(GOOD.replace("  support: {", f"  '{name}': {{", 1))[0]


def test_a_password_in_plain_text_is_refused():
    assert "hash-password" in _problems(GOOD.replace("$argon2id$v=19$x", "secret", 1))[0]


def test_an_unknown_strategy_is_refused_never_replaced():
    broken = GOOD.replace("{name: Sales}", "{name: Sales, strategy: luck}")
    assert "strategy is 'luck'; it takes one of longest-idle" in _problems(broken)[0]
    (near,) = _problems(broken.replace("luck", "ring-al"))
    assert near.startswith("centre.yaml:3:") and "did you mean 'ring-all'?" in near


@pytest.mark.parametrize("text", ["", "- a", "queues: {}", "a: &a [*a]", "x" * 10_000])
def test_nonsense_is_refused_and_never_crashes(text):
    assert _problems(text)


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(BrokenFile, match="CORDBOARD_CENTRE says where it is"):
        load_centre(tmp_path / "none.yaml", node=NODE)


def test_our_own_menus_fit_a_centre_with_their_queues(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(GOOD)
    assert "main" in load_centre(file, node=NODE).configuration.menus


def test_a_menu_that_names_a_queue_which_is_not_there_is_refused(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(
        GOOD.replace("  sales: {name: Sales}\n", "").replace("[support, sales]", "[support]")
    )
    with pytest.raises(BrokenFile, match=r"main\.yaml:") as refused:
        load_centre(file, node=NODE)
    assert "CORDBOARD_MENUS names a folder of your own" in str(refused.value)


WHOLE = """\
queues:
  support:
    name: Support
    strategy: best-skill
    skill: fridge
    requires: chinese
    rings:
      - {requires: fridge >= 60, for_s: 20}
      - {teams: [hotline], for_s: 40}
      - anybody
    last_agent_s: 20
    weight: 2
    repeat_bonus_s: 60
    segment_bonus_s: {vip: 120}
    most_waiting: 50
    longest_wait_s: 900
    when_unstaffed: leave
    hours: office
    at_closing: leave
    overflow:
      - {after_s: 60, also: [sales]}
      - {waiting: 20, waiting_per_agent: 3, ahead: 10, expected_wait_s: 300, leave: callback}
      - {after_s: 120, queue: sales}
    exit_keys: {1: voicemail, "#": operator}
    resume_within_s: 300
  sales: {name: Sales, strategy: linear, order: [bob, ana]}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [support], team: hotline, skills: {chinese: 80, fridge: 90}}
  bob: {name: Bob, phone: PJSIP/bob, queues: [sales]}
hours:
  office: {time_zone: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}, holidays: CN}
"""


def test_everything_that_a_queue_can_say():
    centre = parse_centre(WHOLE, file="centre.yaml", node=NODE)
    rules = centre.configuration.queues["support"]
    assert [ring.for_ms for ring in rules.rings] == [20_000, 40_000, 0]
    assert rules.overflow == (
        Overflow(after_ms=60_000, also=(QueueId("sales"),)),
        Overflow(waiting=20, per_agent=3, ahead=10, expected_ms=300_000, leave="callback"),
        Overflow(after_ms=120_000, queue=QueueId("sales")),
    )
    assert rules.resume_ms == 300_000
    assert rules.exit_keys == {"1": "voicemail", "#": "operator"}
    assert rules.segment_bonus_ms == {"vip": 120_000}
    assert centre.configuration.agents["ana"].skills == {"chinese": 80, "fridge": 90}
    monday = 1_780_884_000_000  # 2026-06-08 10:00 in Shanghai.
    calendar = with_calendars(centre, monday).calendars["office"]
    assert is_open(calendar, monday)
    assert not is_open(calendar, monday + 12 * 3_600_000)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("requires: chinese", "requires: chinees", "did you mean 'chinese'?"),
        ("fridge >= 60", "fridge >= 60 and fridge < 50", "nobody can ever be like that"),
        ("fridge >= 60", "fridge >= 160", "column"),
        ("teams: [hotline]", "teams: [hotlin]", "did you mean 'hotline'?"),
        ("hours: office", "hours: ofice", "did you mean 'office'?"),
        ("last_agent_s: 20", "last_agent_s: -20", "it takes a whole number"),
        ("queue: sales}", "queue: sale}", "did you mean 'sales'?"),
        ("queue: sales}", "queue: support}", "overflow in a circle for ever: support → support"),
        ("also: [sales]", "also: [sale]", "did you mean 'sales'?"),
        ("also: [sales]", "also: [support]", "names the queue itself"),
        (
            "also: [sales]",
            "also: [sales], leave: x",
            "does one thing: give it one of also, queue, leave",
        ),
        ("{after_s: 60, also: [sales]}", "{also: [sales]}", "does not say when"),
        ("{after_s: 60, also: [sales]}", "{after_s: 60}", "does one thing"),
        ("{after_s: 60, ", "{after_s: -60, ", "it takes a whole number"),
        ("{after_s: 60, ", "{after_s: 900, ", "never reached: longest_wait_s is 900"),
        ("waiting: 20", "waiting: 51", "never reached: most_waiting is 50"),
        ("ahead: 10", "ahead: 50", "never reached: most_waiting is 50"),
        ("leave: callback", "leave: 'call,back'", "cannot be a CORDBOARD_RESULT"),
        ("also: [sales]", "queue: sales", "is never reached: after 60 s a step before it"),
        ("{after_s: 60, also: [sales]}", "{after_s: 120, queue: sales}", "is there already"),
        ("    hours: office\n", "", "at_closing needs 'hours'"),
        (
            "last_agent_s: 20",
            "last_agent_s: 600\n    longest_wait_s: 600",
            "is already given on line",
        ),
        (
            "longest_wait_s: 900",
            "longest_wait_s: 20",
            "until he is given back: longest_wait_s is 20",
        ),
        ("- {requires: fridge >= 60, for_s: 20}", "- anybody", "rings after it are never reached"),
        ("resume_within_s: 300", "resume_within_s: -300", "it takes a whole number, 0 to 3600"),
        ("expected_wait_s", "expected_s", "did you mean 'expected_wait_s'?"),
        ("{1: voicemail", "{x: voicemail", "'x' is no key of a phone"),
        ("voicemail", "'a,b(c)'", "cannot be a CORDBOARD_RESULT"),
        (", for_s: 20}", "}", "needs 'for_s'"),
        ("    skill: fridge\n", "", "strategy best-skill needs 'skill'"),
        ("when_unstaffed: leave", "when_unstaffed: panic", "it takes one of wait, leave"),
        ("order: [bob, ana]", "order: [bob, anna]", "did you mean 'ana'?"),
        ("fridge: 90", "fridge: 190", "it takes a whole number, 0 to 100"),
        ("fridge: 90", "and: 90", "is no name for a skill"),
        ("Asia/Shanghai", "Asia/Shangai", "Asia/Shanghai"),
        ("- anybody", "- nobody", "it takes one of anybody"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_what_to_do(written, instead, said):
    assert written in WHOLE
    problems = _problems(WHOLE.replace(written, instead))
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("centre.yaml:") for problem in problems)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("record_stereo: yes", "'record_stereo' needs 'record': always or on-request"),
        ("record: always, record_stereo: both", "it takes one of yes, no"),
        (
            "record: on-request, record_aside: yes, record_stereo: yes",
            "what is said aside is not in it: leave out record_aside or record_stereo",
        ),
    ],
)
def test_stereo_is_refused_where_it_cannot_be_meant(rules: str, said: str):
    people = "agents: {x: {name: X, phone: PJSIP/x, queues: [a]}}\n"
    (problem,) = _problems(f"queues: {{a: {{name: A, {rules}}}}}\n{people}")
    assert problem.startswith("centre.yaml:1:") and said in problem


def test_every_circle_of_overflows_is_told_with_its_way_and_no_other():
    def queue(*to: str) -> str:
        steps = ", ".join(
            f"{{after_s: {60 + n}, waiting: 5, queue: {name}}}" for n, name in enumerate(to)
        )
        return f"{{name: N, overflow: [{steps}]}}"

    queues = {"a": ("b", "c"), "b": ("d",), "c": ("d", "a"), "d": (), "e": ("e", "a")}
    text = "queues:\n" + "".join(f"  {name}: {queue(*to)}\n" for name, to in queues.items())
    problems = _problems(text + "agents: {x: {name: X, phone: PJSIP/x}}\n")
    assert problems == [
        "centre.yaml:2: callers would overflow in a circle for ever: a → c → a. "
        "Take one of these steps out",
        "centre.yaml:6: callers would overflow in a circle for ever: e → e. "
        "Take one of these steps out",
    ]


@pytest.mark.slow
def test_a_very_long_way_of_overflows_is_no_circle_and_no_harm():
    lines = [
        f"  q{n}: {{name: N, overflow: [{{after_s: 9, queue: q{n + 1}}}]}}\n" for n in range(1_500)
    ]
    text = (
        "queues:\n"
        + "".join(lines)
        + "  q1500: {name: N}\nagents: {x: {name: X, phone: PJSIP/x}}\n"
    )
    assert len(parse_centre(text, file="centre.yaml", node=NODE).configuration.queues) == 1_501


def test_eleven_rings_are_too_many():
    ring = "      - {requires: fridge >= 60, for_s: 20}\n"
    assert "10 are the most" in _problems(WHOLE.replace(ring, ring * 9))[0]


def test_a_menu_that_asks_for_a_skill_nobody_has_is_refused(tmp_path):
    file, menus = tmp_path / "centre.yaml", tmp_path / "menus"
    file.write_text(GOOD)
    menus.mkdir()
    menu = "menu: m\nstart: a\nsteps:\n  a: {queue: support, requires: klingon}\n"
    (menus / "m.yaml").write_text(menu)
    with pytest.raises(BrokenFile, match=r"m\.yaml:4: .*klingon"):
        load_centre(file, menus=menus, node=NODE)


def test_where_all_phones_ring_nobody_is_sent_on_a_break_unless_the_file_says_so():
    def queue(rules: str):
        text = GOOD.replace("name: Sales", f"name: Sales, {rules}")
        return parse_centre(text, file="centre.yaml", node=NODE).configuration.queues["sales"]

    assert queue("strategy: ring-all").no_answer is MissedPolicy.RETRY
    assert queue("strategy: ring-all, no_answer: not-ready").no_answer is MissedPolicy.NOT_READY
    assert queue("strategy: linear").no_answer is MissedPolicy.NOT_READY
    assert queue("strategy: ring-all, ring_at_most: 5").phones_at_once == 5
    assert queue("strategy: linear").phones_at_once == 1
    assert (queue("strategy: ring-all").spare_ms, queue("strategy: linear").spare_ms) == (
        5_000,
        30_000,
    )
    assert queue("spare_s: 600").spare_at_most_ms == 600_000
    (problem,) = _problems(GOOD.replace("name: Sales", "name: Sales, spare_at_most_s: 9"))
    assert "spare_at_most_s is less than spare_s, 30" in problem
    (problem,) = _problems(GOOD.replace("name: Sales", "name: Sales, ring_at_most: 5"))
    assert "only strategy ring-all rings more than one at once" in problem


def test_a_repeat_rule_is_the_queues_own_or_else_the_centres():
    day, week = 86_400_000, 7 * 86_400_000
    text = GOOD.replace(
        "{name: Sales}",
        "{name: Sales, repeat: {window_s: 604800, counts: answered, channels: [call, chat], reasons: [a]}}",
    )
    configuration = parse_centre(text, file="centre.yaml", node=NODE).configuration
    assert configuration.queues["support"].repeat == configuration.repeat == RepeatRule()
    assert configuration.queues["sales"].repeat == RepeatRule(
        window_ms=week, answered_only=True, channels=("call", "chat"), reasons=("a",)
    )
    assert configuration.repeat_window_ms == week
    same = parse_centre("repeat: {reasons: same}\n" + text, file="centre.yaml", node=NODE)
    assert same.configuration.repeat == RepeatRule(same_reason=True)
    hour = parse_centre("repeat: {window_s: 3600}\n" + text, file="centre.yaml", node=NODE)
    assert hour.configuration.queues["support"].repeat.window_ms == 3_600_000 < day


@pytest.mark.parametrize(
    "said",
    [
        "{window_s: 0}",
        "{counts: some}",
        "{channels: [pigeon]}",
        "{window: 1}",
        "24h",
        "{reasons: all}",
    ],
)
def test_a_repeat_rule_that_cannot_be_meant_is_refused(said):
    assert _problems(f"repeat: {said}\n{GOOD}")[0].startswith("centre.yaml:1:")


@pytest.mark.parametrize("header", ["call-info", "alert-info", "answer-mode", "no"])
def test_a_phone_picks_up_by_itself_by_a_header_that_we_know_and_no_other(header):
    text = GOOD.replace("phone: PJSIP/ana", f"phone: PJSIP/ana, auto_answer: {header}")
    agent = parse_centre(text, file="centre.yaml", node=NODE).configuration.agents["ana"]
    assert agent.auto_answer.value == header
    evil = text.replace(f"auto_answer: {header}", 'auto_answer: "Alert-Info: x"')
    assert "it takes one of no, call-info, alert-info, answer-mode" in _problems(evil)[0]


def test_an_agent_may_serve_a_queue_as_a_reserve():
    text = GOOD.replace("[support, sales]", "{support: {}, sales: {level: 2, after_s: 30}}")
    agent = parse_centre(text, file="centre.yaml", node=NODE).configuration.agents["ana"]
    assert agent.queues == ("support", "sales")
    assert agent.membership("sales") == Membership(level=2, after_ms=30_000)
    assert agent.membership("support") == Membership()


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{suport: {}}", "did you mean 'support'?"),
        ("{sales: {after: 30}}", "did you mean 'after_s'?"),
        ("{sales: {after_s: -1}}", "after_s"),
        ("{sales: {level: 101}}", "level"),
        ("{sales: 3}", "queue sales"),
    ],
)
def test_a_reserve_that_cannot_be_meant_is_refused_with_its_line(written, problem):
    problems = _problems(GOOD.replace("[support, sales]", written))
    assert problems[0].startswith("centre.yaml:5:") and problem in problems[0], problems


def test_a_router_comes_before_the_queues_own_strategy():
    def sales(rules: str):
        text = GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
        return parse_centre(text, file="centre.yaml", node=NODE).configuration.queues["sales"]

    queue = sales("strategy: external, route_ms: 800, otherwise: round-robin")
    assert (queue.strategy, queue.route_ms, queue.phones_at_once) == ("round-robin", 800, 1)
    assert (sales("strategy: external").strategy, sales("strategy: external").route_ms) == (
        "longest-idle",
        500,
    )
    for rules, problem in (
        ("strategy: external, route_ms: 9000", "route_ms"),
        ("strategy: external, otherwise: ring-all", "it takes one of longest-idle"),
        ("strategy: external, otherwise: best-skill", "needs 'skill'"),
        ("strategy: linear, route_ms: 500", "route_ms is for strategy external only"),
    ):
        broken = GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
        assert problem in _problems(broken)[0], rules
    user = "  ruth: {role: router, password_hash: $argon2id$v=19$x}\n"
    assert parse_centre(GOOD + user, file="centre.yaml", node=NODE).users["ruth"].role == "router"


TREE = """\
dispositions:
  solved: {name: Solved}
  complaint:
    name: Complaint
    reason: true
    below:
      delivery: {name: Delivery, below: {late: {name: Too late}, damaged: {name: Damaged}}}
"""


def test_dispositions_are_a_tree_of_codes_that_are_reasons_from_where_it_says_so():
    rules = "dispositions: [delivery, solved], disposition: required, repeat: {reasons: [delivery]}"
    text = TREE + GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
    configuration = parse_centre(text, file="centre.yaml", node=NODE).configuration
    tree = configuration.dispositions
    assert [(one.code, one.above, one.is_reason) for one in tree.values()] == [
        ("solved", None, False),
        ("complaint", None, True),
        ("delivery", "complaint", True),
        ("late", "delivery", True),
        ("damaged", "delivery", True),
    ]
    sales = configuration.queues["sales"]
    assert (sales.dispositions, sales.must_dispose) == (("delivery", "solved"), True)
    assert sales.repeat.reasons == ("delivery", "late", "damaged"), "a branch means all below it"
    assert not configuration.queues["support"].must_dispose


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (TREE.replace("late:", "solved:"), "in the tree already"),
        (TREE.replace("late:", "undisposed:"), "what we say where nobody said anything"),
        (TREE.replace("late:", "Too late:"), "is no code"),
        (TREE.replace("{name: Too late}", "{}"), "takes 'word: value' lines"),
        (TREE.replace("name: Too late", "name: Late, reason: false"), "a part of, is one"),
        (TREE.replace("name: Too late", "name: Late, reason: maybe"), "it takes true or false"),
    ],
)
def test_a_tree_that_cannot_be_meant_is_refused(broken, problem):
    assert any(problem in said for said in _problems(broken + GOOD))


@pytest.mark.parametrize(
    ("tree", "rules", "problem"),
    [
        ("", "disposition: required", "no dispositions in this file to choose from"),
        (TREE, "disposition: required, wrap_up_s: 0", "he needs time to choose one"),
        (TREE, "disposition: sometimes", "it takes one of required, optional"),
        (TREE, "dispositions: [solvd]", "did you mean 'solved'?"),
    ],
)
def test_a_queue_asks_for_a_disposition_that_can_be_chosen(tree, rules, problem):
    (said,) = _problems(tree + GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}"))
    assert problem in said


def test_what_is_announced():
    rules = "announce: {first_s: 15, every_s: 45, position: true, wait: true, prompts: [a/b]}"
    text = GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
    sales = parse_centre(text, file="centre.yaml", node=NODE).configuration.queues["sales"]
    assert sales.announcements == Announcements(
        first_ms=15_000, every_ms=45_000, position=True, wait=True, prompts=("a/b",)
    )


@pytest.mark.parametrize(
    ("announce", "why"),
    [
        ("{first_s: 15}", "nothing would be said: give position, wait or prompts"),
        ("{position: false}", "nothing would be said"),
        ("{position: true, every_s: 5}", "every_s is '5'; it takes a whole number, 10 to 3600"),
        ("{position: true, first_s: 0}", "first_s is '0'; it takes a whole number, 1 to 3600"),
        ("{position: maybe}", "it takes true or false"),
        ("{positon: true}", "did you mean 'position'?"),
        ("{prompts: [../secret]}", "'../secret' is no sound"),
        ("loud", "an announcement"),
    ],
)
def test_what_cannot_be_announced_is_refused(announce, why):
    problems = _problems(GOOD.replace("{name: Sales}", f"{{name: Sales, announce: {announce}}}"))
    assert any(one.startswith("centre.yaml:3:") and why in one for one in problems), problems


def test_what_is_whispered_is_sounds_and_few():
    rules = "whisper: [support-line, digits/1], whisper_repeat: [called-before]"
    text = GOOD.replace("{name: Sales}", f"{{name: Sales, {rules}}}")
    sales = parse_centre(text, file="centre.yaml", node=NODE).configuration.queues["sales"]
    assert (sales.whisper, sales.whisper_repeat) == (
        ("support-line", "digits/1"),
        ("called-before",),
    )
    for words, why in (
        ("[../secret]", "'../secret' is no sound"),
        ("[a, b, c, d, e]", "whisper has 5; 4 are the most"),
        ("beep", "whisper takes a list"),
    ):
        (problem,) = _problems(GOOD.replace("{name: Sales}", f"{{name: Sales, whisper: {words}}}"))
        assert problem.startswith("centre.yaml:3:") and why in problem, problem


AFTER_CALL = """\
menu: after-call
start: pleased
steps:
  pleased: {survey: {scale: csat, prompts: [vm-press], then: bye, otherwise: bye}}
  bye: {dialplan: done}
"""


@pytest.mark.parametrize(
    ("said", "menu", "problem"),
    [
        ("after-cal", AFTER_CALL, "there is no menu 'after-cal'; did you mean 'after-call'?"),
        (
            "after-call",
            AFTER_CALL.replace("{dialplan: done}", "{queue: support}"),
            "a step 'queue'",
        ),
        (
            "after-call",
            "menu: after-call\nstart: bye\nsteps: {bye: {dialplan: done}}\n",
            "asks nothing",
        ),
        ("{menu: after-call, share_percent: 101}", AFTER_CALL, "share_percent is '101'"),
    ],
)
def test_a_survey_that_nobody_could_answer_is_refused(tmp_path, said, menu, problem):
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "after.yaml").write_text(menu)
    file = tmp_path / "centre.yaml"
    text = f"queues:\n  support: {{name: Support, survey: {said}}}\nagents:\n  ana: {{name: Ana, phone: PJSIP/ana}}\n"
    file.write_text(text)
    with pytest.raises(BrokenFile, match=re.escape(problem)):
        load_centre(file, menus=tmp_path / "menus", node=NODE)
    file.write_text(text.replace(said, "{menu: after-call, share_percent: 25, not_again_days: 7}"))
    (tmp_path / "menus" / "after.yaml").write_text(AFTER_CALL)
    rules = load_centre(file, menus=tmp_path / "menus", node=NODE).configuration.queues
    assert rules["support"].survey == SurveyRule(
        menu="after-call", share_percent=25, not_again_ms=7 * DAY_MS
    )


CALL_ME_BACK = """\
menu: call-me-back
start: really
steps:
  really: {choose: {prompts: [call-you-back], keys: {1: same, 2: other}, otherwise: wait}}
  other: {number: {prompts: [your-number], then: same, otherwise: wait}}
  same: {call_back: support, then: bye, otherwise: wait}
  bye: {hang_up: [we-call-you]}
  wait: {queue: support}
"""
CALLS_BACK = """\
queues:
  support: {name: Support, callback: CALLBACK, exit_keys: {9: voicemail}}
agents:
  ana: {name: Ana, phone: PJSIP/ana}
outbound:
  queue: support
  routes: {country: {endpoint: trunk, prefixes: ["+86"], caller_id: "+861065550000"}}
"""


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{key: 1, menu: call-me-bak}", "there is no menu 'call-me-bak'; did you mean"),
        ("{key: 1, menu: main}", "menu 'main' calls nobody back: it has no step 'call_back'"),
        ("{key: 9}", "key 9 is an exit key already"),
        ("{key: 12}", "'12' is no key of a phone"),
        ("{menu: call-me-back}", "menu is where the key leads; give it a key"),
        ("{key: 1, attempts: 0}", "attempts is '0'"),
        ("{key: 1, hours: office}", "hours 'office' is not there"),
    ],
)
def test_a_callback_that_could_not_be_paid_is_refused(tmp_path, said, problem):
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "back.yaml").write_text(CALL_ME_BACK)
    main = "menu: main\nstart: bye\nsteps: {bye: {dialplan: done}}\n"
    (tmp_path / "menus" / "main.yaml").write_text(main)
    file = tmp_path / "centre.yaml"

    def load(callback: str, text: str = CALLS_BACK):
        file.write_text(text.replace("CALLBACK", callback))
        return load_centre(file, menus=tmp_path / "menus", node=NODE).configuration

    with pytest.raises(BrokenFile, match=re.escape(problem)):
        load(said)
    with pytest.raises(BrokenFile, match="this file has no outbound routes"):
        load("{key: 1}", CALLS_BACK.partition("outbound:")[0])
    with pytest.raises(BrokenFile, match="queue 'support' has no 'callback', which step 'same'"):
        load("", CALLS_BACK.replace("callback: CALLBACK, ", ""))
    full = "{key: 1, menu: call-me-back, other_number: yes, attempts: 2, again_after_min: 5, keep_h: 4}"
    assert load(full).queues["support"].callback == CallbackRule(
        key="1",
        menu="call-me-back",
        other_number=True,
        attempts=2,
        again_ms=300_000,
        keep_ms=4 * 3_600_000,
    )


FOLLOWED = """\
queues: {support: {name: Support}, callbacks: {name: Callbacks}}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [callbacks]}
hours:
  office: {time_zone: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}}
follow_ups:
  check:
    queue: callbacks
    why: Does it work?
    calls: {queue: support, outcomes: [solved], share_percent: 20, every_day: true}
    promises: true
    attempts: 5
    again_after_min: 60
    between: 10:00-19:30
    hours: office
    idle_s: 5
    answer_s: 15
"""


def test_everything_that_a_follow_up_can_say():
    centre = parse_centre(FOLLOWED, file="centre.yaml", node=NODE)
    assert centre.follow_ups == {
        "check": FollowUpRule(
            id="check",
            queue=QueueId("callbacks"),
            why="Does it work?",
            of_queue=QueueId("support"),
            outcomes=("solved",),
            share_percent=20,
            every_day=True,
            promises=True,
            attempts=5,
            again_ms=3_600_000,
            begins_min=600,
            ends_min=1170,
            hours="office",
            idle_ms=5_000,
            answer_ms=15_000,
        )
    }
    for written, instead, said in (
        ("10:00-19:30", "19:30-10:00", "ends before it begins"),
        ("10:00-19:30", "morning", "is not of the form"),
        ("queue: callbacks", "queue: callback", "did you mean 'callbacks'"),
        ("check:", "Check!:", "a name has a-z"),
    ):
        with pytest.raises(BrokenFile, match=re.escape(said)):
            parse_centre(FOLLOWED.replace(written, instead), file="c.yaml", node=NODE)
    two = f"{FOLLOWED}  other: {{queue: callbacks, why: x, promises: true}}\n"
    with pytest.raises(BrokenFile, match="another follow-up has them already"):
        parse_centre(two, file="c.yaml", node=NODE)
