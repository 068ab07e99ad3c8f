"""Notes what is written down with a call; decides nothing by it."""

from collections.abc import Iterator

from acd.core import owing
from acd.core.call import Call
from acd.core.call_data import MOST, DataChanged, DataRestored, WriteData, changed
from acd.core.handlers.answers import Refusal, accept
from acd.core.ids import NodeId, node_of
from acd.core.matching import Output
from acd.core.notices import Reason
from acd.core.state import State


def write_data(state: State, request: WriteData) -> Iterator[Output]:
    """Note something with a call that is with us, whatever it does."""
    call = state.calls.get(request.call)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    after = changed(call.data, request.data)
    if len(after) > MOST:
        raise Refusal(Reason.TOO_MUCH_DATA)
    yield accept(request)
    if after != call.data:
        call.data = after
        yield DataChanged(at=request.at, call=call.id, by=request.by, data=after)
        if call.callback is not None:  # A restart gives whoever is owed a call another name.
            yield owing.told(call, request.at)


def data_restored(state: State, event: DataRestored) -> Iterator[Output]:
    """Keep it until these calls are found again."""
    state.data_to_restore = dict(event.data)
    yield from ()


def gone(state: State, node: NodeId) -> None:
    """All calls of this Asterisk have been found: what was noted with others is nobody's."""
    kept = {call: one for call, one in state.data_to_restore.items() if node_of(call) != node}
    state.data_to_restore = kept


def found_again(state: State, call: Call, at: int) -> Iterator[Output]:
    """A restart has found this call: what was noted with it is so again."""
    data = state.data_to_restore.pop(call.id, None)
    if data:
        call.data = dict(data)
        yield DataChanged(at=at, call=call.id, by="", data=call.data)
