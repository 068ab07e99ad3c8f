"""Reads the rules of a queue from the centre file, and blames what cannot be meant; mends nothing.

Every word, with what holds if it is not given: docs/centre/centre.yaml.
"""

from collections.abc import Mapping
from dataclasses import replace

import yaml

from acd.centre.callbacks import read_callback
from acd.centre.overflow import Limits, read_overflow
from acd.centre.repeats import read_repeat_rule
from acd.centre.surveys import read_survey
from acd.centre.words import (
    DAY_S,
    MOST_CALLS,
    Known,
    choice_of,
    items_of,
    name_of,
    names_of,
    one_of,
    requirement,
    result_of,
)
from acd.core.configuration import (
    RING_ALL,
    Announcements,
    MissedPolicy,
    QueueRules,
    Ring,
    WrapUpMode,
)
from acd.core.ids import AgentId, QueueId
from acd.core.recording import RecordWhen
from acd.core.strategies import STRATEGIES
from ivr.loader import PROMPT
from ivr.plain_yaml import Reader, quoted
from ivr.steps import KEYS

MOST_RINGS = 10
EXTERNAL = "external"
_ROUTE_MS = 500
MOST_PROMPTS = 4
_WORDS = (
    *("strategy", "skill", "order", "ring_timeout_s", "wrap_up_s", "no_answer"),
    *("spare_s", "hold_music", "requires", "rings", "last_agent_s", "weight"),
    *("repeat", "repeat_bonus_s", "segment_bonus_s"),
    *("most_waiting", "longest_wait_s", "when_unstaffed"),
    *("hours", "at_closing", "overflow", "exit_keys", "resume_within_s", "ring_at_most"),
    *("spare_at_most_s", "no_answers", "wrap_up", "wrap_up_extension_s", "route_ms", "otherwise"),
    *("no_answer_rest_s", "reject", "rejects", "reject_rest_s"),
    *("dispositions", "disposition", "whisper", "whisper_repeat", "announce"),
    *("record", "record_consent", "record_aside", "record_stereo", "survey", "callback"),
)
_HOUR_S = 3_600
_NEEDS_SKILL = ("best-skill", "weighted-random")
MEANING: Mapping[str, str] = {"name": "what people call it"}


def read_queue(reader: Reader, name: str, node: yaml.Node, known: Known) -> QueueRules:
    """The rules of one queue; `reader.problems` says what is wrong with them."""
    words = reader.words(node, "a queue", required=("name",), optional=_WORDS)
    usual = QueueRules(id=QueueId(name), name=name)

    def number(word: str, least: int, most: int, default: int) -> int:
        return reader.number(words.get(word), word, least, most, default=default)

    def ms(word: str, least: int, most: int, default_ms: int) -> int:
        return 1000 * number(word, least, most, default_ms // 1000)

    strategy, route_ms = _strategy(reader, words, usual.strategy)
    if strategy in _NEEDS_SKILL[:1] and "skill" not in words:
        named = words.get("otherwise") or words["strategy"]
        reader.blame(named, f"strategy {strategy} needs 'skill': the one it goes by")
    if strategy != RING_ALL and "ring_at_most" in words:
        reader.blame(words["ring_at_most"], f"only strategy {RING_ALL} rings more than one at once")
    for word, goes_by_it in (("skill", _NEEDS_SKILL), ("order", ("linear",))):
        if word in words and strategy not in goes_by_it:
            reader.blame(words[word], f"{word} is for strategy {' or '.join(goes_by_it)} only")
    limits = Limits(
        name=name,
        longest_wait_s=number("longest_wait_s", 0, DAY_S, 0),
        most_waiting=number("most_waiting", 0, MOST_CALLS, 0),
    )
    rules = QueueRules(
        id=QueueId(name),
        name=reader.text(words.get("name"), "name") or name,
        strategy=strategy,
        route_ms=route_ms,
        skill=name_of(reader, words.get("skill"), "skill", known.skills) or "",
        order=tuple(
            AgentId(agent) for agent in names_of(reader, words.get("order"), "order", known.agents)
        ),
        ring_timeout_ms=ms("ring_timeout_s", 3, 300, usual.ring_timeout_ms),
        wrap_up=choice_of(reader, words, "wrap_up", usual.wrap_up),
        wrap_up_ms=ms("wrap_up_s", 0, 3600, usual.wrap_up_ms),
        wrap_up_extension_ms=ms("wrap_up_extension_s", 0, 3600, 0),
        dispositions=names_of(reader, words.get("dispositions"), "disposition", known.dispositions),
        must_dispose=one_of(
            reader, words.get("disposition"), "disposition", ("required", "optional"), "optional"
        )
        == "required",
        ring_at_most=number("ring_at_most", 2, 100, usual.ring_at_most),
        hold_music=reader.text(words.get("hold_music"), "hold_music") or usual.hold_music,
        announcements=_announcements(reader, words.get("announce")),
        whisper=_prompts(reader, words, "whisper"),
        whisper_repeat=_prompts(reader, words, "whisper_repeat"),
        requires=requirement(reader, words.get("requires"), known.skills),
        rings=_rings(reader, words.get("rings"), known, _plain_text(words.get("requires"))),
        last_agent_ms=ms("last_agent_s", 0, 600, 0),
        weight=number("weight", 1, 100, 1),
        repeat=read_repeat_rule(reader, words.get("repeat"), known.repeat, known.dispositions),
        repeat_bonus_ms=ms("repeat_bonus_s", 0, DAY_S, 0),
        segment_bonus_ms=_bonuses(reader, words.get("segment_bonus_s")),
        most_waiting=limits.most_waiting,
        longest_wait_ms=1000 * limits.longest_wait_s,
        when_unstaffed=choice_of(reader, words, "when_unstaffed", usual.when_unstaffed),
        hours=name_of(reader, words.get("hours"), "hours", known.calendars) or "",
        at_closing=choice_of(reader, words, "at_closing", usual.at_closing),
        overflow=read_overflow(reader, limits, words.get("overflow"), known),
        exit_keys=_exit_keys(reader, words.get("exit_keys")),
        resume_ms=ms("resume_within_s", 0, _HOUR_S, 0),
        callback=read_callback(reader, words.get("callback"), known),
        survey=read_survey(reader, words.get("survey")),
    )
    _check_limits(reader, words, rules)
    _check_wrap_up(reader, words, rules, known)
    return _record(reader, words, _let_go(reader, words, rules))


def _let_go(reader: Reader, words: Mapping[str, yaml.Node], rules: QueueRules) -> QueueRules:
    """The rules with what it costs an agent to let a call go."""
    usual = rules
    if rules.strategy == RING_ALL:  # Or one caller whom nobody answers sends all on a break.
        usual = replace(rules, no_answer=MissedPolicy.RETRY, spare_ms=5_000)

    def ms(word: str, least: int, default_ms: int) -> int:
        return 1000 * reader.number(words.get(word), word, least, 3600, default=default_ms // 1000)

    spare_ms = ms("spare_s", 1, usual.spare_ms)
    if ms("spare_at_most_s", 1, spare_ms) < spare_ms:
        reader.blame(
            words["spare_at_most_s"], f"spare_at_most_s is less than spare_s, {spare_ms // 1000}"
        )
    found = replace(
        rules,
        no_answer=choice_of(reader, words, "no_answer", usual.no_answer),
        no_answers=reader.number(words.get("no_answers"), "no_answers", 1, 100, default=1),
        no_answer_rest_ms=ms("no_answer_rest_s", 0, usual.no_answer_rest_ms),
        reject=choice_of(reader, words, "reject", usual.reject),
        rejects=reader.number(words.get("rejects"), "rejects", 1, 100, default=1),
        reject_rest_ms=ms("reject_rest_s", 0, usual.reject_rest_ms),
        spare_ms=spare_ms,
        spare_at_most_ms=ms("spare_at_most_s", 1, max(spare_ms, usual.spare_at_most_ms)),
    )
    for word, policy, most in (
        ("no_answer", found.no_answer, found.no_answers),
        ("reject", found.reject, found.rejects),
    ):
        gone = policy is MissedPolicy.NOT_READY
        if f"{word}s" in words and not gone:
            reader.blame(words[f"{word}s"], f"{word}s counts only for {word}: not-ready")
        if (rest := words.get(f"{word}_rest_s")) is not None and gone and most == 1:
            reader.blame(
                rest,
                f"{word}_rest_s is for who stays ready; {word}: not-ready leaves nobody so. "
                f"Give {word}s more than 1, or leave one of the two out",
            )
    return found


def _record(reader: Reader, words: Mapping[str, yaml.Node], rules: QueueRules) -> QueueRules:
    """The rules with what is recorded."""
    consent = one_of(
        reader, words.get("record_consent"), "record_consent", ("required", "not-needed"), ""
    )
    aside = one_of(reader, words.get("record_aside"), "record_aside", ("yes", "no"), "no")
    stereo = one_of(reader, words.get("record_stereo"), "record_stereo", ("yes", "no"), "no")
    record = choice_of(reader, words, "record", rules.record)
    for word in ("record_consent", "record_aside", "record_stereo"):
        if record is RecordWhen.NEVER and word in words:
            reader.blame(words[word], f"'{word}' needs 'record': always or on-request")
    if stereo == aside == "yes":
        reader.blame(
            words["record_stereo"],
            "record_stereo keeps what the caller says and hears, so what is said aside is not in it: "
            "leave out record_aside or record_stereo",
        )
    return replace(
        rules,
        record=record,
        record_needs_consent=consent == "required",
        record_aside=aside == "yes",
        record_stereo=stereo == "yes",
    )


def _check_limits(reader: Reader, words: Mapping[str, yaml.Node], rules: QueueRules) -> None:
    """Blame words that contradict each other, or that mean nothing without another."""
    if "at_closing" in words and "hours" not in words:
        reader.blame(words["at_closing"], "at_closing needs 'hours': without them it never closes")
    if 0 < rules.longest_wait_ms <= rules.last_agent_ms:
        longest_s = rules.longest_wait_ms // 1000
        reader.blame(
            words["last_agent_s"],
            f"he would wait for one agent until he is given back: longest_wait_s is {longest_s}",
        )


def _check_wrap_up(
    reader: Reader, words: Mapping[str, yaml.Node], rules: QueueRules, known: Known
) -> None:
    """Blame words that say nothing beside the others."""
    if rules.wrap_up is WrapUpMode.NONE:
        for word in ("wrap_up_s", "wrap_up_extension_s"):
            if word in words:
                reader.blame(words[word], f"{word} says how long; wrap_up: none says not at all")
    elif "wrap_up" in words and not rules.wrap_up_ms:
        reader.blame(words["wrap_up"], f"wrap_up: {rules.wrap_up} needs a time: wrap_up_s above 0")
    if rules.must_dispose and not known.dispositions:
        reader.blame(words["disposition"], "there are no dispositions in this file to choose from")
    if rules.must_dispose and (rules.wrap_up is WrapUpMode.NONE or not rules.wrap_up_ms):
        reader.blame(words["disposition"], "he needs time to choose one: a wrap_up with wrap_up_s")


def _strategy(reader: Reader, words: Mapping[str, yaml.Node], usual: str) -> tuple[str, int]:
    """The queue's own strategy, and how long a router has to come before it; 0: there is none."""
    allowed = (*STRATEGIES, EXTERNAL)
    strategy = one_of(reader, words.get("strategy"), "strategy", allowed, usual)
    if strategy != EXTERNAL:
        for word in ("route_ms", "otherwise"):
            if word in words:
                reader.blame(words[word], f"{word} is for strategy {EXTERNAL} only")
        return strategy, 0
    others = tuple(name for name in STRATEGIES if name != RING_ALL)
    otherwise = one_of(reader, words.get("otherwise"), "otherwise", others, usual)
    route_ms = reader.number(words.get("route_ms"), "route_ms", 50, 5_000, default=_ROUTE_MS)
    return otherwise, route_ms


def _announcements(reader: Reader, node: yaml.Node | None) -> Announcements | None:
    if node is None:
        return None
    optional = ("first_s", "every_s", "position", "wait", "prompts")
    words = reader.words(node, "an announcement", optional=optional)

    def ms(word: str, least: int, default_ms: int) -> int:
        return 1000 * reader.number(
            words.get(word), word, least, _HOUR_S, default=default_ms // 1000
        )

    usual = Announcements()
    found = Announcements(
        first_ms=ms("first_s", 1, usual.first_ms),
        every_ms=ms("every_s", 10, usual.every_ms),
        position=reader.boolean(words.get("position"), "position") or False,
        wait=reader.boolean(words.get("wait"), "wait") or False,
        prompts=_prompts(reader, words, "prompts"),
    )
    if not (found.position or found.wait or "prompts" in words):
        reader.blame(node, "nothing would be said: give position, wait or prompts")
    return found


def _prompts(reader: Reader, words: Mapping[str, yaml.Node], word: str) -> tuple[str, ...]:
    """Sounds that are played one after the other."""
    items = items_of(reader, words.get(word), word)
    if len(items) > MOST_PROMPTS:
        reader.blame(words[word], f"{word} has {len(items)}; {MOST_PROMPTS} are the most: he waits")
    found = []
    for item in items:
        prompt = reader.text(item, word)
        if prompt is not None and not PROMPT.fullmatch(prompt):
            reader.blame(
                item, f"{quoted(prompt)} is no sound: letters, digits, - and _, folders with /"
            )
        found.append(prompt or "")
    return tuple(found)


def _plain_text(node: yaml.Node | None) -> str:
    """What is written there, blamed by whoever reads it."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _rings(reader: Reader, node: yaml.Node | None, known: Known, of_queue: str) -> tuple[Ring, ...]:
    items = items_of(reader, node, "rings")
    if len(items) > MOST_RINGS:
        reader.blame(node, f"has {len(items)} rings; {MOST_RINGS} are the most")
    rings = []
    for number, item in enumerate(items, 1):
        if isinstance(item, yaml.ScalarNode):
            one_of(reader, item, "a ring without words", ("anybody",), "anybody")
            if number < len(items):
                reader.blame(item, "asks anybody for ever; the rings after it are never reached")
            rings.append(Ring())
            continue
        words = reader.words(item, "a ring", optional=("requires", "teams", "for_s"))
        last = number == len(items)
        if "for_s" not in words and not last and words:
            reader.blame(item, "needs 'for_s', or the rings after it are never reached")
        if "for_s" in words and last:
            problem = (
                "nothing comes after the last ring. Add a ring, such as - anybody, or leave it out"
            )
            reader.blame(words["for_s"], f"for_s: {problem}")
        teams = words.get("teams")
        if isinstance(teams, yaml.SequenceNode) and not teams.value:
            reader.blame(
                teams, "teams names none. Name one, or leave it out, which asks every team"
            )
        rings.append(
            Ring(
                requires=requirement(reader, words.get("requires"), known.skills, of_queue),
                teams=names_of(reader, words.get("teams"), "teams", known.teams),
                for_ms=1000 * reader.number(words.get("for_s"), "for_s", 1, DAY_S, default=0),
            )
        )
    return tuple(rings)


def _bonuses(reader: Reader, node: yaml.Node | None) -> dict[str, int]:
    if node is None:
        return {}
    return {
        segment: 1000 * reader.number(value, f"bonus of {segment}", 0, DAY_S, default=0)
        for segment, (_, value) in reader.entries(node, "segment_bonus_s").items()
    }


def _exit_keys(reader: Reader, node: yaml.Node | None) -> dict[str, str]:
    if node is None:
        return {}
    found = {}
    for key, (key_node, value) in reader.entries(node, "exit_keys").items():
        if len(key) != 1 or key not in KEYS:
            reader.blame(key_node, f"{quoted(key)} is no key of a phone")
        found[key] = result_of(reader, value, f"key {key}")
    return found
