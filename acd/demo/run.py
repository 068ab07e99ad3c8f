"""Sets the demo up, lets it happen, takes it down; leaves nothing running, however it ends."""

import asyncio
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.live import Live

from acd.adapters.asterisk.lab import Lab, LabError, ensure_parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.clock import Clock
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.notices import (
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallQueued,
    CallStarted,
    Ending,
    OutcomeRecorded,
)
from acd.demo import script
from acd.demo.product import Product
from acd.demo.stage import Stage
from cordboard_client import ApiError, AsyncClient

REGION = "CN"
HOUR_MS = 3_600_000
LONGEST_S = 120
_PATIENCE_S = 5
_MENU_NUMBER = "4000"
_LINES_BEFORE_PICTURE = 46


def run(console: Console, *, speed: float = 1.0, picture: Path | None = None) -> int:
    """The whole demo; returns the exit code. `picture` keeps the last screen as an SVG file."""
    with TemporaryDirectory(prefix="cordboard-demo-") as folder, asyncio.Runner() as runner:
        return runner.run(_run(console, Path(folder), speed, picture))


async def _run(console: Console, folder: Path, speed: float, picture: Path | None) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with console.status("Looking for Asterisk and SIPp …") as status:
        await asyncio.to_thread(ensure_parts, lambda line: _show(console, status.update, line))
        status.update("Starting an Asterisk of its own …")
        lab = Lab("demo", folder / "asterisk", agents=tuple(script.AGENTS))
        await asyncio.to_thread(lab.start)
    try:
        return await _with_asterisk(console, folder, lab, speed, picture)
    finally:
        lab.stop()


def _show(console: Console, update: Callable[[str], None], line: str) -> None:
    """Progress: on a terminal in one line that changes, in a file line by line."""
    if console.is_terminal:
        update(line)
    else:
        console.print(line, highlight=False)


async def _with_asterisk(
    console: Console, folder: Path, lab: Lab, speed: float, picture: Path | None
) -> int:
    password = token_hex(12)
    hashed = PasswordHasher(time_cost=1, memory_cost=8192).hash(password)
    (folder / "centre.yaml").write_text(script.CENTRE.format(hash=hashed))
    await _remember_the_past(f"sqlite:///{folder / 'cordboard.db'}")
    console.print(f"{lab.status().asterisk} is up at {lab.sip_address}.", highlight=False)
    async with Product(folder, lab, region=REGION) as product:
        url = product.url
        console.print(
            f"Cordboard is up at {url} (its API: {url}/v1/openapi.json).\n", highlight=False
        )
        try:
            with AgentPhones(lab, script.PHONES):
                return await _play(console, lab, url, password, speed, picture)
        except ApiError as error:
            words = product.last_words()
            raise LabError(f"{error}\nThe server's last words:\n{words}") from error


async def _remember_the_past(url: str) -> None:
    """Customers and their earlier calls, told to the ledger as if they had just happened, with older times."""
    database = Database(url)
    await database.open()
    ledger = Ledger(database, region=REGION)
    names = {AgentId(name): shown for name, shown in script.AGENTS.items()}
    directory = Directory(database, region=REGION, ledger=ledger, agent_names=names)
    now = Clock().now_ms()
    await CustomerBook(database).put([person.listing for person in script.PEOPLE], at=now)
    await ledger.start()
    for serial, (number, hours, agent, outcome) in enumerate(script.HISTORY):
        at = now - round(hours * HOUR_MS)
        call = CallId(f"pbx1:past-{serial}")
        queue = QueueId("support")
        ledger.hear(
            CallStarted(
                at=at,
                call=call,
                number=number,
                name="",
                dialled=_MENU_NUMBER,
                entry=Entry.QUEUE,
                target=queue,
            )
        )
        identity = await directory.identify(number, at=at, window_ms=24 * HOUR_MS)
        ledger.hear(CallerRecognised(at=at, call=call, identity=identity, late=False))
        ledger.hear(CallQueued(at=at, call=call, queue=queue, priority=0, joined_at=at))
        ledger.hear(
            CallConnected(
                at=at + 8_000,
                call=call,
                offer=OfferId(f"{call}~{agent}~{at}"),
                agent=AgentId(agent),
                queue=queue,
                connected_at=at + 8_000,
                waited_ms=8_000,
            )
        )
        ledger.hear(
            CallEnded(
                at=at + 128_000,
                call=call,
                ending=Ending.COMPLETED,
                queue=queue,
                agent=AgentId(agent),
                waited_ms=8_000,
                talked_ms=120_000,
            )
        )
        ledger.hear(
            OutcomeRecorded(at=at + 130_000, call=call, agent=AgentId(agent), outcome=outcome)
        )
    await ledger.stop()
    await database.close()


async def _play(
    console: Console, lab: Lab, url: str, password: str, speed: float, picture: Path | None
) -> int:
    stage = Stage()
    async with AsyncClient(url) as boss:
        await boss.log_in("boss", password)
        for agent in script.AGENTS:
            async with AsyncClient(url) as phone:
                await phone.log_in(agent, password)
                await phone.log_agent_in(agent)
                await phone.set_agent_state(agent, {"state": "ready"})
        watching = asyncio.create_task(_watch(boss, stage))
        calling = asyncio.create_task(_place_calls(lab, speed))
        try:
            await _until_over(console, stage, watching, calling, picture)
        finally:
            for task in (watching, calling):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    console.print(stage.table())
    console.print(stage.summary(), highlight=False)
    return 0 if stage.ended == len(script.CALLERS) else 1


async def _watch(boss: AsyncClient, stage: Stage) -> None:
    """Hear what happens; and, as an agent would, say what came of each call."""
    async for frame in boss.events(patience_s=_PATIENCE_S):
        if (finished := stage.hear(frame)) is not None:
            await boss.record_outcome(finished.call, {"outcome": finished.outcome})


async def _place_calls(lab: Lab, speed: float) -> None:
    """Every call at its time, each from a SIPp that places the calls of one moment."""
    start = time.monotonic()
    phones: list[Callers] = []
    try:
        for serial, caller in enumerate(script.CALLERS):
            await asyncio.sleep(max(0.0, start + caller.at_s / speed - time.monotonic()))
            call = Call(
                number=caller.number,
                name=caller.name,
                extension=_MENU_NUMBER,
                digits=caller.key,
                digits_after_ms=4_500,
                # From the answer, which is the menu's: whether an agent comes is not the phone's to know.
                talk_ms=round(caller.patience_s * 1000),
            )
            one = Callers(lab, [call], trace=False, name=f"caller-{serial}", port=5100 + serial)
            one.start()
            phones.append(one)
        await asyncio.sleep(LONGEST_S)
    finally:
        for one in phones:
            one.stop()


async def _until_over(
    console: Console,
    stage: Stage,
    watching: asyncio.Task[None],
    calling: asyncio.Task[None],
    picture: Path | None,
) -> None:
    deadline = time.monotonic() + LONGEST_S
    shown = 0
    with Live(stage.screen(), console=console, auto_refresh=False, transient=True) as live:
        while stage.ended < len(script.CALLERS) and time.monotonic() < deadline:
            for task in (watching, calling):
                if task.done():
                    task.result()
            if console.is_terminal:
                live.update(stage.screen(), refresh=True)
            else:
                shown = _print_from(console, stage, shown)
            if picture is not None and len(stage.lines) >= _LINES_BEFORE_PICTURE:
                _take_picture(stage, picture)
                picture = None
            await asyncio.sleep(0.1)
    if not console.is_terminal:
        _print_from(console, stage, shown)


def _print_from(console: Console, stage: Stage, shown: int) -> int:
    for line in stage.lines[shown:]:
        console.print(line, highlight=False)
    return len(stage.lines)


def _take_picture(stage: Stage, file: Path) -> None:
    canvas = Console(record=True, width=124, force_terminal=True, file=StringIO())
    canvas.print(stage.screen())
    # Without the fonts that the template would fetch from elsewhere.
    template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    canvas.save_svg(str(file), title="make demo", code_format=template)
