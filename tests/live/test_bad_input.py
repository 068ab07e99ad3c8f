"""What people get wrong, and what callers may say: told in one clear message, and nobody else notices."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.demo.product import Product
from tests.live.centre import Centre, centre_file, over, ringing, until
from tests.live.raw_caller import RawCaller

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

GOOD_CENTRE = centre_file({"ana": ["support"]}, {"support": {}, "sales": {}})


async def refusal(folder: Path, lab: Lab, *, code: int = 78, **settings: str) -> str:
    """What a server says that does not start; it must be one message, and no traceback."""
    centre = folder / "centre.yaml"
    if not centre.exists():
        centre.write_text(GOOD_CENTRE)
    product = Product(folder, lab, **settings)
    product.launch()
    assert product.process is not None
    try:
        await until(lambda: product.process and not product.process.running, what="it has ended")
        assert product.process.exit_code == code
    finally:
        product.stop()
    assert "Traceback" not in product.words()
    told = [line for line in product.words().splitlines() if "alembic" not in line]
    at = [number for number, line in enumerate(told) if "CRITICAL" in line]
    assert len(at) == 1, told
    return "\n".join(told[at[0] :])


async def test_a_wrong_ari_password(lab: Lab, tmp_path: Path) -> None:
    said = await refusal(tmp_path, lab, ari_password="wrong")
    assert lab.ari_url in said and "refuses user cordboard (401)" in said
    assert "check [cordboard] in ari.conf and CORDBOARD_ARI_PASSWORD" in said


async def test_a_wrong_ami_secret(lab: Lab, tmp_path: Path) -> None:
    said = await refusal(tmp_path, lab, ami_secret="wrong")
    assert lab.ami_host in said and "manager.conf" in said and "CORDBOARD_AMI_SECRET" in said


class OldAsterisk(BaseHTTPRequestHandler):
    """Says which version it is, to whoever asks."""

    def do_GET(self) -> None:
        body = b'{"system": {"version": "18.9.0"}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody wants to read it."""


@contextmanager
def old_asterisk() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), OldAsterisk) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/ari"
        finally:
            server.shutdown()
            thread.join()


async def test_an_asterisk_that_is_too_old(lab: Lab, tmp_path: Path) -> None:
    with old_asterisk() as url:
        said = await refusal(tmp_path, lab, ari_url=url)
    assert f"{url} is 18.9.0: Cordboard needs 20 or newer" in said


async def test_a_busy_port(lab: Lab, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = await refusal(tmp_path, lab, api_port=port)
    assert f"127.0.0.1:{port}" in said and "CORDBOARD_API_PORT" in said


@pytest.mark.parametrize("what", ["a folder", "garbage"])
async def test_a_database_that_is_none(lab: Lab, tmp_path: Path, what: str) -> None:
    place = tmp_path / "db"
    if what == "a folder":
        place.mkdir()
    else:
        place.write_bytes(b"no database " * 1000)
    said = await refusal(tmp_path, lab, database=f"sqlite:///{place}")
    assert place.name in said and "ive the path of" in said


async def test_a_database_that_is_not_there_yet(lab: Lab, tmp_path: Path) -> None:
    nobody = "postgresql://cordboard:secret@127.0.0.1:1/cordboard"
    said = await refusal(tmp_path, lab, code=69, database=nobody)
    assert "start PostgreSQL there" in said and "secret" not in said


async def test_no_centre_file(lab: Lab, tmp_path: Path) -> None:
    said = await refusal(tmp_path, lab, centre=str(tmp_path / "none.yaml"))
    assert "none.yaml" in said and "CORDBOARD_CENTRE" in said


async def test_a_broken_centre_file(lab: Lab, tmp_path: Path) -> None:
    text = "queues:\n  support: {name: Support}\nagents:\n"
    text += "  ana: {name: Ana, phone: PJSIP/ana&PJSIP/bob, queues: [suport]}\n"
    (tmp_path / "centre.yaml").write_text(text)
    said = await refusal(tmp_path, lab)
    assert said.count("centre.yaml:4") == 2, "each problem has its line"
    assert "not of the form PJSIP/name" in said and "suport" in said and "support" in said


async def test_a_broken_menu(lab: Lab, tmp_path: Path) -> None:
    menus = tmp_path / "menus"
    menus.mkdir()
    (menus / "main.yaml").write_text("menu: main\nstart: go\nsteps:\n  go: {queue: nowhere}\n")
    said = await refusal(tmp_path, lab, menus=str(menus))
    assert "main.yaml:4" in said and "nowhere" in said and "sales" in said


async def test_a_journal_that_cannot_be_written(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await refusal(tmp_path, lab, journal=str(tmp_path / "file" / "journal"))
    assert str(tmp_path / "file" / "journal") in said and "CORDBOARD_JOURNAL" in said


async def test_a_dialplan_that_names_what_is_not_there(lab: Lab, tmp_path: Path) -> None:
    """Ana is ours and serves support; bob's phone is app_queue's alone, and he serves who is not ours."""
    menus = tmp_path / "menus"
    menus.mkdir()
    (menus / "main.yaml").write_text("menu: other\nstart: go\nsteps:\n  go: {queue: support}\n")
    centre = Centre(
        lab, tmp_path, agents={"ana": ["support"]}, queues={"support": {}}, menus=str(menus)
    )
    async with centre:
        with AgentPhones(lab, default=Phone(ring_ms=30, talk_ms=50)) as phones:
            for queue in ("support", "sales"):
                lab.cli(f"queue add member PJSIP/bob to {queue}")
            for extension, missing in (("4002", "queue 'sales'"), ("4000", "menu 'main'")):
                before = len(phones.rung())
                with Callers(lab, [Call(extension=extension)], media=True) as caller:
                    told = await centre.boss.hears("misconfigured")
                    assert missing in told["problem"]
                    await until(lambda before=before: len(phones.rung()) > before, what="served")
                    await over(caller)
                assert (await centre.boss.hears("call-ended"))["ending"] == "released"
            await centre.on_shift("ana")
            with Callers(lab, [Call(extension="4001")], media=True) as caller:
                await centre.boss.hears("call-connected", agent="ana")
                await over(caller)


NUMBER = "13927182818"
TOUCH = "touch /srv/evil"  # Where an Asterisk of the lab finds the lab's own folder.
EVIL = {
    "10 kB": b'"' + b"A" * 10_000 + b'"',
    "control characters": b'"Eve\x01\x1b[2J\x7f\x08 Mallory"',
    "quotes and commas": rb'"O\"Neil, \\ Jr.,,\",a=b&c"',
    "a function": f'"${{SHELL({TOUCH})}}${{SYSTEM({TOUCH})}}"'.encode(),
    "a subshell": f'"$({TOUCH})`{TOUCH}`; {TOUCH}|{TOUCH}"'.encode(),
    "four bytes a letter": '"周周𠮷😀👩‍👩‍👧 Zhou"'.encode(),
    "right to left": '"\u202egnp.exe\u202c \u200f\u2066Ali\u2069"'.encode(),
    "markup": b'"<script>alert(1)</script><img src=x onerror=alert(1)>"',
    "another's letters": '"王小明"'.encode("gbk"),
    "no name": b"",
}


# What a URI may contain; Asterisk itself throws away a message that cannot be one.
EVIL_NUMBERS = (
    "+" + "9" * 3000,
    "%24%7bSHELL(touch%20/srv/evil)%7d",
    "%0d%0aBye:%20x",
    "%22%3cscript%3e,&",
    "a;b=c",
)


async def test_whatever_a_caller_calls_himself(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, log_level="DEBUG") as centre:
        with AgentPhones(lab, default=Phone(ring_ms=20, talk_ms=20)) as phones:
            await centre.on_shift("ana")
            for turn, (what, name) in enumerate(EVIL.items(), 1):
                with RawCaller(lab, caller=name + f" <sip:{NUMBER}@trunk>".encode()) as caller:
                    await until(lambda caller=caller: caller.status, what=what)
                    assert caller.status == 200, f"{what}: {caller.status}"
                    offered = await centre.boss.hears("call-offered")
                    ended = await centre.boss.hears("call-ended", call=offered["call"])
                    assert ended["ending"] == "completed", what
                    await ringing(phones, turn)
                    caller.hang_up()
                shown = offered["view"]["caller"]
                assert shown["number"].endswith(NUMBER), what
                assert shown["name"].isprintable() and len(shown["name"]) <= 64, what
            statuses: list[int] = []
            for number in EVIL_NUMBERS:
                with RawCaller(lab, caller=f"<sip:{number}@trunk>".encode()) as caller:
                    await until(lambda caller=caller: caller.status, what=number[:40])
                    statuses.append(caller.status)
                    if caller.status == 200:
                        offered = await centre.boss.hears("call-offered")
                        await centre.boss.hears("call-ended", call=offered["call"])
                        shown = offered["view"]["caller"]["number"]
                        assert shown.isprintable() and len(shown) <= 64
                    caller.hang_up()
            assert statuses.count(200) >= len(EVIL_NUMBERS) - 1, statuses
            assert not centre.boss.events("misconfigured")
            invites = [message.text for message, _ in phones.invitations()]
        assert not list(lab.folder.rglob("evil")), "a caller's words were carried out"
        assert all(len(text) < 2000 and "\x1b" not in text for text in invites)
        for words in (NUMBER, NUMBER[-8:], "Mallory", "Zhou", "Neil", "SHELL", "script", "AAAA"):
            assert words not in centre.log, "what callers say is in the log"
