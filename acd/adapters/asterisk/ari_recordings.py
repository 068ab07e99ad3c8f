"""Writes our commands about recordings as ARI requests, in mono and in stereo; pure, and decides nothing."""

from collections.abc import Mapping
from typing import TypeAlias

from acd.adapters.asterisk.ari_requests import (
    APPLICATION,
    TRIES,
    Request,
    at_bridge,
    at_caller,
    in_path,
)
from acd.core.commands import PauseRecording, ResumeRecording, StartRecording, StopRecording
from acd.core.ids import Side, recording_name, side_name

OfRecording: TypeAlias = StartRecording | PauseRecording | ResumeRecording | StopRecording

_FORMAT = "wav"  # What every player knows, and Asterisk always writes.


def record_requests(command: OfRecording) -> tuple[Request, ...]:
    """The requests that carry this out, one after the other."""
    if command.stereo:
        return _in_stereo(command)
    name = recording_name(command.call, command.part)
    live = _live(name)
    match command:
        case StartRecording():
            begin = f"{at_bridge(command.offer)}/record"
            # There: it was asked for before, and is recording. Or Asterisk has another reason, and is not.
            return (
                Request("POST", begin, _file(name), as_good=(409,), go_on=_says_why_not),
                Request("GET", live),
            )
        case PauseRecording():
            return (Request("POST", f"{live}/pause"),)
        case ResumeRecording():
            return (Request("DELETE", f"{live}/pause"),)
        case StopRecording():
            # Not there: its bridge is gone, and so it is whole.
            return (Request("POST", f"{live}/stop", as_good=(404,)),)


def _in_stereo(command: OfRecording) -> tuple[Request, ...]:
    """Two ears at the caller's leg, both there before either is recorded, so that what they hear is of one moment.

    They go with the leg, and are asked in this order: that the caller's half records says that both do.
    What a leg hears is heard surely only where Asterisk mixes: two legs by themselves exchange what their phones
    send, and to make sound of that fails at times when an ear is not the first at its leg (Asterisk 22). The kind of
    bridge that is made for many pictures always mixes; where there is none, nothing else about it is different.
    """
    halves = [side_name(command.call, command.part, side) for side in (Side.HEARD, Side.SAID)]
    match command:
        case StartRecording():
            snoop = f"{at_caller(command.call)}/snoop"
            application = {"app": APPLICATION, "appArgs": "recorder"}
            return (
                *(
                    Request(
                        "POST",
                        f"{snoop}/{in_path(name)}",
                        {"spy": spy, **application},
                        as_good=(409,),
                    )
                    for name, spy in zip(halves, ("out", "in"), strict=True)
                ),
                *(
                    Request(
                        "POST",
                        f"/channels/{in_path(name)}/record",
                        _file(name),
                        as_good=(409,),
                        tries=TRIES,
                    )
                    for name in halves
                ),
                # It may have been there already, or be refused for another reason: then there is none.
                *(Request("GET", _live(name)) for name in halves),
            )
        case PauseRecording():
            return tuple(Request("POST", f"{_live(name)}/pause") for name in halves)
        case ResumeRecording():
            return tuple(Request("DELETE", f"{_live(name)}/pause") for name in halves)
        case StopRecording():
            # What an ear has heard is whole when the ear is gone; not there: the caller has hung up.
            return tuple(
                Request("DELETE", f"/channels/{in_path(name)}", as_good=(404,)) for name in halves
            )


def _file(name: str) -> Mapping[str, object]:
    return {"name": name, "format": _FORMAT, "ifExists": "fail"}


def _live(name: str) -> str:
    return f"/recordings/live/{in_path(name)}"


def _says_why_not(answer: bytes) -> bool:
    """Whether it is a refusal, and not the recording that was begun."""
    return b'"name"' not in answer
