"""How a request of ARI is written, and where in it our names stand; pure, and knows no command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from acd.core.ids import CallId, ChannelId, OfferId, bridge_for, caller_leg, uniqueid_of

APPLICATION = "cordboard"
# Is told of the legs that are being dialled, too, and only that they are picked up.
DIALLING = "cordboard-dialling"
TRIES = 100  # Some milliseconds apart: a machine that is busy takes its time.


@dataclass(frozen=True, slots=True)
class Request:
    """One ARI request; `as_good` are the statuses that mean that it has been done already.

    `tries`: so often it is asked while the channel is not in Stasis yet, which Asterisk is about to bring there.
    """

    method: str
    path: str
    body: Mapping[str, object] | None = None
    as_good: tuple[int, ...] = ()
    go_on: Callable[[bytes], bool] = lambda answer: True  # Or what remains need not be done.
    tries: int = 1


def subscription(application: str, channel: str) -> str:
    """Where it is asked that this application be told of this channel."""
    source = in_path(f"channel:{channel}")
    return f"/applications/{application}/subscription?eventSource={source}"


def at_bridge(offer: OfferId) -> str:
    """The path of this offer's bridge."""
    return f"/bridges/{in_path(bridge_for(offer))}"


def at_caller(call: CallId) -> str:
    """The path of the leg on which this call's caller is."""
    return at_channel(caller_leg(call))


def at_channel(channel: ChannelId) -> str:
    """The path of this channel."""
    return f"/channels/{in_path(uniqueid_of(channel))}"


def in_path(name: str) -> str:
    """A name as one step of a path, whatever stands in it."""
    return quote(name, safe="")
