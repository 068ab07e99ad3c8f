"""What is played in a simulation: how people and Asterisk behave, and what goes wrong when; plays nothing itself."""

from dataclasses import dataclass, field

from acd.core.configuration import Configuration
from acd.core.events import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How bad it is: probabilities, and times in milliseconds. The default is a perfect Asterisk."""

    latency_ms: int = 0  # Of a command and of an event, at most.
    lose_command: float = 0.0
    lose_answer: float = 0.0  # Carried out, and reported as unreachable.
    refuse_ring: float = 0.0
    lose_event: float = 0.0
    repeat_event: float = 0.0
    delay_event: float = 0.0
    delay_ms: int = 4_000
    give_up_ms: int = 3_000  # After this, an answer is lost.


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How people behave: times are means in milliseconds, the rest are probabilities."""

    calls: int | None = None  # So many calls, or as many as come until the end.
    between_calls_ms: float = 20_000
    patience_ms: float | None = 120_000  # None: they never give up.
    talk_ms: float = 120_000
    pick_up_ms: float = 4_000
    ignore: float = 0.0
    reject: float = 0.0
    pause: float = 0.0  # After a call, for a while.
    go_home: float = 0.0  # After a call, for a longer while.
    identify_ms: float = 20
    never_identify: float = 0.0
    again: float = 0.0  # Calls by somebody who has called before.
    vip: float = 0.0  # Customers of segment `vip`.
    between_calls_out_ms: float = 0  # 0: agents call nobody.
    between_previews_ms: float = 0  # 0: agents are shown nobody whom they might call.
    not_there: float = 0.3  # Whom an agent calls is busy, or does not answer.
    supervise: float = 0.0  # Conversations into which somebody listens, or more than that.
    router_dead: float = 0.1  # Questions that an external router never answers.
    ask_back: float = 0.0  # Callers who would rather be called back than wait.
    key_for_callback: str = "*"  # By which they ask for it.
    numbers: str = "+86138"  # How callers' numbers begin.
    consult: float = 0.0  # Conversations in which the agent holds, asks others and goes to and fro.


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run: who is there, how all behave, and what goes wrong when."""

    configuration: Configuration
    doors: tuple[tuple[Entry, str], ...]  # Where calls begin, each as likely.
    people: People = field(default_factory=People)
    manners: Manners = field(default_factory=Manners)
    duration_ms: int = 30 * 60_000
    crashes: tuple[tuple[int, int], ...] = ()  # (when, for how long)
    cuts: tuple[tuple[int, int], ...] = ()
    reloads: tuple[tuple[int, Configuration], ...] = ()  # (when, under which rules from then on)
