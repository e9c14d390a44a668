#!/bin/sh
# Lock what generated repositories install, at the versions of requirements/dev.txt.
# Run from the top of the checkout, after requirements/dev.txt changed: sh requirements/lock_code_repo.sh
set -eu
locks=repo_templates/code_repo/locks

lock() {
    .venv/bin/uv pip compile --quiet --python-version 3.11 --constraint requirements/dev.txt \
        --generate-hashes --no-emit-index-url --no-header --no-annotate "$@"
}

lock pyproject.toml -o "$locks/gate.txt"
lock pyproject.toml --extra dagster requirements/code_repo.in -o "$locks/run.txt"
lock pyproject.toml --extra dagster requirements/code_repo_ci.in -o "$locks/ci.txt"
cp "$locks/gate.txt" repo_templates/node_repo/locks/gate.txt
