# All commands for Floe. `make run` and `make test` do their own set-up.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := backlog experiments config
# uv is faster; if it can't be installed, pip does the same from the same lock.
export UV_NO_CACHE := 1
# Python keeps its bytecode in this folder; otherwise each process compiles it all again (3 s).
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run fresh test test-quick test-browser check format schema map lock screenshots bench

help:
	@echo "make run        serve Floe with sample data (PORT=9000, HOST=… to change the address)"
	@echo "make fresh      serve an empty Floe from its own folder; the first visitor becomes admin"
	@echo "make test       all tests: test-quick, then test-browser"
	@echo "make test-quick    tests without browser and workers (ARGS=tests/backlog for one area)"
	@echo "make test-browser  tests with a browser, a worker or the whole embedded edition"
	@echo "make check      format, lint, language, types, layers, migrations, API description"
	@echo "make format     format code and templates"
	@echo "make schema     write the API description again"
	@echo "make map        draw the rooms of docs/architecture.md from the imports"
	@echo "make lock       write the lock files from pyproject.toml"
	@echo "make screenshots  take the README's pictures"
	@echo "make bench      print the figures of docs/performance.md"

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Floe needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what $(1) lists …"
	@( $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	   && $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1) ) \
	 || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

$(VENV)/ready-to-run: requirements.lock requirements-uv.lock
	$(call install,requirements.lock)

$(VENV)/ready-to-test: requirements-dev.lock $(VENV)/ready-to-run
	$(call install,requirements-dev.lock)

run: $(VENV)/ready-to-run
	@DEBUG=1 exec $(BIN)/python manage.py serve --sample --host $(HOST) --port $(PORT)

fresh: $(VENV)/ready-to-run
	@VAR_DIR=$(CURDIR)/var/fresh DEBUG=1 exec $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

# A test that takes too long ends with its process: a loop that never ends would outlive anything else.
# Tests with browsers and workers run separately: they measure times that others would disturb.
SLOW := browser or worker or drill

test: test-quick test-browser

test-quick: $(VENV)/ready-to-test
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --timeout-method thread -p no:playwright --ignore=tests/browser -m "not ($(SLOW))" $(ARGS)

# A browser that hangs until the timeout is tried once more; whatever fails otherwise has failed.
test-browser: ARGS := tests/browser tests/running
test-browser: $(VENV)/ready-to-test
	@$(BIN)/python deploy/ensure_browser.py
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --reruns 1 --only-rerun "Timeout \(>" -m "$(SLOW)" $(ARGS)

check: $(VENV)/ready-to-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -z -- 'templates/*.html' | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	$(BIN)/python deploy/check_markup.py
	$(BIN)/python deploy/check_language.py
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports
	$(BIN)/python deploy/draw_architecture.py --check
	DEBUG=0 $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	diff -u docs/openapi.yaml $(VENV)/openapi.yaml || (echo "The API changed: run make schema and read the difference." && false)

format: $(VENV)/ready-to-test
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	git ls-files -z -- 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2

schema: $(VENV)/ready-to-test
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

map: $(VENV)/ready-to-test
	$(BIN)/python deploy/draw_architecture.py

lock: $(VENV)/ready-to-run
	$(BIN)/uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements-dev.lock

screenshots: $(VENV)/ready-to-test
	@$(BIN)/python deploy/ensure_browser.py
	$(BIN)/python deploy/screenshots.py

bench: $(VENV)/ready-to-test
	$(BIN)/python benchmarks/pages.py
