"""Has an agent's phone that rings pick up, by AMI; must never reach a phone but in the very call that rings there."""

import asyncio
import logging

from acd.adapters.asterisk.ami_client import AmiLost
from acd.adapters.asterisk.ami_link import AmiLink
from acd.core.commands import PickUp
from acd.core.ids import agent_leg, uniqueid_of

log = logging.getLogger(__name__)

_AGAIN_S = 0.1
# The pop is there before the INVITE is, and a phone takes its time to say that it rings.
_TRIES = 20
_DENIED = "Permission denied"


async def pick_up(link: AmiLink, command: PickUp) -> None:
    """Tell the phone `Event: talk` in the dialogue of this call. Told twice it does no more than once."""
    said = {"Channel": uniqueid_of(agent_leg(command.offer)), "Variable": "Event=talk"}
    try:
        for _ in range(_TRIES):
            answer = await link.request("PJSIPNotify", said)
            if answer.ok:
                return
            if answer.text("Message") == _DENIED:
                log.error(
                    "Asterisk %s tells no phone to pick up: for remote_answer the user in manager.conf "
                    "needs write=agent,reporting,system",
                    link.node,
                )
                return
            await asyncio.sleep(_AGAIN_S)
        log.info("%s: a phone was not told to pick up: it does not ring", link.node)
    except AmiLost as lost:
        log.warning("%s: a phone was not told to pick up: %s", link.node, lost)
