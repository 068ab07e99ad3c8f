"""The WebSocket as an AsyncAPI document, made from `frames`: nothing about it is written down twice."""

from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from cti_api.frames.stream import Event, Ping, Pong, Resumed, Snapshot
from cti_api.interests import TOPICS, topic_of

SUBPROTOCOL = "cordboard.v1"
_SCHEMAS = "#/components/schemas/"

_ABOUT = """
One WebSocket. Connect to `/v1/events` with the token of `POST /v1/session` as `Authorization: Bearer …`; a browser,
which cannot send that header, trades it for a ticket first: `POST /v1/ws-ticket`, then `/v1/events?ticket=…`.

The first frame is a `snapshot`; every `event` after it has a `seq` that grows. What you may not see leaves gaps.
`agent-changed`, `queue-changed` and `node-changed` say how something stands: while you are slow, a newer one takes the
place of an older. Ask for less with `?topic=calls&topic=agents` and `?queue=support`: each message is
tagged with its topic; of a call that leaves your queues you are told once more, with the queue that it is in now.
Come back with `?resume=` and the last `seq` that you have seen: a `resumed` frame, then what you have missed; or
a `snapshot` again, if that is no longer known.

A call is yours while the `call` of your own agent names it. The event with which that ends (`offer-ended`,
`call-transferred`, `party-left`, `call-taken-over`, `call-ended`) is the last that you are told of it, with what you
may still do in `allowed`; what comes of it then is told to whoever has it, and to supervisors.

A socket that is not opened is refused as REST refuses: a status, and a body that says why. A browser shows its page
neither: a new ticket says whether it was the log-in. Whoever comes back waits a tenth of a second, and twice as long
each time, 10 s at most, by chance between that and half of it, so that not all come at once. We ping every 20 s, and a
line on which nothing is heard for 40 s is dead; a browser's page, which is not shown these, sends a ping of its own.

| closed with | because | do |
|---|---|---|
| 1008 | you said something other than a ping, or too much | mend the client |
| 1002, 1007, 1009 | it was no WebSocket's frame, no text, or larger than 64 KiB | mend the client |
| 1012, 1001 | we are being restarted | connect again, and resume |
| 1013 | you were too slow, or events were lost | connect again, and resume |
| 4401 | the log-in is over, or the user is not what he was | log in again |
"""


def events_of_frames() -> tuple[type, ...]:
    """Every shape of an event."""
    union, *_ = get_args(Event)
    return get_args(union)


def names_of_events() -> tuple[str, ...]:
    """What every event is called."""
    shapes = events_of_frames()
    return tuple(get_args(get_type_hints(shape)["event"])[0] for shape in shapes)


def sent() -> tuple[type, ...]:
    """Every shape of a frame that we send."""
    return (Snapshot, Resumed, Pong, *events_of_frames())


@cache
def schemas_of_frames() -> dict[str, Any]:
    """Every shape of the WebSocket by its name, and the shapes inside them, as JSON schemas."""
    wanted: list[tuple[Any, Any, Any]] = [
        (shape, "validation", TypeAdapter(shape)) for shape in (*sent(), Ping)
    ]
    _, described = TypeAdapter.json_schemas(wanted, ref_template=_SCHEMAS + "{model}")
    found: dict[str, Any] = described["$defs"]
    return found


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    ours = [shape.__name__ for shape in sent()]
    said = Ping.__name__
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in (*ours, said)}
    channel = {"$ref": "#/channels/events"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Cordboard", "version": version, "description": _ABOUT.strip()},
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/v1/events",
                "description": f"Its subprotocol is {SUBPROTOCOL}; you need not name it.",
                "messages": messages,
                "bindings": {"ws": {"method": "GET", "query": _query()}},
            }
        },
        "operations": {
            "hear": {
                "action": "send",
                "channel": channel,
                "summary": "What we send.",
                "security": [{"$ref": "#/components/securitySchemes/bearer"}],
                "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in ours],
            },
            "say": {
                "action": "receive",
                "channel": channel,
                "summary": "All that you may say, 20 times in 10 s at most.",
                "messages": [{"$ref": f"#/channels/events/messages/{said}"}],
            },
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "messages": {name: _message(name) for name in (*ours, said)},
            "schemas": schemas_of_frames(),
        },
    }


def _message(name: str) -> dict[str, Any]:
    schema = schemas_of_frames()[name]
    event = schema["properties"].get("event")
    return {
        "tags": [{"name": topic_of(event["const"])}] if event is not None else [],
        "name": name,
        "summary": schema["description"],
        "payload": {"$ref": _SCHEMAS + name},
        "examples": [{"payload": schema["example"]}] if "example" in schema else [],
    }


def _query() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "resume": {"type": "integer", "minimum": 0, "description": "The last `seq` seen."},
            "scope": {
                "enum": ["all", "mine"],
                "default": "all",
                "description": "`mine`: not how your colleagues are.",
            },
            "topic": {
                "type": "array",
                "items": {"enum": list(TOPICS)},
                "description": "Of these alone: ?topic=calls&topic=agents. None: of all.",
            },
            "queue": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Of these alone, and of what concerns yourself. None: of all.",
            },
            "ticket": {"type": "string", "description": "Of POST /v1/ws-ticket."},
        },
    }
