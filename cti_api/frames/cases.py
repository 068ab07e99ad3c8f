"""The events of what is owed to customers: promises, and who is to be called; ids alone, whatever a role may see."""

from typing import Annotated, Literal

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.cases import PromiseStateName
from cti_api.shapes.forms import like


@with_config(
    like(
        example(
            "promise-changed",
            customer="C-4711",
            promise="p-77ab",
            change="lapsed",
            state="lapsed",
            owner="ana",
            due_at=1750003600000,
            by=None,
            call=None,
        )
    )
)
class PromiseChanged(EventHead):
    """Of a promise: for supervisors and its owner. `GET /v1/customers/{customer}` and `/v1/promises` say what it is."""

    event: Literal["promise-changed"]
    customer: str
    promise: str
    change: Literal["made", "moved", "given", "kept", "broken", "lapsed", "reopened"]
    state: PromiseStateName
    owner: Annotated[str | None, Field(description="An agent.")]
    due_at: int
    by: Annotated[
        str | None,
        Field(description="A user; null: time has, or the customer, who called again."),
    ]
    call: Annotated[str | None, Field(description="During which.")]


@with_config(
    like(
        example(
            "task-changed",
            task="t-1f3a",
            kind="promise",
            state="open",
            customer="C-4711",
            subject="p-77ab",
            agent="ana",
            queue="support",
            outcome=None,
        )
    )
)
class TaskChanged(EventHead):
    """Somebody is to be called, was called, or need not be any more; of `GET /v1/tasks`.

    For supervisors, and the agent whose it is; if it is anybody's, for the agents of its queue. Who is put on a list is
    not told one by one.
    """

    event: Literal["task-changed"]
    task: str
    kind: Literal["promise", "follow-up"]
    state: Literal["open", "done", "dropped"]
    customer: str | None
    subject: Annotated[
        str | None, Field(description="The promise, or the call that is followed up.")
    ]
    agent: str | None
    queue: str | None
    outcome: Annotated[str | None, Field(description="What came of the last attempt.")]
