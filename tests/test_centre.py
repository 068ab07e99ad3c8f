"""A centre file becomes a call centre, or is refused with every mistake, its line, and what to do."""

import pytest

from acd.centre import load_centre, parse_centre
from acd.core.configuration import NoAnswerPolicy
from acd.core.ids import NodeId
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


def test_a_good_one():
    centre = parse_centre(GOOD, file="centre.yaml", node=NODE)
    support = centre.configuration.queues["support"]
    assert (support.ring_timeout_ms, support.wrap_up_ms) == (20_000, 0)
    assert support.no_answer is NoAnswerPolicy.RETRY
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
    assert "did you mean 'support'?" in problems[2]


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


@pytest.mark.parametrize("name", ["An~a", "ana|1", "A", "a" * 33, "../x"])
def test_an_id_can_stand_in_a_channel_name_and_in_a_saved_place(name):
    assert "an id has a-z" in _problems(GOOD.replace("  support: {", f"  '{name}': {{", 1))[0]


def test_a_password_in_plain_text_is_refused():
    assert "hash-password" in _problems(GOOD.replace("$argon2id$v=19$x", "secret", 1))[0]


def test_an_unknown_strategy_is_refused_never_replaced():
    broken = GOOD.replace("{name: Sales}", "{name: Sales, strategy: luck}")
    assert "strategy is 'luck'; it takes one of longest-idle" in _problems(broken)[0]


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
    with pytest.raises(BrokenFile, match=r"main\.yaml:"):
        load_centre(file, node=NODE)
