"""Refuses parameters that a route does not know: who misspells a filter would be answered as if he had set none."""

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.requests import HTTPConnection


async def only_known(connection: HTTPConnection) -> None:
    """Pass, if all that stands behind the question mark means something here."""
    if not connection.query_params:
        return
    known = [
        field.alias
        for field in get_flat_params(connection.scope["route"].dependant)
        if not isinstance(field.field_info, params.Path | params.Header)
    ]
    others = dict.fromkeys(name for name in connection.query_params if name not in known)
    if others:
        takes = (
            f"is not expected here; there is {', '.join(known)}"
            if known
            else "is not expected here"
        )
        found = [
            {"type": "unknown_parameter", "loc": ("query", one), "msg": takes} for one in others
        ]
        wrong = (
            WebSocketRequestValidationError
            if connection.scope["type"] == "websocket"
            else RequestValidationError
        )
        raise wrong(found)
