"""Installs what the tests need and the machine does not have: Asterisk, SIPp, PostgreSQL, Redis; or says how to."""

import sys
from pathlib import Path
from shutil import which

from acd.adapters.asterisk.lab_parts import LabError, apt_install, ensure_parts


def main() -> int:
    """Make sure that everything is there."""
    try:
        ensure_parts(print)
        if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            apt_install(["postgresql"], print)
        if which("redis-server") is None:
            apt_install(["redis-server"], print)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
