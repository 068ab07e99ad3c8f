"""The events of agents: what they are, whom they are shown to call, what was done to them; never who may see them."""

from typing import Literal, TypeAlias

from pydantic import with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.agents import AGENT, Agent, AgentAction, SupervisorAction
from cti_api.shapes.forms import like
from cti_api.shapes.previews import PREVIEW, Preview, PreviewOutcomeName

SupervisionAct: TypeAlias = Literal[
    "listen",
    "whisper",
    "barge",
    "take-over",
    "stop-supervising",
    "follow",
    "stop-following",
]


@with_config(like(example("preview-offered", agent="ana", preview=PREVIEW)))
class PreviewOffered(EventHead):
    """An agent who is idle is shown whom to call: `PUT /v1/agents/{agent}/preview` says whether it is done."""

    event: Literal["preview-offered"]
    agent: str
    preview: Preview


@with_config(
    like(
        example(
            "preview-ended",
            agent="ana",
            task="t-1f3a",
            list="l-77ab",
            outcome="accepted",
            call="pbx1:dialled~ana-1750003601000",
            reason="",
        )
    )
)
class PreviewEnded(EventHead):
    """It is no longer shown. `call` is the one that is made; `reason` why not."""

    event: Literal["preview-ended"]
    agent: str
    task: str
    list: str
    outcome: PreviewOutcomeName
    call: str | None
    reason: str


@with_config(like(example("agent-changed", agent="ana", view=AGENT)))
class AgentChanged(EventHead):
    """An agent's state, device or call is another one."""

    event: Literal["agent-changed"]
    agent: str
    view: Agent


@with_config(
    like(
        example(
            "supervised", agent="ana", by="sue", action="force-not-ready", reason="come and see me"
        )
    )
)
class Supervised(EventHead):
    """Somebody has acted on an agent who is not himself, or on the whole centre (agent null); see `GET /v1/audit`."""

    event: Literal["supervised"]
    agent: str | None
    by: str
    action: (
        AgentAction
        | SupervisorAction
        | Literal["transfer", "clear", "stop-outbound", "allow-outbound", "reload"]
        | SupervisionAct
    )
    reason: str
