"""Our images, run for real: all of docker-compose.yml, with the pop at a process that is not the engine's; the demo."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab, ensure_parts
from acd.adapters.asterisk.lab_addresses import AddressBlock
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from cordboard_client import AsyncClient, UnreachableError
from tests.compose.docker import Docker, docker_engine
from tests.live.centre import Person, centre_file, over

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]


class InContainer(Lab):
    """A lab whose configuration is ours, and whose Asterisk is the container's."""

    def configure(self) -> None:
        self._block = AddressBlock.claim()
        self._write_folder()
        etc = self.folder / "etc"
        (etc / "asterisk.conf").unlink()  # Its folders are those of Debian's package.
        for path in (self.folder.parent, self.folder, etc, *etc.iterdir()):
            path.chmod(0o755)  # The container's asterisk is another user.


def free_port() -> int:
    """Not one that the kernel may give to somebody else before a container takes it."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[Docker]:
    with docker_engine(tmp_path) as engine:
        engine.ensure_images()
        yield engine
    left = [
        line for line in Path("/proc/self/mounts").read_text().splitlines() if str(tmp_path) in line
    ]
    assert left == [], "what is mounted there cannot be removed"


def test_the_demo_where_there_is_docker_and_nothing_else(docker: Docker) -> None:
    image = f"cordboard-demo-{secrets.token_hex(3)}"
    docker.run("docker", "build", "--tag", image, "--file", "asterisk_conf/lab/Dockerfile", ".")
    try:
        said = docker.run("docker", "run", "--rm", image, within_s=180)
    finally:
        docker.run("docker", "rmi", "--force", image)
    assert "14 calls = 13 answered + 1 abandoned + 0 other" in said


async def test_a_caller_and_the_pop_at_another_process(docker: Docker, tmp_path: Path) -> None:
    lab = InContainer("compose", tmp_path / "lab", parts=ensure_parts(print))
    lab.configure()
    centre = tmp_path / "centre.yaml"
    centre.write_text(centre_file({"ana": ["support"]}, {"support": {}, "sales": {}}))
    ports = {name: str(free_port()) for name in ("POSTGRES", "REDIS", "ENGINE", "API_1", "API_2")}
    settings = {
        **{f"{name}_PORT": port for name, port in ports.items()},
        "COMPOSE_PROJECT_NAME": f"cordboard-test-{secrets.token_hex(3)}",
        "POSTGRES_PASSWORD": secrets.token_hex(16),
        "CORDBOARD_ARI_PASSWORD": lab.ari_password,
        "CORDBOARD_AMI_SECRET": lab.ami_secret,
        "ARI_URL": lab.ari_url,
        "AMI_HOST": lab.ami_host,
        "ETC_ASTERISK": str(lab.folder / "etc"),
        "CENTRE_FILE": str(centre),
    }

    def compose(*argv: str) -> str:
        return docker.run("docker-compose", *argv, settings=settings)

    try:
        compose("build")
        compose("up", "--detach")
        await the_pop_is_there(
            lab, f"http://127.0.0.1:{ports['API_1']}", f"http://127.0.0.1:{ports['API_2']}"
        )
        for service in ("asterisk", "cordboard", "api-1", "api-2"):
            assert compose("exec", "-T", service, "id", "-u").strip() != "0", service
    except BaseException:
        print(compose("ps"), compose("logs", "--tail", "40"))
        raise
    finally:
        compose("down", "--volumes", "--timeout", "5")


async def until_ready(url: str) -> None:
    async with asyncio.timeout(60), AsyncClient(url) as api:
        while True:
            with suppress(UnreachableError):
                if (await api.ready())["ready"]:
                    return
            await asyncio.sleep(0.2)


async def the_pop_is_there(lab: Lab, first: str, second: str) -> None:
    for url in (first, second):
        await until_ready(url)
    ana, boss = await Person(first, "ana").arrive(), await Person(second, "boss").arrive()
    try:
        await ana.api.log_agent_in("ana")
        with (
            AgentPhones(lab, default=Phone(ring_ms=200)) as phones,
            Callers(lab, [Call()], media=True) as caller,
        ):
            await ana.ready()
            assert (await ana.hears("call-offered"))["agent"] == "ana"
            assert (await boss.hears("call-connected"))["agent"] == "ana"
            caller.hang_up()
            await boss.hears("call-ended")
            await over(caller)
            assert [who for _, who in phones.rung()] == ["ana"]
    finally:
        await asyncio.gather(ana.go(), boss.go())
