"""Looks over all that Cordboard needs and says what to do; changes nothing, and takes nobody's place."""

from collections.abc import AsyncIterator

from acd.centre.file import Centre
from acd.doctor.asterisk import look_at_asterisk
from acd.doctor.finding import Finding, Verdict, bad, good
from acd.doctor.here import look_at_centre, look_here
from acd.doctor.manager import look_at_manager
from acd.serving import read_files
from acd.settings import Settings
from ivr.plain_yaml import BrokenFile

__all__ = ["Finding", "Verdict", "examine"]


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """What is well and what is not, each as soon as it is seen."""
    centre, finding = _centre(settings)
    yield finding
    async for finding in look_here(settings):
        yield finding
    if centre is not None:
        for finding in look_at_centre(centre):
            yield finding
    async for finding in look_at_asterisk(settings, centre):
        yield finding
    async for finding in look_at_manager(settings, centre):
        yield finding


def _centre(settings: Settings) -> tuple[Centre | None, Finding]:
    try:
        centre = read_files(settings)
    except BrokenFile as error:
        return None, bad("centre file", str(error), "Correct what is named; it is read as a whole.")
    has = centre.configuration
    said = f"{len(has.queues)} queues, {len(has.agents)} agents, {len(centre.users)} users"
    return centre, good("centre file", f"{settings.centre}: {said}")
