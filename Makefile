# Everything a developer does with Love Q. Needs Python 3.11 or newer, make and a package index, and nothing else.

PYTHON ?= python3

VENV := .venv/bin/python
EMULATOR := .local/emulator/venv/bin/python
PEERS := .local/peers/bin/python
KIWI := .local/kiwi/bin/python
TOOLS := .local/tools/bin/python
LOCKER := .local/locker/bin/python
# Beside what they vouch for, so that they go when it goes.
VENV_STAMP := .venv/installed
EMULATOR_STAMP := .local/emulator/venv/installed
PEERS_STAMP := .local/peers/installed
KIWI_STAMP := .local/kiwi/installed
TOOLS_STAMP := .local/tools/installed
DEPLOYER_STAMP := .local/deployer/installed
LOCKER_STAMP := .local/locker/installed

PIP := -m pip --quiet --quiet --disable-pip-version-check --no-input install

# Options are given on the command line: `make demo FILE=chat.txt ME=지우`. These names may stand in a shell's
# environment for quite other reasons.
ifneq ($(origin FILE),command line)
unexport FILE
endif
ifneq ($(origin ME),command line)
unexport ME
endif
ifneq ($(origin EMAIL),command line)
unexport EMAIL
endif
# Another project's.
unexport PYTHONPATH PYTHONHOME

.PHONY: bench clean demo faults fuzz help lock openapi run stop test test-deploy token
.DEFAULT_GOAL := help

help:
	@echo 'make demo                       show what Love Q does, on the bundled sample chat'
	@echo 'make demo FILE=chat.txt ME=name the same for any KakaoTalk export, as one of the two who talk in it'
	@echo 'make run [PORT=8000]            keep the whole backend up on this machine, until ctrl-C'
	@echo 'make -s token [EMAIL=address]   print an ID token for it'
	@echo 'make test                       every check: format, lint, types, tests'
	@echo 'make test-deploy                package, deploy to an AWS emulator and run the main job there'
	@echo 'make openapi                    write openapi.json and docs/api.md from the routes'
	@echo 'make fuzz [EXAMPLES=300 SEED=1] ask the API what nobody thought of, for some minutes'
	@echo 'make faults [OPERATIONS=10000]  parallel requests on a failing database, and none lost or doubled'
	@echo 'make bench                      what it costs, measured, as one table'
	@echo 'make lock [UPGRADE=--upgrade]   write down the versions and hashes of what is deployed'
	@echo 'make stop                       end whatever still runs'
	@echo 'make clean                      delete all that the others made'

demo: $(VENV_STAMP) $(EMULATOR_STAMP)
	@$(VENV) -m local demo

run: $(VENV_STAMP) $(EMULATOR_STAMP)
	@$(VENV) -m local run

token: $(VENV_STAMP)
	@$(VENV) -m local token

test: $(VENV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	$(VENV) -m pytest --ignore=tests/deployment

test-deploy: $(VENV_STAMP) $(EMULATOR_STAMP) $(TOOLS_STAMP)
	$(VENV) -m pytest tests/deployment

openapi: $(VENV_STAMP)
	@$(VENV) -m local.openapi

fuzz: EXAMPLES = 300
fuzz: SEED = 1
fuzz: $(VENV_STAMP) $(EMULATOR_STAMP)
	FUZZ_EXAMPLES=$(EXAMPLES) FUZZ_SEED=$(SEED) $(VENV) -m pytest tests/api/test_schemathesis.py

faults: OPERATIONS = 10000
faults: SEED = 1
faults: $(VENV_STAMP) $(EMULATOR_STAMP)
	FAULT_OPERATIONS=$(OPERATIONS) FAULT_SEED=$(SEED) $(VENV) -m pytest -s tests/test_lost_writes.py

bench: $(VENV_STAMP) $(EMULATOR_STAMP) $(PEERS_STAMP) $(KIWI_STAMP)
	@$(VENV) -m benchmarks

# The first is what deploys, the second what goes into the Lambda: the same without chalice and what it brings along.
lock: COMPILE = $(LOCKER) -m uv pip compile --quiet $(UPGRADE) --generate-hashes --no-annotate \
	--custom-compile-command 'make lock'
lock: $(LOCKER_STAMP)
	@$(COMPILE) --universal --python-version 3.11 requirements.txt --output-file infrastructure/deployer.lock
	@grep -v '^chalice==' requirements.txt | $(COMPILE) --python-version 3.13 --python-platform aarch64-manylinux2014 \
		--constraints infrastructure/deployer.lock - --output-file infrastructure/lambda.lock

stop:
	@if [ -f $(VENV_STAMP) ]; then $(VENV) -m local stop; fi

clean:
	@if [ -f $(VENV_STAMP) ]; then $(VENV) -m local clean; fi
	rm -rf .local .venv .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_STAMP): requirements.txt requirements-dev.txt
	$(call make_venv,.venv)
	@echo 'Installing the application and its tools into .venv (half a minute)' >&2
	@$(VENV) $(PIP) -r requirements-dev.txt
	@touch $@

$(EMULATOR_STAMP): local/requirements-emulator.txt
	$(call make_venv,.local/emulator/venv)
	@echo 'Installing the AWS emulator into .local/emulator/venv (ten seconds)' >&2
	@$(EMULATOR) $(PIP) -r local/requirements-emulator.txt
	@touch $@

# What ./deploy-backend.sh packages with: its Python is the one that Lambda runs.
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
	@echo 'Installing what checks templates and scripts into .local/tools (ten seconds)' >&2
	@$(TOOLS) $(PIP) -r $<
	@touch $@

# What cannot be installed shows in the table as that, and is tried again the next time.
$(PEERS_STAMP): benchmarks/requirements.txt
	$(call make_venv,.local/peers)
	@echo 'Installing public parsers, to compare with, into .local/peers (half a minute)' >&2
	@if $(PEERS) $(PIP) --no-deps -r $< || grep -v '^#' $< | xargs -n 1 $(PEERS) $(PIP) --no-deps; then touch $@; fi

# Without it the agreement is measured on what it said of the lines that the tests read.
$(KIWI_STAMP): benchmarks/requirements-kiwi.txt
	$(call make_venv,.local/kiwi)
	@echo 'Installing the analyser Kiwi, to compare with, into .local/kiwi (half a minute)' >&2
	@if $(KIWI) $(PIP) --no-deps -r $<; then touch $@; fi

# Kept when it works, made anew when it does not: a Python that was upgraded leaves one without its interpreter.
define make_venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Love Q needs Python 3.11 or newer. $(PYTHON) is not: name another by make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1; }
@$(1)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(1) || { \
	echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu the package python3-venv adds that" >&2; \
	exit 1; }
endef
