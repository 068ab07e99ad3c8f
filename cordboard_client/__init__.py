"""A typed client of Cordboard's API for softphones and CRMs, blocking or async; knows only what the API documents.

    with Client("http://127.0.0.1:8080") as cordboard:
        cordboard.log_in("ana", "correct horse battery staple")
        cordboard.log_agent_in("ana")
        for frame in cordboard.events():
            ...

`AsyncClient` is the same with `async` and `await`. Every route is a method with the name that it has in OpenAPI,
every answer a typed dict of `shapes`. A refusal is raised as `RefusedError` with the documented reason, a server
that does not answer as `UnreachableError`. `events` connects again and resumes by itself: nothing is missed,
nothing comes twice, and where the server no longer knows what was missed there is a snapshot again.
"""

from cordboard_client.client import Client
from cordboard_client.client_async import AsyncClient
from cordboard_client.errors import ApiError, RefusedError, UnreachableError
from cordboard_client.place import Topic
from cordboard_client.shapes import Event, Frame, Reason, Snapshot

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "Event",
    "Frame",
    "Reason",
    "RefusedError",
    "Snapshot",
    "Topic",
    "UnreachableError",
]
