# Only Python >= 3.11 and make are needed; everything else goes into .venv from hashed locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := model extractors storage alerts flows tests deployments

.PHONY: help demo run test test-slow check format lint types imports lock bench torture serve clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.runtime ## five simulated weeks that end in an alert, offline, in a minute
	@$(BIN)/tensionwatch demo $(if $(DEMO_DIR),--dir $(DEMO_DIR))

run: $(VENV)/.runtime ## one pass over the live feeds of the bundled watch
	@$(BIN)/tensionwatch run

serve: $(VENV)/.runtime ## the same on its schedule
	@$(BIN)/tensionwatch serve

test: $(VENV)/.dev ## the fast tests
	@$(BIN)/pytest -q -n auto --dist loadscope

test-slow: $(VENV)/.dev ## the slow tests: a real server and worker, many kills
	@$(BIN)/pytest -q -m slow --timeout 900

check: format-check lint types imports test ## everything CI checks, fast tests included

format: $(VENV)/.dev ## write the code in its one form
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

.PHONY: format-check
format-check: $(VENV)/.dev
	@$(BIN)/ruff format --check $(SOURCES)

lint: $(VENV)/.dev ## ruff
	@$(BIN)/ruff check $(SOURCES)

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

imports: $(VENV)/.dev ## who may import whom
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## every figure the README states, beside a peer's
	@for b in tests/benchmarks/bench_*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

torture: $(VENV)/.dev ## hundreds of kills
	@TENSIONWATCH_KILLS=200 $(BIN)/pytest -q -m slow -k kill --timeout 3600 -s

lock: ## compile the hashed locks (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove what was built, never a corpus
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.python:
	@$(PYTHON) deployments/check_python.py
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# --no-deps: the locks are complete, and older pips refuse hashed extras otherwise.
$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	@echo "installing into $(VENV), once" >&2
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock pyproject.toml
	@echo "installing into $(VENV), once" >&2
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime
