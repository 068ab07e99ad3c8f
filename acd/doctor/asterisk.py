"""What ARI shows of an Asterisk: version, modules, phones, trunks, sounds, clock; asks only, and registers nothing.

To open ARI's events would take the place of the server that runs.
"""

import time
from collections.abc import AsyncIterator, Iterable, Iterator

import msgspec

from acd.adapters.asterisk.ari_client import AriClient, AriError
from acd.adapters.asterisk.ari_requests import APPLICATION
from acd.centre.file import Centre
from acd.core.configuration import Configuration
from acd.doctor.finding import Finding, bad, doubtful, good, some
from acd.settings import Settings

_WITHIN_S = 5.0
_CLOCKS_APART_S = 5
# Each with what does not work without it.
_NEEDED = {
    "app_stasis": "no call reaches us",
    "res_ari_applications": "we are not told of calls",
    "res_ari_bridges": "nobody is connected",
    "res_ari_channels": "no phone is rung",
    "res_ari_events": "we are not told of calls",
    "res_stasis_playback": "menus are silent",
    "chan_pjsip": "no phone is rung",
    "func_cut": "the dialplan cannot count arrivals",
    "app_stack": "the dialplan cannot Gosub",
}
_WANTED = {
    "res_musiconhold": "callers wait in silence",
    "app_queue": "nobody serves callers while we are away",
    "res_manager_devicestate": "phones that are busy or unplugged are rung",
    "res_ari_recordings": "nothing is recorded",
    "res_stasis_recording": "nothing is recorded",
    "res_stasis_snoop": "supervisors cannot listen",
    "res_ari_sounds": "we cannot see which sounds there are",
}


class _Module(msgspec.Struct):
    name: str
    status: str = ""


class _Endpoint(msgspec.Struct):
    resource: str
    technology: str = ""
    state: str = ""


class _Named(msgspec.Struct):
    name: str = ""
    id: str = ""


class _Variable(msgspec.Struct):
    value: str = ""


async def look_at_asterisk(settings: Settings, centre: Centre | None) -> AsyncIterator[Finding]:
    """All that one sees over ARI."""
    password = settings.ari_password.get_secret_value()
    client = AriClient(settings.ari_url, settings.ari_user, password, deadline_s=_WITHIN_S)
    try:
        yield good("asterisk", f"{await client.check()} at {settings.ari_url}")
        modules = await client.seen("/asterisk/modules", list[_Module])
        for finding in _modules(modules):
            yield finding
        yield _clock(await client.seen("/asterisk/variable?variable=EPOCH", _Variable))
        yield _application(await client.seen("/applications", list[_Named]))
        if centre is not None:
            endpoints = await client.seen("/endpoints", list[_Endpoint])
            for finding in _endpoints(endpoints, centre.configuration):
                yield finding
            sounds = await client.seen("/sounds", list[_Named])
            yield _sounds((sound.id for sound in sounds), centre.configuration)
    except AriError as error:
        yield bad("asterisk", str(error), "")
    finally:
        await client.close()


def _modules(seen: Iterable[_Module]) -> Iterator[Finding]:
    running = {one.name.removesuffix(".so") for one in seen if one.status in ("", "Running")}
    well = True
    for needs, find in ((_NEEDED, bad), (_WANTED, doubtful)):
        for name, otherwise in needs.items():
            if name not in running:
                well = False
                yield find("modules", f"{name} does not run: {otherwise}", "See modules.conf.")
    if well:
        yield good("modules", "all that are needed run")


def _clock(theirs: _Variable) -> Finding:
    if not theirs.value.isdecimal():
        return doubtful("clock", "Asterisk does not tell the time", "See its log.")
    apart = abs(time.time() - int(theirs.value))
    if apart > _CLOCKS_APART_S:
        return bad(
            "clock",
            f"Asterisk's clock and ours are {apart:.0f} s apart: places in the queue would be wrong",
            "Have both follow the same NTP server.",
        )
    return good("clock", "Asterisk's and ours agree")


def _application(seen: Iterable[_Named]) -> Finding:
    if any(one.name == APPLICATION for one in seen):
        return good("who routes", "a Cordboard is connected: whoever starts next takes its place")
    return good("who routes", "no Cordboard is connected now: callers are app_queue's")


def _endpoints(seen: Iterable[_Endpoint], has: Configuration) -> Iterator[Finding]:
    state = {f"{one.technology}/{one.resource}": one.state for one in seen}
    missing = sorted(phone for phone in has.devices if phone not in state)
    if missing:
        yield bad(
            "phones",
            f"Asterisk does not know {some(missing)}",
            "Make these endpoints in pjsip.conf, or correct `phone` of the agents and desks.",
        )
    away = sorted(phone for phone in has.devices if state.get(phone) == "offline")
    here = len(has.devices) - len(missing) - len(away)
    if away:
        yield doubtful(
            "phones",
            f"{here} registered; not {some(away)}",
            "Whose shift it is has to switch his phone on.",
        )
    elif not missing:
        yield good("phones", f"{here} registered, and that is all of them")
    trunks = [route.endpoint for route in has.outbound.routes]
    lost = sorted({name for name in trunks if f"PJSIP/{name}" not in state})
    if lost:
        yield bad(
            "trunks",
            f"routes for calls out name what Asterisk does not know: {some(lost)}",
            "Make these endpoints in pjsip.conf, or correct `endpoint` of the routes.",
        )
    elif trunks:
        yield good("trunks", f"{some(sorted(set(trunks)))}: known to Asterisk")


def _sounds(seen: Iterable[str], has: Configuration) -> Finding:
    there = set(seen)
    missing = sorted(set(_prompts(has)) - there)
    if missing:
        return doubtful(
            "sounds",
            f"Asterisk does not have {some(missing)}: whoever should hear them hears nothing",
            "Put them below its sounds folder, by language, then `module reload sounds`.",
        )
    return good("sounds", "Asterisk has every prompt of menus and queues")


def _prompts(has: Configuration) -> Iterator[str]:
    for menu in has.menus.values():
        for step in menu.steps.values():
            yield from getattr(step, "prompts", ())
    for queue in has.queues.values():
        yield from (*queue.whisper, *queue.whisper_repeat)
        if queue.announcements is not None:
            yield from queue.announcements.prompts
