"""docker-compose.yml, run for real: `make compose-test`. It needs root, and is not a part of `make test`."""
