"""What was said: which recordings there are, and their sound; whoever hears one is on record."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from acd.core.ids import AgentId, CallId
from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Recordings
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, AgentQuery, CallName, as_json
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
    **documented(*_MAY_NOT, Denial.UNKNOWN_RECORDING, Denial.NO_SUCH_RANGE, Denial.INVALID),
}
_MOST_PARTS = 500

Range = Annotated[str | None, Header(alias="Range", max_length=100)]
IfRange = Annotated[str | None, Header(alias="If-Range", max_length=100)]


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
@router.get("/recordings/{recording}/sound", response_class=StreamingResponse, responses=_SOUND)
async def hear_recording(
    request: Request,
    recording: RecordingName,
    asks: Asks,
    has: Has,
    wanted: Range = None,
    known: IfRange = None,
) -> Response:
    """The sound of one part, a WAV file, or one range of its bytes. Who has heard it is noted: see `/v1/audit`.

    With two `channels`, left is what the caller says, and right what he hears.
    `If-Range` takes the ETag of an earlier answer. HEAD says how large it is, and nobody has heard it by that.
    """
    book, of = _book(asks, has)
    found = await book.find(recording, of=of)
    if found is None:
        raise RefusalError(Denial.UNKNOWN_RECORDING)
    return await _play(request, book, [found], asks.user.id, wanted, known)


@router.head("/calls/{call}/recording/sound", include_in_schema=False)
@router.get("/calls/{call}/recording/sound", response_class=StreamingResponse, responses=_SOUND)
async def hear_call(
    request: Request,
    call: CallName,
    asks: Asks,
    has: Has,
    wanted: Range = None,
    known: IfRange = None,
) -> Response:
    """All that is kept of what was said in a call, one part after the other, as one WAV file; as for one part.

    Of a call that goes on, the parts that are whole: the ETag is another one when there is one more. Who may hear
    his own calls alone hears the parts in which he has talked. Each part that is heard is noted.
    """
    book, of = _book(asks, has)
    found = await book.listed(
        call=call, queue=None, agent=None, of=of, since=None, before=None, limit=_MOST_PARTS
    )
    whole = sorted((row for row in found if row["sha256"] is not None), key=itemgetter("part"))
    return await _play(request, book, whole, asks.user.id, wanted, known)


async def _play(
    request: Request,
    book: Recordings,
    parts: Sequence[Mapping[str, Any]],
    user: str,
    wanted: str | None,
    known: str | None,
) -> Response:
    """The sound of these parts, and who hears it is on record before he does."""
    names = [row["id"] for row in parts]
    sound = await book.sound(names) if names else None
    if sound is None:
        raise RefusalError(Denial.UNKNOWN_RECORDING)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Disposition": 'inline; filename="recording.wav"',
    }
    if (tag := _tag([row["sha256"] for row in parts])) is not None:
        headers["ETag"] = f'"{tag}"'
    if request.method == "HEAD":
        headers["Content-Length"] = str(sound.size)
        return Response(headers=headers, media_type=_MEDIA_TYPE)
    same = known is None or known == headers.get("ETag")
    first, last = _range(wanted if same else None, sound.size)
    for name in names:
        await book.note_heard(name, by=user)
    headers["Content-Length"] = str(last - first + 1)
    part = (first, last) != (0, sound.size - 1)
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{sound.size}"
    return StreamingResponse(
        sound.read(first, last - first + 1),
        206 if part else 200,
        headers=headers,
        media_type=_MEDIA_TYPE,
    )


def _tag(digests: Sequence[str | None]) -> str | None:
    """Of one part its digest; of more, a digest of theirs; None while one is not whole."""
    known = [digest for digest in digests if digest is not None]
    if len(known) != len(digests):
        return None
    return known[0] if len(known) == 1 else sha256(" ".join(known).encode()).hexdigest()


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
