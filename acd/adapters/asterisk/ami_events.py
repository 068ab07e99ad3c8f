"""Reads AMI messages as what they mean to us; never decides, keeps nothing and asks nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

from acd.core.events import DeviceChanged, DeviceState
from acd.core.ids import NodeId

_STATES = {state.value: state for state in DeviceState}


def device_changed(message: Mapping[str, str], node: NodeId, at: int) -> DeviceChanged | None:
    """A phone's state, from an event or from an item of DeviceStateList; None if it is no phone's.

    Asterisk keeps states of queues, parking lots and hints in the same way. ContactStatus needs no
    reading: a phone that unregisters or stops answering OPTIONS changes its device's state as well,
    at once when idle and at the end of its call when not.
    """
    if message.get("Event") != "DeviceStateChange":
        return None
    device = message.get("Device", "")
    if not device.startswith("PJSIP/"):
        return None
    # A state of a future Asterisk is one that we know nothing about.
    state = _STATES.get(message.get("State", ""), DeviceState.UNKNOWN)
    return DeviceChanged(at=at, node=node, device=device, state=state)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMember:
    """One phone in one app_queue."""

    queue: str
    device: str
    name: str
    paused: bool
    dynamic: bool = True  # Added by an action; one from queues.conf cannot be removed by us.


def queue_member(message: Mapping[str, str]) -> QueueMember | None:
    """An item of QueueStatus; None if it is about something else."""
    if message.get("Event") != "QueueMember":
        return None
    return QueueMember(
        queue=message.get("Queue", ""),
        device=message.get("Location", ""),
        name=message.get("Name", ""),
        paused=message.get("Paused") == "1",
        dynamic=message.get("Membership") == "dynamic",
    )
