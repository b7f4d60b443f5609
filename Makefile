# What a developer or newcomer does with Commonbeat. Needs make and Python 3.11 or newer; `make help` lists all.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m commonbeat
PORT ?= 8000
TEST_DATA := $(CURDIR)/.cache/test
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1
# Where compiled modules may not be kept, each program that starts compiles all of them: eight seconds instead of three.
unexport PYTHONDONTWRITEBYTECODE

## demo: start the demo city at http://localhost:8000/ (PORT=… for another port); Ctrl-C stops it
demo: $(VENV)/.run
	@COMMONBEAT_DATA="$(CURDIR)/.demo" exec $(RUN) demo --port $(PORT)

## demo-reset: throw the demo city's data away and start it anew
demo-reset: $(VENV)/.run
	@COMMONBEAT_DATA="$(CURDIR)/.demo" $(RUN) database stop || { echo "Stop the running demo (Ctrl-C) first."; exit 1; }
	rm -rf .demo
	@$(MAKE) --no-print-directory demo

## test: run all tests; browser tests are skipped, and say so, where no Chromium is installed
test: $(VENV)/.dev
	@mkdir -p "$(TEST_DATA)"
	COMMONBEAT_DATA="$(TEST_DATA)" $(BIN)/pytest -n auto $(ARGS)

## check: formatting, rules, types, import floors, migrations, generated pages, translations
check: check-style check-types check-imports check-migrations check-docs check-messages

check-style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-types: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(BIN)/mypy

check-imports: $(VENV)/.dev
	$(BIN)/lint-imports

check-migrations: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) django makemigrations --check --dry-run

check-docs: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) docs --check

check-messages: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) messages check

## docs: write the generated pages of docs/ again
docs: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) docs

## bench: measure speed on this machine and print a table
bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(ARGS)

## assets: build style sheets and scripts from the locked npm packages (only after changing them)
assets: $(VENV)/.dev
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --no-audit --no-fund
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm run build

## messages: collect the texts to translate and compile the translations
messages: $(VENV)/.dev
	COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) messages extract && COMMONBEAT_DATA="$(TEST_DATA)" $(RUN) messages compile

## lock: choose the newest allowed versions of all dependencies and write them down with hashes
lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv
	@for name in run build dev compare spark; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links $$( [ $$name = run ] || echo "--constraint requirements/run.txt" ) \
	    --custom-compile-command "make lock" requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

## format: let ruff format and mend what it can
format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

## clean: remove the environment and caches; data of the demo stays
clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

## help: show this list
help:
	@sed -n 's/^## \([a-z-]*\): \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Commonbeat needs Python 3.11 or newer. Install it, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is incomplete here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The editable install is the last step: it only writes a link to this checkout.
$(VENV)/.run: requirements/run.txt requirements/build.txt | $(VENV)/.made
	@echo "Installing what the product needs (only the first time) ..."
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes \
	  -r requirements/run.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.run
	@echo "Installing what tests and checks need (only the first time) ..."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: demo demo-reset test check check-style check-types check-imports check-migrations check-docs check-messages \
  docs bench assets messages lock format clean help
