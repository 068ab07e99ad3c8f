"""AMI messages, as they were seen on Asterisk 22, and what they mean."""

import pytest

from acd.adapters.asterisk.ami_events import QueueMember, device_changed, queue_member
from acd.core.events import DeviceChanged, DeviceState
from acd.core.ids import NodeId

NODE = NodeId("pbx1")


@pytest.mark.parametrize("state", list(DeviceState))
def test_every_state_has_asterisks_own_name(state: DeviceState) -> None:
    message = {"Event": "DeviceStateChange", "Device": "PJSIP/ana", "State": state.value}
    assert device_changed(message, NODE, 5) == DeviceChanged(
        at=5, node=NODE, device="PJSIP/ana", state=state
    )


@pytest.mark.parametrize("state", [{"State": "LEVITATING"}, {"State": ""}, {}])
def test_a_state_that_we_do_not_know_is_unknown(state: dict[str, str]) -> None:
    event = device_changed({"Event": "DeviceStateChange", "Device": "PJSIP/a"} | state, NODE, 5)
    assert event is not None
    assert event.state is DeviceState.UNKNOWN


@pytest.mark.parametrize(
    "message",
    [
        {"Event": "DeviceStateChange", "Device": "Queue:support_avail", "State": "INUSE"},
        {"Event": "DeviceStateChange", "Device": "Local/1@x", "State": "INUSE"},
        {"Event": "DeviceStateChange"},
        {"Event": "ContactStatus", "EndpointName": "ana", "ContactStatus": "Unreachable"},
        {"Response": "Success"},
        {},
    ],
)
def test_what_is_no_phone_is_none(message: dict[str, str]) -> None:
    assert device_changed(message, NODE, 5) is None


def test_a_member_as_queue_status_shows_it() -> None:
    message = {
        "Event": "QueueMember",
        "Queue": "support",
        "Name": "ana",
        "Location": "PJSIP/ana",
        "StateInterface": "PJSIP/ana",
        "Membership": "dynamic",
        "Paused": "1",
    }
    ana = QueueMember(queue="support", device="PJSIP/ana", name="ana", paused=True)
    assert queue_member(message) == ana
    static = queue_member(message | {"Membership": "static", "Paused": "0"})
    assert static is not None
    assert (static.dynamic, static.paused) == (False, False)
    assert queue_member({"Event": "QueueParams", "Queue": "support"}) is None
