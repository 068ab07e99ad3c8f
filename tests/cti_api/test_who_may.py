"""Who may do what: every operation that is described, asked by everybody, of things that are his and that are not.

The table names every operation; a new one fails until it has its line.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx2
import pytest

from acd.core.notices import Reason
from cti_api.refusals import Denial
from tests.cti_api.api import described
from tests.cti_api.busy_desk import busy_desk
from tests.cti_api.desk import WANG
from tests.play import call_id

pytestmark = pytest.mark.slow

# Everything asked about is ana's: she is the agent, and talks on the call. Sol is an agent of another queue.
# Nobody, his, another's, supervisor, admin, router, back office, auditor.
ASKERS = (None, "ana", "sol", "sue", "root", "ruth", "olga", "aude")
Rule: TypeAlias = tuple[int | None, ...]  # With what each of them is refused; None: he may.

OPEN: Rule = (None,) * 8
ANYBODY: Rule = (401, *(None,) * 7)
STAFF: Rule = (401, None, None, None, None, 403, 403, 403)
RECORD_OF_STAFF: Rule = (401, None, None, None, None, 403, 403, None)
SEES: Rule = (
    401,
    None,
    404,
    None,
    None,
    404,
    404,
    404,
)  # Who may not see it is not told that it is there.
# Of a call: likewise, but for whom he may see without having it.
HIS_CALL = SEES
HIS: Rule = (401, None, 403, None, None, 403, 403, 403)
PROMISED: Rule = (401, None, 404, None, None, 403, 403, 403)
RECORD_OF_PROMISED: Rule = (401, None, 404, None, None, 403, 403, None)
RECORD_OF_HIS: Rule = (401, None, 403, None, None, 403, 403, None)
HIS_OR_BACK_OFFICE: Rule = (401, None, 403, None, None, 403, None, 403)
SUPERVISORS: Rule = (401, 403, 403, None, None, 403, 403, 403)
RECORD: Rule = (401, 403, 403, None, None, 403, 403, None)
ADMINS: Rule = (401, 403, 403, 403, None, 403, 403, 403)
KEYS: Rule = (401, 403, 403, 403, None, 403, 403, None)
CALLS: Rule = (401, None, None, 403, 403, 403, 403, 403)
ANSWERS: Rule = (401, None, 404, 403, 403, 403, 403, 403)
ROUTERS: Rule = (401, 403, 403, 403, None, None, 403, 403)


@dataclass(frozen=True)
class May:
    """Who may, and what he is answered who may."""

    rule: Rule
    status: int = 200
    call: str = "talking"
    query: str = ""


# No customers, cases, reports and files are at this desk: they have tests of their own.
NOT_KEPT_HERE = 404

TABLE: dict[str, May] = {
    "log_in_user": May(OPEN, 401),  # With the example's password.
    "log_in_by_issuer": May(OPEN, 404),  # There is none at this desk.
    "log_out_user": May(ANYBODY, 204),
    "who_am_i": May(ANYBODY),
    "ticket_for_socket": May(ANYBODY, 201),
    "events_need_a_socket": May(OPEN, 426),
    "list_agents": May(ANYBODY),
    "one_agent": May(SEES),
    "list_desks": May(ANYBODY),
    "log_agent_in": May(HIS, 404),  # There is no such desk.
    "log_agent_out": May(HIS),
    "set_agent_state": May(HIS),
    "set_do_not_disturb": May(HIS),
    "lift_do_not_disturb": May(HIS),
    "finish_wrap_up": May(HIS, 409),
    "extend_wrap_up": May(HIS, 409),
    "force_agent": May(SUPERVISORS),
    "change_duties": May(SUPERVISORS),
    "restore_duties": May(SUPERVISORS),
    "list_acts": May(RECORD),
    "list_queues": May(ANYBODY),
    "one_queue": May(SEES),
    "list_dispositions": May(SEES),
    "list_calls": May(ANYBODY),
    "one_call": May(SEES),
    "make_call": May(CALLS, 409),  # Each as himself, who has something else in hand.
    "list_callbacks": May(RECORD),
    "register_callback": May(STAFF, 409),  # Queues here call nobody back.
    "cancel_callback": May(SUPERVISORS, 404),
    "outbound": May(RECORD),
    "switch_outbound": May(ADMINS),
    "explain_call": May(RECORD),
    "set_requirement": May(SUPERVISORS, call="waiting"),
    "write_data": May(HIS_CALL),
    "answer_call": May(ANSWERS, 409),  # Each as himself, at whose phone nothing rings.
    "reject_offer": May(HIS, 409),  # Her phone does not ring for it.
    "deflect_offer": May(HIS, 409),
    "deflect_waiting_call": May(SUPERVISORS, 409, call="waiting"),  # Who has no phone.
    "set_priority": May(SUPERVISORS, call="waiting"),
    "move_call": May(SUPERVISORS, call="waiting"),
    "move_to_front": May(SUPERVISORS, call="waiting"),
    "select_route": May(ROUTERS, 409, call="asked"),  # The example names nobody who could.
    "record_outcome": May(HIS_CALL),
    "hold_call": May(HIS_CALL),
    "retrieve_call": May(HIS_CALL, 409),
    "transfer_call": May(HIS_CALL),
    "consult": May(HIS_CALL),
    "cancel_consult": May(HIS_CALL, 409),
    "alternate": May(HIS_CALL, 409),
    "complete_consult": May(HIS_CALL, 409),
    "start_conference": May(HIS_CALL, 409),
    "remove_party": May(HIS_CALL, 404),
    "mute_party": May(HIS_CALL, 404),
    "unmute_party": May(HIS_CALL, 404),
    "remove_number": May(HIS_CALL, 404),
    "mute_number": May(HIS_CALL, 404),
    "unmute_number": May(HIS_CALL, 404),
    "begin_recording": May(HIS_CALL, 409),
    "end_recording": May(HIS_CALL, 409),
    "suspend_recording": May(HIS_CALL, 409),
    "continue_recording": May(HIS_CALL, 409),
    "send_tones": May(HIS_CALL),
    "clear_call": May(HIS_CALL),
    "supervise_call": May(SUPERVISORS, 409),  # Who has no phone.
    "stop_supervising": May(SUPERVISORS, 409),
    "take_over_call": May(SUPERVISORS, 409),
    "follow_agent": May(SUPERVISORS, 409),
    "stop_following": May(SUPERVISORS, 409),
    "put_customers": May(SUPERVISORS, NOT_KEPT_HERE),
    "find_customers": May(RECORD, NOT_KEPT_HERE, query="?number=1"),
    "one_customer": May(RECORD_OF_HIS, NOT_KEPT_HERE),
    "merge_customers": May(SUPERVISORS, NOT_KEPT_HERE),
    "split_customer": May(SUPERVISORS, NOT_KEPT_HERE),
    "list_customer_changes": May(RECORD, NOT_KEPT_HERE, query="?customer=C-1"),
    "undo_customer_change": May(SUPERVISORS, NOT_KEPT_HERE),
    "erase_customer": May(ADMINS, NOT_KEPT_HERE, query="?reason=asked"),
    "put_contacts": May(SUPERVISORS, NOT_KEPT_HERE),
    "make_promise": May(HIS, NOT_KEPT_HERE),
    "change_promise": May(PROMISED, NOT_KEPT_HERE),
    "list_promise_changes": May(RECORD_OF_PROMISED, NOT_KEPT_HERE),
    "list_promises": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "list_tasks": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "finish_task": May(STAFF, NOT_KEPT_HERE),
    "give_answer": May(STAFF, NOT_KEPT_HERE),
    "list_answers": May(RECORD, NOT_KEPT_HERE),
    "list_call_lists": May(RECORD, NOT_KEPT_HERE),
    "create_call_list": May(SUPERVISORS, NOT_KEPT_HERE),
    "one_call_list": May(RECORD, NOT_KEPT_HERE),
    "close_call_list": May(SUPERVISORS, NOT_KEPT_HERE),
    "list_entries": May(RECORD, NOT_KEPT_HERE),
    "add_entries": May(SUPERVISORS, NOT_KEPT_HERE),
    "fill_call_list": May(SUPERVISORS, NOT_KEPT_HERE),
    "list_barred": May(RECORD, NOT_KEPT_HERE),
    "bar_number": May(SUPERVISORS, NOT_KEPT_HERE),
    "unbar_number": May(SUPERVISORS, NOT_KEPT_HERE),
    "agents_preview": May(HIS),
    "agents_today": May(RECORD_OF_HIS, NOT_KEPT_HERE),
    "answer_preview": May(HIS, 409),
    "open_complaint": May(HIS_OR_BACK_OFFICE, NOT_KEPT_HERE),
    "list_complaints": May(ANYBODY, NOT_KEPT_HERE),
    "one_complaint": May(ANYBODY, NOT_KEPT_HERE),
    "change_complaint": May(ANYBODY, NOT_KEPT_HERE),
    "list_complaint_changes": May(ANYBODY, NOT_KEPT_HERE),
    "list_recordings": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "one_recording": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "hear_recording": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "hear_call": May(RECORD_OF_STAFF, NOT_KEPT_HERE),
    "one_report": May(RECORD, NOT_KEPT_HERE),
    "report_file": May(RECORD, NOT_KEPT_HERE),
    "staffing": May(RECORD),
    "staffing_file": May(RECORD),
    "reload": May(ADMINS, NOT_KEPT_HERE),
    "make_key": May(ADMINS, 404),  # The example's user is not one of this desk's.
    "list_keys": May(KEYS),
    "revoke_key": May(ADMINS, 404),
    "end_sessions": May(ADMINS, 204),
    "health": May(OPEN),
    "ready": May(OPEN),
    "metrics": May(RECORD),
}
BY_SOCKET = {"stream_events"}  # It has no end: see test_event_stream.

API = described()
OPERATIONS: dict[str, tuple[str, str, Any]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in API["paths"].items()
    for method, operation in methods.items()
}
_NAMES = {
    "callback": "none",
    "agent": "ana",
    "number": "110",
    "queue": "support",
    "customer": WANG.id,
    "report": "daily",
    "form": "csv",
    "promise": "p",
    "call_list": "l",
    "task": "t",
    "change": "1",
    "complaint": "k",
    "recording": "r",
    "key": "0" * 16,
    "user": "sol",
}


def _example(operation: Any) -> Any:
    """The body that the description shows."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    while "example" not in schema:
        if "$ref" not in schema:
            schema = (schema.get("oneOf") or schema["anyOf"])[0]
        schema = API["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema["example"]


def test_the_table_names_every_operation_and_no_other():
    assert set(OPERATIONS) - BY_SOCKET == set(TABLE)


async def test_every_operation_knows_who_may():
    front = (await busy_desk()).app  # Its routes are slow to be made; what is behind them is not.
    wrong = []
    for name, may in TABLE.items():
        method, path, operation = OPERATIONS[name]
        address = path.format(call=call_id(may.call), **_NAMES) + may.query
        for asker, refused in zip(ASKERS, may.rule, strict=True):
            desk = await busy_desk()
            front.state.services = desk.services
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=front),
                base_url="http://cordboard",
                headers={"Authorization": f"Bearer {await desk.token(asker)}"} if asker else {},
            ) as client:
                answer = await client.request(method, address, json=_example(operation))
            desk.switchboard.stop()
            desk.services.feed.close()
            if answer.status_code != (may.status if refused is None else refused):
                wrong.append(f"{name} by {asker}: {answer.status_code} {answer.text}")
            documented = operation["responses"]
            if str(answer.status_code) not in documented:
                wrong.append(f"{name} by {asker}: {answer.status_code} is not documented")
            elif answer.status_code >= 400 and name != "ready":
                said = documented[str(answer.status_code)]["content"]["application/json"]
                if answer.json()["error"]["reason"] not in said["examples"]:
                    wrong.append(f"{name} by {asker}: {answer.text} is not documented")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("asker", ["sol", "ruth", "olga"])
async def test_what_is_a_strangers_is_answered_as_what_there_is_not(asker: str):
    """In status and words: else whoever guesses names learns whose calls go on."""
    front = (await busy_desk()).app
    told = []
    for name, (method, path, operation) in OPERATIONS.items():
        if "{call}" not in path:
            continue
        answers = []
        for call in ("talking", "none"):
            desk = await busy_desk()
            front.state.services = desk.services
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=front),
                base_url="http://cordboard",
                headers={"Authorization": f"Bearer {await desk.token(asker)}"},
            ) as client:
                address = path.format(call=call_id(call), **_NAMES | {"agent": asker})
                said = await client.request(method, address, json=_example(operation))
            desk.switchboard.stop()
            desk.services.feed.close()
            answers.append((said.status_code, said.text))
        if answers[0] != answers[1]:
            told.append((name, answers))
    assert not told, told


async def test_who_sends_too_many_commands_is_told_when_to_come_back():
    desk = await busy_desk()
    async with desk.client("ana") as ana, desk.client("bob") as bob:
        path = "/v1/agents/ana/do-not-disturb"
        for _ in range(500):
            desk.services.commands_of_user.take("ana", desk.now)
        refused = await ana.put(path)
        assert refused.status_code == 429 and refused.headers["retry-after"] == "1"
        assert refused.json()["error"]["reason"] == "too-many-commands"
        assert (await ana.get("/v1/me")).status_code == 200, "to look is free"
        assert (await bob.put(path.replace("ana", "bob"))).status_code == 200
        desk.now += 1_000
        assert (await ana.put(path)).status_code == 200
    desk.switchboard.stop()
    desk.services.feed.close()


def test_every_reason_to_refuse_is_documented_where_it_can_come():
    told = {
        reason
        for _, _, operation in OPERATIONS.values()
        for response in operation["responses"].values()
        for reason in response.get("content", {}).get("application/json", {}).get("examples", {})
    }
    everywhere = {Denial.METHOD_NOT_ALLOWED}  # Of an address, not of an operation.
    assert {*Reason, *Denial} - everywhere == told
