"""docker-compose.yml is valid. It is run for real elsewhere; a typo should not wait for that."""

import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parent.parent / "docker-compose.yml"


def test_the_compose_file_follows_the_specification():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, str(FILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_typo_is_found(tmp_path):
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(FILE.read_text().replace("healthcheck:", "healtcheck:", 1))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, str(broken)], capture_output=True, text=True, check=False)
    assert result.returncode != 0
