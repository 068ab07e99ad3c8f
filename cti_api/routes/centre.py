"""The whole call centre, for admins: have its files read again; looks into no file itself."""

from fastapi import APIRouter, Response

from cti_api.access import Asks, Has
from cti_api.ports import Role
from cti_api.refusals import REFUSALS, Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes.centre import Reloaded

router = APIRouter(tags=["operations"])


@router.post(
    "/reload",
    response_model=Reloaded,
    responses=documented(
        *LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.BROKEN_CENTRE, Denial.INVALID
    ),
)
async def reload(asks: Asks, has: Has) -> Response:
    """For admins: read the centre's file, its menus and its hours again, as a SIGHUP does.

    They hold as a whole or not at all. What is wrong is told in the message, with file, line and what to do.
    """
    if asks.user.role is not Role.ADMIN:
        raise RefusalError(Denial.NOT_ALLOWED, "Only an admin may do this.")
    if has.centre is None:
        raise RefusalError(Denial.NOT_FOUND)
    done = await has.centre.reload(asks.user.id)
    if done.problems:
        problems = "\n".join((REFUSALS[Denial.BROKEN_CENTRE].message, *done.problems))
        raise RefusalError(Denial.BROKEN_CENTRE, problems)
    told: Reloaded = {
        "changes": [
            {"kind": one.kind, "id": one.id, "how": one.how, "words": list(one.words)}  # type: ignore[typeddict-item] # Our own words.
            for one in done.changes
        ]
    }
    return as_json(told)
