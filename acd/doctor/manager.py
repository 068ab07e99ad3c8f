"""What AMI shows of an Asterisk: the log-in, its rights, the dialplan, the queues for when we are away; asks only."""

from collections.abc import AsyncIterator

from acd.adapters.asterisk.ami_client import Ami, AmiError, AmiLost, Message
from acd.centre.file import Centre
from acd.doctor.finding import Finding, bad, doubtful, good, some
from acd.settings import Settings

_CONTEXTS = {
    "cordboard": (bad, "no call reaches us"),
    "cordboard-transfer": (doubtful, "the transfer button of agents' phones does nothing"),
    "cordboard-lookup": (doubtful, "a dialplan that keeps app_queue cannot ask who calls"),
}


async def look_at_manager(settings: Settings, centre: Centre | None) -> AsyncIterator[Finding]:
    """All that one sees over AMI."""
    secret = settings.ami_secret.get_secret_value()
    ami = Ami(
        settings.ami_host,
        settings.ami_port,
        settings.ami_user,
        secret,
        hear=lambda _: None,
        on_up=lambda: None,
        on_down=lambda _: None,
    )
    where = f"{settings.ami_host}:{settings.ami_port}"
    try:
        await ami.start()
        if not ami.connected:
            raise AmiLost(f"nobody answers at {where}: see manager.conf and CORDBOARD_AMI_HOST")
        yield good("manager", f"AMI at {where} lets {settings.ami_user} in")
        yield await _phones(ami)
        async for finding in _dialplan(ami):
            yield finding
        if centre is not None:
            yield await _queues(ami, sorted(centre.configuration.queues))
    except AmiError as error:
        yield bad("manager", str(error), "")
    finally:
        await ami.close()


async def _phones(ami: Ami) -> Finding:
    answer = await ami.request("DeviceStateList")
    if answer.ok:
        return good("phones' states", "Asterisk tells them")
    return doubtful(
        "phones' states",
        f"Asterisk does not tell them ({answer.text('Message')})",
        "Add `reporting` to `write` of the user in manager.conf.",
    )


async def _dialplan(ami: Ami) -> AsyncIterator[Finding]:
    missing = False
    for context, (find, otherwise) in _CONTEXTS.items():
        answer = await ami.request("ShowDialPlan", {"Context": context})
        if not answer.ok:
            missing = True
            said = f"[{context}] is not there ({answer.text('Message')}): {otherwise}"
            yield find("dialplan", said, "#include extensions-cordboard.conf in extensions.conf.")
    if not missing:
        yield good("dialplan", f"has {', '.join(_CONTEXTS)}")


async def _queues(ami: Ami, ours: list[str]) -> Finding:
    theirs: dict[str, None] = {}

    def each(message: Message) -> None:
        if message.text("Event") == "QueueParams":
            theirs[message.text("Queue")] = None

    await ami.request("QueueStatus", each=each)
    missing = [queue for queue in ours if queue not in theirs]
    if missing:
        return doubtful(
            "fallback",
            f"app_queue has no {some(missing)}: nobody serves their callers while we are away",
            "Add a line [name](cordboard-queue) for each to queues.conf.",
        )
    return good("fallback", "app_queue has every queue of ours")
