"""Which button somebody in a simulated conversation presses next, sensible or not; presses none."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from acd.core import requests
from acd.core.configuration import Configuration
from acd.core.ids import AgentId, CallId
from acd.core.outbound import Number, NumberKind
from acd.core.supervision import Mode

Button: TypeAlias = tuple[type, Mapping[str, Any]]  # What is asked for, and with what.


def in_a_call(random: Random, configuration: Configuration, agent: AgentId) -> Button:
    """Of one who has a call, or would like to: about `agent`, some queue, or some number."""
    number = Number(digits=f"+86138{random.randrange(3):08}", kind=NumberKind.SUBSCRIBER)
    return random.choice(
        (
            (requests.TransferToNumber, {"number": number}),
            (requests.ConsultNumber, {"number": number}),
            (requests.RemoveNumber, {"number": number.digits}),
            (requests.MuteNumber, {"number": number.digits, "muted": random.random() < 0.5}),
            (requests.HoldCall, {}),
            (requests.RetrieveCall, {}),
            (requests.ConsultAgent, {"agent": agent}),
            (requests.ConsultQueue, {"queue": random.choice(list(configuration.queues))}),
            (requests.Alternate, {}),
            (requests.StartConference, {}),
            (requests.CompleteConsult, {}),
            (requests.CancelConsult, {}),
            (requests.RemoveParty, {"agent": agent}),
            (requests.BeginRecording, {}),
            (requests.EndRecording, {}),
            (requests.SuspendRecording, {}),
            (requests.ContinueRecording, {}),
            (requests.MuteParty, {"agent": agent, "muted": random.random() < 0.5}),
        )
    )


def of_a_supervisor(random: Random, agents: Sequence[AgentId], call: CallId) -> Button:
    """Of one who listens to this call, or would like to, or to what some agent does."""
    mode, of = random.choice(list(Mode)), random.choice(agents)
    return random.choice(
        (
            (requests.SuperviseCall, {"call": call, "mode": mode}),
            (requests.SuperviseCall, {"call": call, "mode": mode}),
            (requests.SuperviseCall, {"call": call, "mode": mode}),
            (requests.StopSupervising, {"call": call}),
            (requests.TakeOverCall, {"call": call}),
            (requests.FollowAgent, {"of": of, "mode": mode}),
            (requests.StopFollowing, {"of": of}),
        )
    )
