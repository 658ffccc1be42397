# `make app` serves the map, `make test` checks everything. Both set up what they need.
.DEFAULT_GOAL := help
.PHONY: help app test lint types contract tests audit sbom lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 && echo $$p && break; done)

help: ## show the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found (set PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m assessment.warm
	@touch $@

app: $(STAMP) ## assess Xixian if there is no current run, then serve the map on http://localhost:8501
	$(BIN)/yijian app

test: lint types contract tests ## lint, types, import contract, tests and doctests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contract: $(STAMP)
	$(BIN)/lint-imports

tests: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile

audit: $(STAMP) ## hold the locked dependencies against the published advisories
	$(BIN)/python .ci/audit.py

sbom: $(STAMP) ## list the dependencies with versions and licences: var/sbom.cdx.json (CycloneDX)
	@mkdir -p var
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o var/sbom.cdx.json $(BIN)/python

lock: $(STAMP) ## pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" -o requirements.lock

clean: ## remove the environment and all generated files
	rm -rf $(VENV) var
