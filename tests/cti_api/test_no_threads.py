"""No request waits for a thread: FastAPI has one do whatever is no coroutine, and that takes longer than the rest."""

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute

from cti_api import routes


def asked_by(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for one in dependant.dependencies:
        yield from asked_by(one)


def test_all_that_a_request_asks_for_is_a_coroutine() -> None:
    modules = [one for one in vars(routes).values() if hasattr(one, "router")]
    found = [
        (route.path, call)
        for router in (*(module.router for module in modules), routes.v1)
        for route in router.routes
        if isinstance(route, APIRoute | APIWebSocketRoute)
        for call in asked_by(route.dependant)
    ]
    assert {"/calls/{call}/consult", "/events", "/events/stream"} <= {path for path, _ in found}
    assert [
        (path, call)
        for path, call in found
        if not iscoroutinefunction(call) and not iscoroutinefunction(type(call).__call__)
    ] == []
