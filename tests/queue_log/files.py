"""Days of app_queue as its log tells them, and what app_queue's own formulas say of one; knows nothing of ours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

MONDAY_S = 1_795_399_200  # 2026-11-23 10:00 in Shanghai.


def a_day(seed: int, calls: int, *, begins_s: int = MONDAY_S, queue: str = "support") -> list[str]:
    """So many calls, each with whatever app_queue may say of one; in the order of time."""
    random = Random(seed)
    lines: list[tuple[int, int, str]] = []

    def write(at: int, *fields: object) -> None:
        lines.append((at, len(lines), "|".join(str(field) for field in (at, *fields))))

    agents = ["PJSIP/ana", "PJSIP/bob", "PJSIP/chen"]
    write(begins_s - 60, "NONE", "NONE", "NONE", "QUEUESTART", "")
    for agent in agents:
        write(begins_s - 30, "MANAGER", queue, agent, "ADDMEMBER", "")
    at = begins_s
    for n in range(calls):
        at += random.randrange(1, 40)
        call, waited = f"{begins_s}.{n}", random.choice([0, 3, 19, 20, 21, 60])
        number = f"1380000{random.randrange(calls):04}"
        write(at, call, queue, "NONE", "ENTERQUEUE", "", number, 1)
        agent, fate = random.choice(agents), random.random()
        over = at + waited
        if waited >= 20:
            write(at + 15, call, queue, random.choice(agents), "RINGNOANSWER", 15_000)
        if fate < 0.6:
            talked = random.randrange(1, 300)
            write(over, call, queue, agent, "CONNECT", waited, f"{call}9", min(3, waited))
            write(
                over + talked,
                *(call, queue, agent, random.choice(["COMPLETEAGENT", "COMPLETECALLER"])),
                *(waited, talked, 1),
            )
        elif fate < 0.7:
            write(over, call, queue, agent, "CONNECT", waited, f"{call}9", 0)
            to = random.choice(
                [("BLINDTRANSFER", "600", "internal"), ("ATTENDEDTRANSFER", "BRIDGE", "b")]
            )
            write(over + 50, call, queue, agent, *to, waited, 50, 1)
        elif fate < 0.9:
            write(over, call, queue, "NONE", "ABANDON", 1, 1, waited)
        elif fate < 0.94:
            write(over, call, queue, "NONE", "EXITWITHTIMEOUT", 1, 1, waited)
        elif fate < 0.97:
            write(over, call, queue, "NONE", "EXITWITHKEY", "1", 1, 1, waited)
        else:
            write(over, call, queue, "NONE", "EXITEMPTY", 1, 1, waited)
    write(at + 4_000, "NONE", "NONE", "PJSIP/bob", "PAUSEALL", "lunch")
    write(at + 5_800, "NONE", "NONE", "PJSIP/bob", "UNPAUSEALL", "")
    for agent in agents:
        write(at + 7_200, "MANAGER", queue, agent, "REMOVEMEMBER", "")
    return [text for _, _, text in sorted(lines)]


@dataclass(slots=True)
class AppQueue:
    """`queue show` after such a log, by update_queue and its kin in app_queue.c, with a service level of 20 s."""

    entered: int = 0
    completed: int = 0
    completed_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    timed_out: int = 0
    by_key: int = 0
    empty: int = 0
    held_s: int = 0
    talked_s: int = 0
    not_answered: int = 0

    @property
    def service_level(self) -> float:
        """ServicelevelPerf."""
        return self.completed_in_time / self.completed

    @property
    def service_level_2(self) -> float:
        """ServicelevelPerf2, of those who were answered or hung up themselves."""
        good = self.completed_in_time + self.abandoned_in_time
        return good / (self.completed + self.abandoned)


def by_app_queue(lines: Iterable[str]) -> AppQueue:
    """What app_queue would say."""
    said = AppQueue()
    for event, data in _events(lines):
        match event:
            case "ENTERQUEUE":
                said.entered += 1
            case "COMPLETEAGENT" | "COMPLETECALLER" | "BLINDTRANSFER" | "ATTENDEDTRANSFER":
                held, talked = (int(x) for x in data[-3:-1])
                said.completed += 1
                said.completed_in_time += held <= 20
                said.held_s += held
                said.talked_s += talked
            case "ABANDON":
                said.abandoned += 1
                said.abandoned_in_time += int(data[2]) <= 20
            case "EXITWITHTIMEOUT":
                said.timed_out += 1
            case "EXITWITHKEY":
                said.by_key += 1
            case "EXITEMPTY":
                said.empty += 1
            case "RINGNOANSWER":
                said.not_answered += 1
    return said


def _events(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    for text in lines:
        fields = text.split("|")
        yield fields[4], fields[5:]
