# Every command a developer needs. Requires Python 3.11 or newer, make and a package index, and nothing else.

PYTHON ?= python3

DEV := .venv/bin/python
EMULATOR := .local/emulator/venv/bin/python
PEERS := .local/peers/bin/python
KIWI := .local/kiwi/bin/python
TOOLS := .local/tools/bin/python
LOCKER := .local/locker/bin/python
# Each stamp is in its environment's folder, so deleting the folder deletes the stamp.
DEV_STAMP := .venv/installed
EMULATOR_STAMP := .local/emulator/venv/installed
PEERS_STAMP := .local/peers/installed
KIWI_STAMP := .local/kiwi/installed
TOOLS_STAMP := .local/tools/installed
DEPLOYER_STAMP := .local/deployer/installed
LOCKER_STAMP := .local/locker/installed

PIP := -m pip --quiet --quiet --disable-pip-version-check --no-input install
PYTEST := $(DEV) -m pytest
# Each worker has its own PostgreSQL and AWS emulator; a worker without tests takes some from another.
PARALLEL := -n auto --dist worksteal
# The pure packages, whose tests need neither PostgreSQL nor the emulator.
PURE := $(addprefix tests/,parsing analysis masking merging coaching korean domain)
CODE := app.py chalicelib local migrations benchmarks infrastructure training

# Options are given on the command line, as in `make demo FILE=chat.txt ME=지우`. A variable of the same name in the
# shell's environment has another purpose and is ignored.
define ignore_in_environment
ifneq ($(origin $(1)),command line)
unexport $(1)
$(1) :=
endif
endef
$(foreach name,ARGS DEBUG EMAIL FILE ME SEED,$(eval $(call ignore_in_environment,$(name))))
# These belong to another project.
unexport PYTHONPATH PYTHONHOME

.PHONY: bench check clean demo docs faults fix fuzz help hooks lock openapi run stop \
	test test-all test-deploy test-slow token unit
.DEFAULT_GOAL := help

help:
	@echo 'make demo                       show what Love Q does, on the bundled sample chat'
	@echo 'make demo FILE=chat.txt ME=name the same for your own export, seen as one of its two participants'
	@echo 'make run [PORT=8000]            run the whole backend on this machine until Ctrl-C'
	@echo 'make run SEED=1                 the same, with the sample chat imported for the demo user'
	@echo 'make run DEBUG=1                the same, with breakpoint() working and a port for debuggers'
	@echo 'make -s token [EMAIL=address]   print an ID token for a user of the running backend'
	@echo ''
	@echo 'make check                      format, lint, types, import rules, prose, complexity: seconds'
	@echo 'make fix                        correct what ruff can correct: lint and format'
	@echo 'make unit                       the tests of the pure packages'
	@echo 'make test                       check, and all tests but the slow ones and the deployment'
	@echo 'make test ARGS="-k masker"      only these tests; ARGS goes to pytest, also for unit and test-all'
	@echo 'make test-slow                  the slow tests, and longer runs of fuzzing and fault injection'
	@echo 'make test-deploy                package, deploy to an AWS emulator and run the main job there'
	@echo 'make test-all                   test, test-slow and test-deploy'
	@echo 'make hooks                      run format, lint and the secrets scan before each commit'
	@echo ''
	@echo 'make openapi                    write openapi.json and docs/api.md from the routes'
	@echo 'make docs                       write docs/settings.md from the settings'
	@echo 'make fuzz [EXAMPLES=300 SEED=1] send generated requests to every route, for some minutes'
	@echo 'make faults [OPERATIONS=10000]  send parallel requests on a failing database and check every write'
	@echo 'make bench                      measure what requests cost, as one table'
	@echo 'make lock [UPGRADE=--upgrade]   write the versions and hashes of the deployed packages'
	@echo 'make stop                       stop every process of this clone that still runs'
	@echo 'make clean                      delete everything that the other commands made'

demo: $(DEV_STAMP) $(EMULATOR_STAMP)
	@$(DEV) -m local demo

run: $(DEV_STAMP) $(EMULATOR_STAMP)
	@$(DEV) -m local run

token: $(DEV_STAMP)
	@$(DEV) -m local token

check: $(DEV_STAMP)
	$(DEV) -m ruff format --check .
	$(DEV) -m ruff check .
	$(DEV) -m mypy
	$(dir $(DEV))lint-imports --no-logo
	$(DEV) -m xenon --max-absolute C --max-modules B --max-average A $(CODE)
	$(PYTEST) tests/test_prose.py

fix: $(DEV_STAMP)
	$(DEV) -m ruff check --fix .
	$(DEV) -m ruff format .

unit: $(DEV_STAMP)
	$(PYTEST) $(PARALLEL) -m 'not slow' $(PURE) $(ARGS)

# With ARGS, the tests that they select and nothing else.
test: $(if $(ARGS),,check) $(DEV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(PYTEST) $(PARALLEL) -m 'not slow' --ignore=tests/deployment $(ARGS)

test-slow test-all: export FUZZ_EXAMPLES = 8
test-slow test-all: export FAULT_OPERATIONS = 1000

test-slow: $(DEV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(PYTEST) $(PARALLEL) -m 'slow or scaled' --ignore=tests/deployment

test-deploy: $(DEV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(PYTEST) tests/deployment

ifeq ($(ARGS),)
test-all:
	$(MAKE) test
	$(MAKE) test-slow
	$(MAKE) test-deploy
else
test-all: $(DEV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(PYTEST) -n auto --dist loadfile $(ARGS)
endif

hooks: $(DEV_STAMP)
	$(DEV) -m pre_commit install

openapi: $(DEV_STAMP)
	@$(DEV) -m local.openapi

docs: $(DEV_STAMP)
	@$(DEV) -m local.settings_page

fuzz: EXAMPLES = 300
fuzz: SEED = 1
fuzz: $(DEV_STAMP) $(EMULATOR_STAMP)
	FUZZ_EXAMPLES=$(EXAMPLES) FUZZ_SEED=$(SEED) $(PYTEST) tests/api/test_schemathesis.py

faults: OPERATIONS = 10000
faults: SEED = 1
faults: $(DEV_STAMP) $(EMULATOR_STAMP)
	FAULT_OPERATIONS=$(OPERATIONS) FAULT_SEED=$(SEED) $(PYTEST) -s tests/test_lost_writes.py

bench: $(DEV_STAMP) $(EMULATOR_STAMP) $(PEERS_STAMP) $(KIWI_STAMP)
	@$(DEV) -m benchmarks

# The first file pins what deploys. The second pins what goes into the Lambda: the same versions without chalice and
# its dependencies.
lock: COMPILE = $(LOCKER) -m uv pip compile --quiet $(UPGRADE) --generate-hashes --no-annotate \
	--custom-compile-command 'make lock'
lock: $(LOCKER_STAMP)
	@$(COMPILE) --universal --python-version 3.11 requirements.txt --output-file infrastructure/deployer.lock
	@grep -v '^chalice==' requirements.txt | $(COMPILE) --python-version 3.13 --python-platform aarch64-manylinux2014 \
		--constraints infrastructure/deployer.lock - --output-file infrastructure/lambda.lock

stop:
	@if [ -f $(DEV_STAMP) ]; then $(DEV) -m local stop; fi

clean:
	@if [ -f $(DEV_STAMP) ]; then $(DEV) -m local clean; fi
	rm -rf .local .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEV_STAMP): requirements.txt requirements-dev.txt
	$(call make_venv,.venv)
	@echo 'Installing the application and its tools into .venv (half a minute)' >&2
	@$(DEV) $(PIP) -r requirements-dev.txt
	@touch $@

$(EMULATOR_STAMP): local/requirements-emulator.txt
	$(call make_venv,.local/emulator/venv)
	@echo 'Installing the AWS emulator into .local/emulator/venv (ten seconds)' >&2
	@$(EMULATOR) $(PIP) -r local/requirements-emulator.txt
	@touch $@

# ./deploy-backend.sh packages with this one, and passes the Python version that Lambda runs.
$(DEPLOYER_STAMP): infrastructure/deployer.lock
	$(call make_venv,.local/deployer)
	@echo 'Installing the application into .local/deployer (half a minute)' >&2
	@.local/deployer/bin/python $(PIP) --no-deps --require-hashes -r $<
	@touch $@

$(LOCKER_STAMP): infrastructure/requirements-locker.txt
	$(call make_venv,.local/locker)
	@$(LOCKER) $(PIP) -r $<
	@touch $@

$(TOOLS_STAMP): infrastructure/requirements-tools.txt
	$(call make_venv,.local/tools)
	@echo 'Installing the linters of templates and scripts into .local/tools (ten seconds)' >&2
	@$(TOOLS) $(PIP) -r $<
	@touch $@

# A parser that cannot be installed is named in the benchmark table, and the next run tries it again.
$(PEERS_STAMP): benchmarks/requirements.txt
	$(call make_venv,.local/peers)
	@echo 'Installing public parsers for comparison into .local/peers (half a minute)' >&2
	@if $(PEERS) $(PIP) --no-deps -r $< || grep -v '^#' $< | xargs -n 1 $(PEERS) $(PIP) --no-deps; then touch $@; fi

# Without Kiwi, the benchmark measures agreement on Kiwi's recorded answers for the lines that the tests read.
$(KIWI_STAMP): benchmarks/requirements-kiwi.txt
	$(call make_venv,.local/kiwi)
	@echo 'Installing the morphological analyser Kiwi for comparison into .local/kiwi (half a minute)' >&2
	@if $(KIWI) $(PIP) --no-deps -r $<; then touch $@; fi

# Keeps a virtual environment that works and replaces one that does not: an upgrade of Python removes its interpreter.
define make_venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Love Q needs Python 3.11 or newer, and $(PYTHON) is not. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1; }
@$(1)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(1) || { \
	echo "$(PYTHON) cannot create virtual environments. On Debian and Ubuntu, install the package python3-venv." >&2; \
	exit 1; }
endef
