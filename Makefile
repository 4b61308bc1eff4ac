.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench constraints clean
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 22

run: .venv/.installed ## Start everything; DATASET=demo starts with the lively data, PORT=8000 elsewhere.
	@exec $(BIN)/mixillo serve $(if $(DATASET),--dataset $(DATASET))

test: .venv/.installed-tests ## Run the tests; the first time, install what they need.
	@$(BIN)/pytest $(ARGS)

test-all: .venv/.installed-tests ## Run the slow ones too: faults, kills, browsers, load.
	@$(BIN)/pytest -m "" $(ARGS)

check: .venv/.installed-tests ## Lint, format, import contracts, types, dead code.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/vulture mixillo migrations --min-confidence 80

bench: .venv/.installed-tests ## Measure what the README says; see benchmarks/.
	@$(BIN)/python -m benchmarks $(ARGS)

constraints: .venv/.installed-tests ## Pin what is installed now, for everybody.
	@$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean: ## Remove the environment; the data directory stays.
	@rm -rf .venv build *.egg-info

# What is made last: a creation that was killed half-way is begun again.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Mixillo needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating the environment in .venv …"
	@$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/pip setup.cfg constraints.txt
	@echo "Installing; the first time this takes a minute or two …"
	@$(PIP) --editable '.[demo,gevent]'
	@$(BIN)/python -m compileall -q mixillo migrations wsgi.py
	@touch $@

.venv/.installed-tests: .venv/.installed tests/install.sh tests/system/js/package-lock.json
	@echo "Installing what the tests need …"
	@$(PIP) --editable '.[test]'
	@tests/install.sh
	@touch $@
