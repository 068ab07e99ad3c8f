# Everything one does with Cordboard while working on it. `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SEED ?=
# One more than there are cores: many tests wait for a socket as long as they compute.
WORKERS := $(shell expr $$(nproc) + 1)

# A machine that asks for it to be left away would compile everything anew in each of many processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup parts demo test check compose-test lint simulate bench mutation format constraints diagrams client clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## Python packages, in a folder of their own

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Cordboard needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh .ci/install-venv $(PYTHON)
	@echo "Python packages: into $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

parts: $(READY)
	@$(BIN)/python -m tests.parts

demo: $(READY) ## Real Asterisk, real calls, on this terminal
	@$(BIN)/cordboard demo

test: $(READY) parts lint ## Every test, the ones on a real Asterisk included
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not live and not compose"
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m live --reruns 1

check: $(READY) lint ## Format, lint, types, imports, unit tests, properties, 20 simulated days: under a minute
	@CORDBOARD_EXAMPLES=check $(BIN)/python -m pytest -q -p no:schemathesis -n $(WORKERS) -m "not live and not compose and not slow"

compose-test: $(READY) parts ## docker-compose.yml, run for real: a call into it, the pop out of it
	@$(BIN)/python -m pytest -m compose

lint: $(READY)
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo >/dev/null || { $(BIN)/lint-imports --no-logo; exit 1; }

simulate: $(READY) ## Simulated days; SEED=42 replays one
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED))

bench: $(READY) parts ## Routing latency beside app_queue and the barest ARI application
	@$(BIN)/python -m bench.routing

mutation: $(READY) ## Small changes to the engine, each of which a test must notice; MODULE=matching for one, MINUTES=60 at most, CHILDREN=2 side by side
	@$(BIN)/python -m tests.mutation $(MODULE) --minutes $(or $(MINUTES),60) --children $(or $(CHILDREN),1)

format: $(READY) ## Format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

diagrams: $(READY) ## Draw ARCHITECTURE.md's diagrams anew from the tables of moves
	@$(BIN)/python -m tests.diagrams --write

client: $(READY) ## Write the client's shapes and operations anew from the API's own description
	@$(BIN)/python -m tests.client_code

constraints: ## Take over the versions that are installed now
	@{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable | grep -viE '^(pip|setuptools|wheel)=' | sort -f; } > constraints.new
	@mv constraints.new constraints.txt

clean: ## Remove what was made here (the lab's Asterisk stays: cordboard lab remove)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info mutants var
