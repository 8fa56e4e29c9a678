# Needs Python 3.11 or newer and make. Everything is installed into .venv, and nowhere else.

PYTHON ?= python3
WORKERS ?= logical
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup web demo serve test check fix generate lock mutation clean

help: ## Print these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two stamps: a changed lock makes .venv anew (so that nothing lingers in it), a changed pyproject.toml only links the
# project again. The folder and the Python are part of the stamp because a virtual environment cannot be moved.
setup: ## Install everything into .venv from the hashed lock (at once when nothing changed)
	@set -e; \
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'; \
	lock="$$($(PYTHON) -c 'import sys; print(sys.base_prefix, sys.version.split()[0])') $$PWD $$(cksum < requirements-dev.txt)"; \
	if [ "$$(cat .venv/.lock-stamp 2>/dev/null)" != "$$lock" ]; then \
		echo "Installing into .venv (a minute or two, the first time)"; \
		$(PYTHON) -m venv --clear .venv; \
		$(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r requirements-dev.txt; \
		printf '%s\n' "$$lock" > .venv/.lock-stamp; \
	fi; \
	project="$$(cksum < pyproject.toml)"; \
	if [ "$$(cat .venv/.project-stamp 2>/dev/null)" != "$$project" ]; then \
		$(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --no-index --no-deps --no-build-isolation --editable .; \
		printf '%s\n' "$$project" > .venv/.project-stamp; \
	fi

web: setup ## Build the tablet app into app/web/dist (at once when nothing changed)
	@$(BIN)/python -m app.web.build

# `exec`, so that Ctrl-C and a kill of make reach the service itself and nothing stays behind.
demo: setup web ## Install, then run a simulated clinic at 60x and print its address and sign-ins (PORT=...)
	@exec $(BIN)/infusion-vitals demo

serve: setup web ## Install, then serve for real, starting empty (PORT=... DATABASE_URL=...)
	@exec $(BIN)/infusion-vitals serve

test: setup web ## Install, then run the tests on SQLite and PostgreSQL (both come from packages)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: setup ## Look, change nothing: lint, format, types, imports, generated files, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.generate --check
	$(BIN)/python -m pytest -q tests/architecture/test_lock.py

fix: setup ## Repair what can be repaired by itself, and write the generated files anew
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tests.generate

generate: setup ## Write the generated files anew: OpenAPI, rules page, state diagram
	$(BIN)/python -m tests.generate

# UPGRADE=--upgrade moves every pin; without it only what pyproject.toml asks for moves.
compile = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)

lock: setup ## Renew requirements.txt and requirements-dev.txt from pyproject.toml (UPGRADE=--upgrade moves all)
	$(compile) --output-file requirements.txt
	$(compile) --group dev --constraints requirements.txt --output-file requirements-dev.txt

mutation: setup ## Change the domain a little, many times, and list the changes no test noticed
	$(BIN)/python -m tests.mutation

clean: ## Remove what the tools left; .venv and var/ stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov mutants build dist
	find app migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +
