"""Notes on a caller's channel what a restart must know of him; never reads it back."""

from acd.core import owing
from acd.core.call import Call
from acd.core.callback import CallbackChanged
from acd.core.commands import SaveCall
from acd.core.saved import SavedPlace, write_saved


def save(call: Call) -> SaveCall:
    """Note on the caller's channel what a restart must know of him."""
    assert call.queue is not None and call.joined_at is not None
    place = SavedPlace(
        queue=call.queue,
        priority=call.priority,
        joined_at=call.joined_at,
        connected_at=call.connected_at,
        placed_at=call.placed_at,
        requires=call.requires,
        reason=call.reason,
        consent=call.consent,
        recording=call.recording,
        over_at=call.over_at,
    )
    return SaveCall(call=call.id, saved=write_saved(place))


def keep(call: Call, at: int) -> SaveCall | CallbackChanged:
    """Note his place in the queue where a restart will look for it: of who has no channel, where what we owe stands."""
    return save(call) if call.callback is None else owing.told(call, at)
