# Two commands do everything, set-up included: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
WEB := services/web
WEB_SOURCES := $(wildcard $(addprefix $(WEB)/,*.json *.ts index.html public/* src/* src/*/*))

# Those that need neither processes of their own nor a server; to look into the other folders takes as long.
FAST := tests/unit tests/chaos tests/contract tests/services tests/topologies tests/docs -m "not acceptance and not servers"
# They have nothing to wait for, so that two cores do them in little more than half the time of one.
FAST += -n 2 --dist loadfile
# Each of these waits for its processes most of the time: more of them than cores.
SLOW := -m "acceptance and not servers" -n 5 --dist loadfile
# What Hypothesis draws, in its full number; the fast set is content with fewer examples.
DRAWN := tests/unit tests/contract tests/services -m "hypothesis and not acceptance and not servers" -n 2
# Compiled once, wherever that is forbidden: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

.PHONY: help run run-reddit web test test-fast test-long
.PHONY: test-servers test-long-servers chaos which-servers check clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

run: .venv/run web  ## the main job: a generated collection, screened by the whole topology on this machine
	@./screening run $(ARGS)

run-reddit: .venv/run-reddit web  ## crawler and screening on a Reddit of generated people, with no account
	@./screening run-reddit $(ARGS)

web: $(WEB)/dist/index.html  ## build the page of the web tool

test: .venv/test  ## every test that needs no server, from unit to processes killed at random
	@$(BIN)/pytest $(FAST) --hypothesis-profile=quick
	@$(BIN)/pytest $(DRAWN)
	@$(BIN)/pytest $(SLOW) $(ARGS)

test-fast: .venv/test  ## the tests that take seconds
	@$(BIN)/pytest $(FAST) --hypothesis-profile=quick

test-long: .venv/test  ## the kill test and that of an open page in their long form
	@CATENAE_KILL_ROUNDS=20 $(BIN)/pytest tests/acceptance/test_kill.py
	@CATENAE_HEAP_MINUTES=10 $(BIN)/pytest tests/acceptance/web/test_endurance.py

test-servers: .venv/servers  ## tests against real servers: see tests/servers/README.md
	@$(BIN)/pytest -m servers $(ARGS)

test-long-servers: .venv/servers  ## the kill test on a real Kafka in its long form, with both clients
	@CATENAE_KILL_ROUNDS=20 $(BIN)/pytest tests/acceptance/test_kill_kafka.py --log-cli-level=INFO

SEED ?= 1
MINUTES ?= 1
BROKER ?= embedded
CLIENT ?= confluent
BROKERS ?= 1
SHAPE ?= drawn

chaos: .venv/servers  ## torment a topology and recount: SEED= MINUTES= BROKER= CLIENT= BROKERS= SHAPE=, see tests/chaos
	@$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) --broker $(BROKER) --client $(CLIENT) \
		--brokers $(BROKERS) --shape $(SHAPE) $(ARGS)

which-servers: .venv/servers  ## which real servers tests can have here, and why not the others
	@$(BIN)/python -m tests.servers --which

check: .venv/servers  ## format, lint, types, layers, the page; with every extra, whose types count
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m services.web.build check

clean:  ## remove what was installed and generated, data included
	rm -rf .venv data models build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf $(WEB)/dist $(WEB)/node_modules

$(WEB)/dist/index.html: $(WEB_SOURCES) | .venv/bin/pip
	@$(BIN)/python -m services.web.build

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "catenae needs Python 3.11 or newer; name one: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "python's venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

.venv/run: pyproject.toml | .venv/bin/pip
	@echo "installing into .venv …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[screening]'
	@touch $@

.venv/run-reddit: pyproject.toml | .venv/bin/pip
	@echo "installing into .venv …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[screening,reddit,local-reddit]'
	@touch .venv/run $@

.venv/servers: pyproject.toml | .venv/test
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,kafka,fast,mongodb,aerospike]'
	@touch $@

.venv/test: pyproject.toml | .venv/bin/pip
	@echo "installing into .venv …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch .venv/run $@
