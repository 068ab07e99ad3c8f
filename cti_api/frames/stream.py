"""All that a socket of the WebSocket hears and may say: a snapshot, then events; never who may see them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.frames.agents import AgentChanged, PreviewEnded, PreviewOffered, Supervised
from cti_api.frames.callbacks import CallbackChanged, CallbackEnded
from cti_api.frames.calls import (
    CallChanged,
    CallEnded,
    CallerChanged,
    CallerRecognised,
    CallOverflowed,
    CallQueued,
    CallStarted,
    DataChanged,
    MenuEntered,
    OutcomeRecorded,
    PlaceResumed,
    SurveyAnswered,
    SurveyBegan,
)
from cti_api.frames.cases import PromiseChanged, TaskChanged
from cti_api.frames.centre import Misconfigured, NodeChanged, QueueChanged, Repaired
from cti_api.frames.conversations import CallHeld, CallRetrieved, CallTransferred, RecordingChanged
from cti_api.frames.offers import CallConnected, CallOffered, CallPlaced, NumberDialled, OfferEnded
from cti_api.frames.outsiders import CallHandedOut, OutsiderChanged, OutsiderDialled, OutsiderLeft
from cti_api.frames.parties import CallTakenOver, PartyChanged, PartyLeft, PartyOffered
from cti_api.frames.routing import RouteEnded, RouteRequested
from cti_api.frames.supervision import SupervisionChanged, SupervisionEnded
from cti_api.shapes.access import YOU, You
from cti_api.shapes.agents import AGENT, Agent
from cti_api.shapes.calls import CALL, Call
from cti_api.shapes.forms import like
from cti_api.shapes.queues import QUEUE, Queue


@with_config(
    like(
        {
            "type": "snapshot",
            "seq": 1750003600200000,
            "at": 1750003600200,
            "you": YOU,
            "agents": [AGENT],
            "queues": [QUEUE],
            "calls": [CALL],
            "nodes": {"pbx1": True},
        }
    )
)
class Snapshot(TypedDict):
    """Everything you may see, as it is after event `seq`. The first frame, unless you resumed."""

    type: Literal["snapshot"]
    seq: int
    at: int
    you: You
    agents: list[Agent]
    queues: list[Queue]
    calls: list[Call]
    nodes: Annotated[
        dict[str, bool], Field(description="Each Asterisk by its name; false: it is not heard.")
    ]


@with_config(like({"type": "resumed", "seq": 1750003600200007, "at": 1750003600900}))
class Resumed(TypedDict):
    """What you have missed follows: no snapshot is needed. `seq` is the newest event there is."""

    type: Literal["resumed"]
    seq: int
    at: int


@with_config(like({"type": "pong", "seq": 1750003600200007, "at": 1750003600900}))
class Pong(TypedDict):
    """The answer to a ping. `seq` is the newest event there is, whether or not you may see it."""

    type: Literal["pong"]
    seq: int
    at: int


@with_config(like({"type": "ping"}))
class Ping(TypedDict):
    """All that a client may say; the answer is a pong."""

    type: Literal["ping"]


Event = Annotated[
    CallStarted
    | CallerRecognised
    | CallerChanged
    | MenuEntered
    | CallQueued
    | PlaceResumed
    | CallOverflowed
    | CallChanged
    | RouteRequested
    | RouteEnded
    | CallOffered
    | OfferEnded
    | CallPlaced
    | NumberDialled
    | CallConnected
    | CallHeld
    | CallRetrieved
    | CallTransferred
    | PartyOffered
    | PartyChanged
    | PartyLeft
    | CallTakenOver
    | OutsiderDialled
    | OutsiderChanged
    | OutsiderLeft
    | CallHandedOut
    | SupervisionChanged
    | SupervisionEnded
    | RecordingChanged
    | SurveyBegan
    | DataChanged
    | SurveyAnswered
    | PreviewOffered
    | PreviewEnded
    | PromiseChanged
    | TaskChanged
    | CallbackChanged
    | CallbackEnded
    | CallEnded
    | OutcomeRecorded
    | AgentChanged
    | Supervised
    | QueueChanged
    | NodeChanged
    | Misconfigured
    | Repaired,
    Field(discriminator="event"),
]
Frame: TypeAlias = Snapshot | Resumed | Pong | Event
