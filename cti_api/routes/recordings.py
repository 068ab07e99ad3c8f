"""What was said: which recordings there are, and their sound; whoever hears one is on record."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from acd.core.ids import AgentId, CallId
from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Recordings
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, AgentQuery, as_json
from cti_api.shapes import recordings as shapes
from cti_api.shapes.forms import WORD

router = APIRouter(tags=["recordings"])

RecordingName = Annotated[
    str, Path(pattern=WORD, max_length=240, examples=["cordboard~pbx1%3A1750003600.9~1"])
]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND)
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_MEDIA_TYPE = "audio/wav"
_SOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "All of it.", "content": {_MEDIA_TYPE: {}}},
    206: {"description": "The bytes that `Range` names.", "content": {_MEDIA_TYPE: {}}},
}


@router.get(
    "/recordings",
    response_model=list[shapes.Recording],
    responses=documented(*_MAY_NOT, Denial.INVALID),
)
async def list_recordings(
    asks: Asks,
    has: Has,
    call: Annotated[CallId | None, Query(pattern=WORD, max_length=200)] = None,
    queue: Annotated[str | None, Query(pattern=WORD, max_length=64)] = None,
    agent: AgentQuery = None,
    since: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    before: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Parts of recordings, newest first: for supervisors and auditors; an agent's own where the centre lets him."""
    book, of = _book(asks, has)
    rows = await book.listed(
        call=call, queue=queue, agent=agent, of=of, since=since, before=before, limit=limit
    )
    return as_json(rows)


@router.get(
    "/recordings/{recording}",
    response_model=shapes.Recording,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_RECORDING, Denial.INVALID),
)
async def one_recording(recording: RecordingName, asks: Asks, has: Has) -> Response:
    """One part."""
    book, of = _book(asks, has)
    found = await book.find(recording, of=of)
    if found is None:
        raise RefusalError(Denial.UNKNOWN_RECORDING)
    return as_json(found)


@router.head("/recordings/{recording}/sound", include_in_schema=False)
@router.get(
    "/recordings/{recording}/sound",
    response_class=StreamingResponse,
    responses=_SOUND
    | documented(*_MAY_NOT, Denial.UNKNOWN_RECORDING, Denial.NO_SUCH_RANGE, Denial.INVALID),
)
async def hear_recording(
    request: Request,
    recording: RecordingName,
    asks: Asks,
    has: Has,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
    known: Annotated[str | None, Header(alias="If-Range", max_length=100)] = None,
) -> Response:
    """The sound of one part, a WAV file, or one range of its bytes. Who has heard it is noted: see `/v1/audit`.

    With two `channels`, left is what the caller says, and right what he hears.

    `If-Range` takes the ETag of an earlier answer. HEAD says how large it is, and nobody has heard it by that.
    """
    book, of = _book(asks, has)
    found = await book.find(recording, of=of)
    size = await book.size(recording) if found is not None else None
    if found is None or size is None:
        raise RefusalError(Denial.UNKNOWN_RECORDING)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Disposition": 'inline; filename="recording.wav"',
    }
    if found["sha256"] is not None:
        headers["ETag"] = f'"{found["sha256"]}"'
    if request.method == "HEAD":
        headers["Content-Length"] = str(size)
        return Response(headers=headers, media_type=_MEDIA_TYPE)
    same = known is None or known == headers.get("ETag")
    first, last = _range(wanted if same else None, size)
    await book.note_heard(recording, by=asks.user.id)
    headers["Content-Length"] = str(last - first + 1)
    part = (first, last) != (0, size - 1)
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    sound = book.read(recording, first, last - first + 1)
    return StreamingResponse(sound, 206 if part else 200, headers=headers, media_type=_MEDIA_TYPE)


def _range(wanted: str | None, size: int) -> tuple[int, int]:
    """The first and the last byte; what is no single range of bytes asks for all (RFC 9110, 14.2)."""
    found = _RANGE.fullmatch(wanted or "")
    if found is None or not any(found.groups()):
        return 0, size - 1
    first, last = found.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = min(size - 1, int(last)) if first and last else size - 1
    if begin > end:
        raise RefusalError(Denial.NO_SUCH_RANGE, headers={"Content-Range": f"bytes */{size}"})
    return begin, end


def _book(asks: Caller, has: Services) -> tuple[Recordings, AgentId | None]:
    """The recordings, and of whom this user may know them: None, of all. Raises RefusalError."""
    if not asks.user.reads and asks.user.agent is None:
        raise RefusalError(Denial.NOT_ALLOWED)
    if has.recordings is None:
        raise RefusalError(Denial.NOT_FOUND, "Recordings are kept at the engine's process alone.")
    if asks.user.reads:
        return has.recordings, None
    if not has.recordings.agents_hear:
        raise RefusalError(Denial.NOT_ALLOWED)
    return has.recordings, asks.user.agent
