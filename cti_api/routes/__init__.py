"""The resources: each route checks the right, submits the request, and renders what came of it; decides nothing."""

from fastapi import APIRouter

from cti_api.refusals import Denial, documented
from cti_api.routes import (
    agents,
    calls,
    control,
    customers,
    events,
    operations,
    queues,
    reports,
    session,
)

v1 = APIRouter(prefix="/v1", responses=documented(Denial.FAULT, Denial.ENGINE_AWAY))
for resource in (session, agents, queues, calls, control, customers, reports, events):
    v1.include_router(resource.router)
probes = operations.router
