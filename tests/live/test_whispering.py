"""An agent hears who calls before the two are connected: who heard what is in the sound that went over the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.commands import Connect, Whisper
from tests.live.centre import Centre, over, together, until
from tests.live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

AGENTS = {"ana": ["support"]}
WORDS = ["digits/1", "digits/2"]
_HEADER = 12  # Of RTP.


def sound_to(wire: Wire, address: str) -> Iterator[tuple[float, bytes]]:
    """Every frame of a voice or of music that went to this address: not silence, of which all samples are alike."""
    receiver = socket.inet_aton(address)
    for at, packet in wire.seen:
        udp = packet[4 * (packet[0] & 15) :]
        frame = udp[8 + _HEADER :]
        is_rtp = packet[9] == socket.IPPROTO_UDP and udp[8:9] == b"\x80"
        if is_rtp and packet[16:20] == receiver and len(set(frame)) > 30:
            yield at, frame


async def test_the_agent_hears_the_words_and_the_caller_his_music_until_they_are_connected(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {"support": {"whisper": WORDS, "whisper_repeat": ["digits/3"]}, "sales": {}}
    words: list[set[bytes]] = []
    async with Centre(lab, tmp_path, agents=AGENTS, queues=queues) as centre:
        for number in ("13800138000", "13800138001", "13800138001"):
            caller = Callers(lab, [Call(number=number)], media=True)
            with AgentPhones(lab, default=Phone(ring_ms=30)), Wire(b"") as wire, caller:
                await centre.boss.hears("call-queued")
                (ana,) = await centre.on_shift("ana")
                connected = await centre.boss.hears("call-connected", agent="ana")
                await until(lambda: together(centre) == [{"ana", "caller"}])
                caller.hang_up()
                await over(caller)
                await ana.becomes("ready")
                await ana.not_ready()
                await centre.quiet()
            heard = list(sound_to(wire, lab.agents_address))
            music = {frame for _, frame in sound_to(wire, lab.trunk_address)}
            assert len(heard) > 20, "the agent has heard words"
            assert len(music) > 20, "and the caller has heard music meanwhile"
            words.append({frame for _, frame in heard})
            assert not words[-1] & music, "of which neither has heard anything of the other's"
            waited_ms = connected["view"]["connected_at"] - connected["view"]["joined_at"]
            assert connected["waited_ms"] == waited_ms > 1000 * (heard[-1][0] - heard[0][0])
        same = words[0] & words[1]
        assert len(same) > 20, "the same words are the same sound: they would have been recognised"
        assert len(words[2]) > len(words[1]), "and who calls again is told by more of them"
        said = [out for out in centre.replay() if isinstance(out, Whisper | Connect)]
    assert [type(one) for one in said] == [Whisper, Connect] * 3
    assert [one.prompts for one in said if isinstance(one, Whisper)] == [
        *[("digits/1", "digits/2")] * 2,
        ("digits/1", "digits/2", "digits/3"),
    ]


async def test_who_hangs_up_at_the_words_has_refused_and_the_caller_who_does_has_given_up(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {
        "support": {"whisper": ["silence/5"], "reject": "not-ready", "spare_s": 1},
        "sales": {},
    }
    async with Centre(lab, tmp_path, agents=AGENTS, queues=queues) as centre:
        with (
            AgentPhones(lab, default=Phone(ring_ms=30)) as phones,
            Callers(lab, [Call()], media=True) as caller,
        ):
            (ana,) = await centre.on_shift("ana")
            await centre.boss.hears("call-offered")
            await until(lambda: whispered(centre) == 1, what="she has picked up, and listens")
            assert together(centre) == []
            phones.press("ana")
            ended = await centre.boss.hears("offer-ended", agent="ana")
            assert ended["outcome"] == "rejected"
            assert (await ana.becomes("not-ready"))["causes"][0]["cause"] == "rejected"
            await ana.ready()
            await centre.boss.hears("call-offered")
            await until(lambda: whispered(centre) == 2, what="she listens again")
            caller.hang_up()
            gone = await centre.boss.hears("call-ended")
            assert (gone["ending"], gone["agent"]) == ("abandoned", None)
            await over(caller)
            await ana.becomes("ready")
            await centre.quiet()


def whispered(centre: Centre) -> int:
    """How often an agent hears, or has heard, words of ours."""
    return sum(isinstance(said, Whisper) for said in centre.replay())
