"""How requests are written and answers are read, the same for both clients; does no IO."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from cordboard_client.errors import ApiError, RefusedError, UnreachableError

USER_AGENT = "cordboard-client"


def segment(name: str) -> str:
    """A name as one part of a path, whatever is in it."""
    # A client or a proxy would take these two for "here" and "above", quoted or not.
    return "%2E" * len(name) if name in (".", "..") else quote(name, safe="")


def query(given: Mapping[str, object]) -> str:
    """What is given, as the end of an address; of several values each by itself."""
    told = [
        (name, _text(one))
        for name, value in given.items()
        if value is not None
        for one in (value if isinstance(value, list | tuple) else (value,))
    ]
    return f"?{urlencode(told)}" if told else ""


def headers(given: Mapping[str, object]) -> dict[str, str]:
    """What is given, as headers."""
    return {name: _text(value) for name, value in given.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def key_of(method: str) -> dict[str, object]:
    """A key for a command, under which it may be sent again; what only asks needs none."""
    return {} if method == "GET" else {"Idempotency-Key": str(uuid4())}


def answer(
    asked: str,
    status: int,
    kind: str,
    body: bytes,
    retry_after: str | None,
    takes: Collection[int] = (),
) -> Any:
    """What was answered; raises RefusedError for a no. A status among `takes` is an answer too."""
    if status >= 400 and status not in takes:
        raise refused(asked, status, body, retry_after)
    if not body:
        return None
    if kind.partition(";")[0].strip() != "application/json":
        return body
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnreachableError(f"{asked}: what answers is not Cordboard's API") from error


def refused(asked: str, status: int, body: bytes, retry_after: str | None) -> ApiError:
    """The error for this refusal; a body that is not Cordboard's is that of a proxy, or of another server."""
    try:
        said = json.loads(body)["error"]
        reason, message = str(said["reason"]), str(said["message"])
    except (ValueError, LookupError, TypeError):
        return UnreachableError(f"{asked}: status {status}, and not from Cordboard's API")
    seconds = float(retry_after) if retry_after and retry_after.isdecimal() else None
    return RefusedError(
        asked,
        status,
        reason,  # type: ignore[arg-type] # What the server says.
        message,
        retry_after_s=seconds,
    )


def unreachable(url: str, error: Exception) -> UnreachableError:
    """The error for no answer at all."""
    why = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return UnreachableError(
            f"{url} shows a certificate that is not trusted here: {why}. If it is one of your own, give the client "
            "tls=ssl.create_default_context(cafile=...)"
        )
    return UnreachableError(f"{url} does not answer: {why}. Is the server running there?")
