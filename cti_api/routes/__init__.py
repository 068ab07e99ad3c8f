"""The resources: each route checks the right, submits the request, and renders what came of it; decides nothing."""

from fastapi import APIRouter, Depends

from cti_api.parameters import only_known
from cti_api.refusals import Denial, documented
from cti_api.routes import (
    agents,
    callbacks,
    calls,
    cases,
    centre,
    complaints,
    control,
    customers,
    events,
    follow_ups,
    keys,
    offers,
    operations,
    outbound,
    privacy,
    queues,
    recordings,
    reports,
    session,
    staffing,
    supervision,
    surveys,
)

v1 = APIRouter(
    prefix="/v1",
    responses=documented(Denial.FAULT, Denial.ENGINE_AWAY, Denial.STORE_AWAY, Denial.INVALID),
    dependencies=[Depends(only_known)],
)
# A router is made ready when the first request comes to it or goes past it: what most come for stands first.
for resource in (
    session,
    events,
    agents,
    queues,
    calls,
    outbound,
    callbacks,
    control,
    offers,
    supervision,
    customers,
    privacy,
    cases,
    complaints,
    surveys,
    follow_ups,
    recordings,
    reports,
    staffing,
    centre,
    keys,
):
    v1.include_router(resource.router)
probes = operations.router
