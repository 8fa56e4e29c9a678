# Needs Python 3.11 or newer and make. Everything is installed into .venv, and nowhere else.

PYTHON ?= python3
WORKERS ?= logical
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install parquet setup web demo serve test check fix generate lock mutation bench bench-peer bench-flames clean

help: ## Print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A lock is the whole list of what is installed. `--no-deps` keeps pip from looking for anything beside it, so that neither
# a newer release nor another pip's way of resolving can change the outcome; `pip check` says it if the lock lacks something.
# pip itself is of no use to what runs: it comes with the Python, works from an environment of its own, and goes again.
locked = $(PYTHON) -m venv --clear .venv-pip; trap 'rm -rf .venv-pip' EXIT; \
	$(pip) install --quiet --no-deps --only-binary :all: --require-hashes $(1); $(pip) check
pip = .venv-pip/bin/python -m pip --python $(venv)/bin/python --disable-pip-version-check --no-input
venv = .venv

# A changed lock makes .venv anew, so that nothing lingers in it; so does another Python or folder, because a virtual
# environment cannot be moved. The project itself is not built: .venv finds it where it lies.
install: ## Install what running needs into .venv, from the hashed lock (at once when nothing changed)
	@set -e; \
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'; \
	wanted="$$($(PYTHON) -c 'import sys; print(sys.base_prefix, sys.version.split()[0])') $$PWD $$(cat requirements*.txt | cksum)"; \
	if [ "$$(cat .venv/.installed 2>/dev/null)" != "$$wanted" ]; then \
		echo "Installing what running needs into .venv (half a minute, the first time)"; \
		$(PYTHON) -m venv --clear --without-pip .venv; \
		$(call locked,--no-compile --requirement requirements.txt); \
		printf '%s\n' "$$PWD" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/infusion-vitals.pth"; \
		printf '#!/bin/sh\nexec "%s/$(BIN)/python" -P -m app "$$@"\n' "$$PWD" > $(BIN)/infusion-vitals; \
		chmod +x $(BIN)/infusion-vitals; \
		printf '%s\n' "$$wanted" > .venv/.installed; \
	fi

parquet: install ## Install also what exports as Parquet need
	@set -e; $(call locked,--requirement requirements-parquet.txt)

setup: install ## Install also what testing and changing it needs
	@set -e; if [ ! -e .venv/.installed-dev ]; then \
		echo "Installing also what testing needs (a minute, the first time)"; \
		$(call locked,--requirement requirements-dev.txt); \
		touch .venv/.installed-dev; \
	fi

# The tools that build the app stay out of .venv and go when it is built. Where the machine has no Node.js that is new
# enough (exit code 3), a packaged one comes into an environment of its own, and goes too.
web: private venv = .venv-node
web: install ## Build the tablet app into app/web/dist (at once when nothing changed)
	@$(BIN)/python -m app.web.build; code=$$?; [ $$code -eq 3 ] || exit $$code; \
	set -e; $(PYTHON) -m venv --clear --without-pip .venv-node; \
	$(call locked,--requirement requirements-node.txt); \
	trap 'rm -rf .venv-pip .venv-node' EXIT; \
	.venv-node/bin/python -m app.web.build

# `exec`, so that Ctrl-C and a kill of make reach the service itself and nothing stays behind.
demo: install web ## Install, then run a simulated clinic at 60x and print its address and sign-ins (PORT=...)
	@exec $(BIN)/infusion-vitals demo

serve: install web ## Install, then serve for real, starting empty (PORT=... DATABASE_URL=...)
	@exec $(BIN)/infusion-vitals serve

# The first time, everything is compiled by one process: the workers, begun together, would each do it.
test: setup ## Install, then run the tests on SQLite and PostgreSQL (both come from packages)
	@$(BIN)/python -m app.web.build --with-tests
	@ls tests/__pycache__/conftest.*.pyc >/dev/null 2>&1 || $(BIN)/python -m pytest --quiet --collect-only >/dev/null
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
compile = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)

lock: setup ## Renew requirements*.txt from pyproject.toml, and see that each is whole (UPGRADE=--upgrade moves all)
	$(compile) pyproject.toml --output-file requirements.txt
	$(compile) pyproject.toml --extra parquet --constraints requirements.txt --output-file requirements-parquet.txt
	$(compile) pyproject.toml --extra parquet --group dev --constraints requirements-parquet.txt --output-file requirements-dev.txt
	$(compile) --group node --constraints requirements-dev.txt --output-file requirements-node.txt
	@set -e; for version in 3.11 3.12 3.13 3.14; do for lock in requirements*.txt; do \
		echo "$$lock is whole for Python $$version"; \
		$(BIN)/uv pip install --quiet --dry-run --target build/none --python-version $$version --require-hashes --only-binary :all: --requirement $$lock; \
	done; done

mutation: setup ## Change the domain a little, many times, and list the changes no test noticed
	$(BIN)/python -m tests.mutation

# The tables that are measured, a must and a goal for each row: docs/performance.md. Its exit code says if a must is missed.
bench: setup web ## Measure both engines beside their floors, on a quiet machine, 9 minutes (BENCH=full: the long tables)
	@$(BIN)/python -m tests.bench $(if $(filter full,$(BENCH)),--full)

bench-peer: setup web ## Install GNU Health into var/bench, with a fresh database, and measure it beside us
	@$(BIN)/python -m tests.bench --peer

bench-flames: setup web ## Draw where a PUT of a reading goes, into docs/pictures
	@$(BIN)/python -m tests.bench.flames

clean: ## Remove what the tools left; .venv and var/ stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov mutants build dist
	find app migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +
