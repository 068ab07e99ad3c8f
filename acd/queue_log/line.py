"""One line of a `queue_log` as Asterisk writes it: its fields, its events, and what each says; pure.

`time|call|queue|agent|EVENT|data1|data2|…`, by `ast_queue_log` of Asterisk and the calls of it in app_queue. Times
are whole seconds, durations too, but for those of RINGNOANSWER and RINGCANCELED, which are milliseconds.
"""

from dataclasses import dataclass

NOBODY = "NONE"

# Lines that belong to a call, with the least number of data fields that say what we need.
OF_CALLS = {
    "DID": 1,
    "ENTERQUEUE": 2,  # url | number | position
    "CONNECT": 1,  # held | channel | ring
    "COMPLETEAGENT": 2,  # held | talked | position
    "COMPLETECALLER": 2,
    "TRANSFER": 4,  # extension | context | held | talked | position
    "BLINDTRANSFER": 5,
    "ATTENDEDTRANSFER": 4,  # how | to whom … | held | talked | position
    "ABANDON": 3,  # position | original position | waited
    "EXITWITHTIMEOUT": 1,  # position | original position | waited
    "EXITWITHKEY": 1,  # key | position | original position | waited
    "EXITEMPTY": 3,
    "WITHDRAW": 3,
    "RINGNOANSWER": 1,  # ms
    "RINGCANCELED": 1,
}
OF_AGENTS = {
    "ADDMEMBER": 0,
    "REMOVEMEMBER": 0,
    "PAUSE": 0,
    "UNPAUSE": 0,
    "PAUSEALL": 0,
    "UNPAUSEALL": 0,
    "AGENTLOGIN": 0,
    "AGENTLOGOFF": 0,
    "AGENTCALLBACKLOGIN": 0,
    "AGENTCALLBACKLOGOFF": 0,
}
OF_ASTERISK = ("QUEUESTART", "CONFIGRELOAD")
# What says nothing that a report asks for.
PASSED_OVER = ("SYSCOMPAT", "AGENTDUMP", "PENALTY", "RINGINUSE", "ADDPENALTY", "INFO")
_LEAST = OF_CALLS | OF_AGENTS


class BadLineError(ValueError):
    """This is no line of a queue_log; the text says why, and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at` is milliseconds since 1970; the call is Asterisk's uniqueid."""

    at: int
    call: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...] = ()

    def number(self, place: int) -> int:
        """This field as a number, in the log's own unit; 0 if it is not there."""
        text = self.data[place] if -len(self.data) <= place < len(self.data) else ""
        if not text:
            return 0
        try:
            return max(0, min(int(float(text)), 1 << 40))
        except ValueError:
            raise BadLineError(f"data{place + 1} of {self.event} is no number") from None
        except OverflowError:
            raise BadLineError(f"data{place + 1} of {self.event} is endless") from None

    def text(self, place: int) -> str:
        """This field, or nothing."""
        return self.data[place] if place < len(self.data) else ""

    def written(self) -> str:
        """As it stands in the file, without the end of the line. A field holds neither | nor a new line."""
        fields = (str(self.at // 1000), self.call, self.queue, self.agent, self.event, *self.data)
        return "|".join(_plain(field) for field in fields)


def read_line(text: str) -> Line | None:
    """The line, or None if it says nothing that we need. Raises BadLineError."""
    fields = text.rstrip("\r\n").split("|")
    if len(fields) < 5:
        raise BadLineError(f"{len(fields)} fields, where there are at least 5")
    time, call, queue, agent, event, *data = fields
    seconds, _, rest = time.partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        raise BadLineError("the first field is no time in seconds since 1970")
    if event in PASSED_OVER:
        return None
    if event not in _LEAST and event not in OF_ASTERISK:
        raise BadLineError("an event that app_queue does not have")
    if len(data) < _LEAST.get(event, 0):
        raise BadLineError(
            f"{event} with {len(data)} data fields, where {_LEAST[event]} are needed"
        )
    if event in OF_CALLS and (call in ("", NOBODY) or queue in ("", NOBODY)) and event != "DID":
        raise BadLineError(f"{event} of no call or no queue")
    if event in OF_AGENTS and agent in ("", NOBODY):
        raise BadLineError(f"{event} of no agent")
    millis = int(rest[:3].ljust(3, "0")) if rest[:3].isascii() and rest[:3].isdigit() else 0
    return Line(1000 * int(seconds) + millis, call, queue, agent, event, tuple(data))


def _plain(field: str) -> str:
    if field.isprintable() and "|" not in field:
        return field
    return "".join(one if one.isprintable() and one != "|" else " " for one in field)
