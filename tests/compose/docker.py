"""A Docker engine for the test: the machine's own if one runs, else one that is started here and ended again.

It must never leave a container, a network or a volume behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from acd.adapters.asterisk.lab import ensure_parts
from acd.adapters.asterisk.lab_parts import apt_install, which
from acd.adapters.asterisk.lab_process import GuardedProcess
from tests.live.waiting import until

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BASE = "debian:forky-slim"
STAND_INS = {"postgres:17-alpine": "Dockerfile.postgres", "redis:7-alpine": "Dockerfile.redis"}
# What this machine trusts and how it fetches packages: an image that is made here has to know it too.
_TRUSTED = "etc/ssl/of-this-machine.crt"
_OF_THIS_MACHINE = {
    "etc/ssl/certs/ca-certificates.crt": _TRUSTED,
    "etc/apt/apt.conf.d": "etc/apt/apt.conf.d",
    "etc/pip.conf": "etc/pip.conf",
}
_ELSEWHERE = ("proc/", "sys/", "dev/", "srv/", "run/", "tmp/")


class Docker:
    """Runs `docker` and `docker-compose` against one engine."""

    def __init__(self, host: str | None) -> None:
        self._host = {"DOCKER_HOST": host} if host else {}

    def run(
        self, *argv: str, settings: Mapping[str, str] | None = None, within_s: float = 900
    ) -> str:
        """What it prints; an AssertionError with its last words if it fails."""
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env={**os.environ, **self._host, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(argv)}:\n{done.stdout[-4000:]}"
        return done.stdout

    def has(self, image: str) -> bool:
        return bool(self.run("docker", "images", "--quiet", image).strip())

    def ensure_images(self) -> None:
        """The images that docker-compose.yml names: pulled, or made here where nothing can be pulled."""
        for image in (BASE, *STAND_INS):
            if not self.has(image) and not self._pulled(image):
                self._make(image)

    def _pulled(self, image: str) -> bool:
        try:
            self.run("docker", "pull", "--quiet", image, within_s=300)
        except (AssertionError, subprocess.TimeoutExpired):
            return False
        return True

    def _make(self, image: str) -> None:
        if image != BASE:
            file = HERE / STAND_INS[image]
            self.run("docker", "build", "--tag", image, "--file", str(file), str(HERE))
            return
        # The lab's Asterisk lives in a Debian of this very release.
        with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
            with tarfile.open(packed.name, "w") as tar:
                tar.add(ensure_parts(print).root, "", filter=_plain)
                for path, inside in _OF_THIS_MACHINE.items():
                    if Path("/", path).exists():
                        tar.add(Path("/", path), inside)
            trust = f"ENV PIP_CERT=/{_TRUSTED}"
            self.run("docker", "import", "--change", trust, packed.name, image)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What of the lab's Debian goes into an image: not what is mounted there, nor what is put in anew."""
    elsewhere = member.name.startswith((*_ELSEWHERE, *_OF_THIS_MACHINE.values()))
    return None if elsewhere else member


@contextmanager
def docker_engine(folder: Path) -> Iterator[Docker]:
    missing = [
        package
        for program, package in (("docker", "docker.io"), ("docker-compose", "docker-compose"))
        if which(program) is None
    ]
    if missing or which("dockerd") is None:
        apt_install([*missing, "docker.io", "iptables"], print)
    if _answers(()):
        yield Docker(None)
        return
    host = f"unix://{folder / 'docker.sock'}"
    argv = ["dockerd", "--host", host, "--pidfile", str(folder / "pid")]
    # Kept from one run to the next: the images are what takes time.
    argv += ["--data-root", "/var/cache/cordboard/docker", "--exec-root", str(folder / "exec")]
    engine = GuardedProcess(argv, output=folder / "dockerd.log")
    try:
        until(lambda: _answers(("--host", host)), within_s=60, what="dockerd answers")
        yield Docker(host)
    finally:
        engine.stop(grace_s=20)
        # dockerd leaves these mounted, and pytest, which removes the folder three runs later, would fail over them.
        for left in (folder / "exec" / "netns").glob("*"):
            subprocess.run(["umount", str(left)], check=False)


def _answers(where: Sequence[str]) -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, *where, "info"], capture_output=True, check=False)
    return asked.returncode == 0
