# Lockgate. `make demo` and `make test` each work alone on a machine with Python 3.11, make and git.
PYTHON ?= python3.11
BIN := .venv/bin
export LOCKGATE_PORT ?= 8400

.PHONY: setup demo demo-reset test screenshots check bench lock

setup: .venv/ready var/wheelhouse/ready

.venv/ready: requirements/uv.txt requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# What generated repositories install without an index: Lockgate's own wheel and the wheels of their locks.
var/wheelhouse/ready: .venv/ready $(shell find lockgate repo_templates -type f -not -name '*.pyc' | sed 's/ /\\ /g')
	$(BIN)/python -m deploy.wheelhouse var/wheelhouse
	touch $@

demo: setup
	@exec $(BIN)/python -m deploy.demo

demo-reset:
	$(BIN)/python -m deploy.demo reset

test: setup
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope $(ARGS)

# Pictures of every page in every state at each width, light and dark, to look at: var/screenshots.
screenshots: setup
	LOCKGATE_SCREENSHOTS=var/screenshots $(BIN)/python -m pytest --timeout 900 -m browser tests/pages tests/publications tests/thread/test_thread.py

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check --lint templates
	$(BIN)/python -m tests.check_migrations

bench: setup
	$(BIN)/python -m benchmarks

# Renews the pinned requirement files; no file names where packages come from.
lock: .venv/ready
	$(BIN)/python -m deploy.lock
