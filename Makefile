# Two commands do everything: `make run` and `make test`. See README.md.

SHELL := /bin/bash
PYTHON ?= python3.11
TESTS ?= tests
UV_HOME := .cache/uv
UV := $(or $(shell command -v uv),$(UV_HOME)/bin/uv)
BIN := .venv/bin
# Only Python 3.11 that is already there: nothing but packages is downloaded.
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(PYTHON)
# Every process starts in half the time, also where Python may not write what it compiles.
export UV_COMPILE_BYTECODE := 1

STAFF := staff/.venv/bin
# The checks of a deployment need its settings; these are examples, and the key signs nothing.
STAFF_PRODUCTION := FAMILY_GUIDE_STAFF_PROFILE=production FAMILY_GUIDE_STAFF_ALLOWED_HOSTS=staff.hospital.example \
	FAMILY_GUIDE_STAFF_SECRET=only-for-make-check-0123456789-abcdefghijklmnopqrstuvwxyz

.PHONY: help run staff account chat train test test-staff check check-staff evaluate audit load faults \
	install install-staff test-tools load-tools clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## Start the assistant and the staff app (installs and trains when needed), and print where to open them
	@$(MAKE) --no-print-directory install-staff || true
	@exec $(BIN)/family-guide run --staff

staff: install-staff ## Start the staff app alone
	@exec $(STAFF)/python staff/manage.py run

account: install-staff ## Make the first account of the staff app: make account NAME=nora
	@test -n "$(NAME)" || { echo "Say the name: make account NAME=nora"; exit 1; }
	@$(STAFF)/python staff/manage.py add_account "$(NAME)" --role administrator

chat: install ## Chat in the terminal
	@exec $(BIN)/family-guide chat

train: install ## Train a model if the content or the configuration changed
	@$(BIN)/family-guide train

# Both run even if the first fails; TESTS=... runs these alone.
test: install install-staff test-tools ## Install what tests need and run every test
	@status=0; \
	if [ "$(TESTS)" = tests ]; then $(MAKE) --no-print-directory test-staff || status=1; fi; \
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS) || status=1; \
	exit $$status

test-staff: install-staff test-tools ## Run the tests of the staff app alone
	cd staff && .venv/bin/python -m pytest --numprocesses 2

check: install check-staff ## Style, types, import contracts, content, and the same for the staff app
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/family-guide check-content
	$(BIN)/family-guide draw-symptom-check --check

check-staff: install-staff
	cd staff && .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
	$(STAFF)/python staff/manage.py makemigrations --check --dry-run
	$(STAFF_PRODUCTION) $(STAFF)/python staff/manage.py check --deploy --fail-level WARNING

evaluate: install ## Measure understanding and write the report
	$(BIN)/python -m benchmarks.evaluate

audit: | uv ## Look for weaknesses: code, secrets, known holes in dependencies; write the bills of materials
	@$(UV) sync --frozen --quiet --project audit
	@PATH="$(dir $(UV)):$$PATH" audit/.venv/bin/python audit/run.py

load: install test-tools load-tools ## Virtual families on two servers, while nothing fails
	$(BIN)/python -m benchmarks.faults load

faults: install test-tools load-tools ## Virtual families on two servers, while parts of them fail (long)
	$(BIN)/python -m benchmarks.faults

install: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml uv.lock | uv
	@$(UV) sync --frozen --quiet || { echo "Installing failed. Python 3.11 is needed: set PYTHON=/path/to/python3.11 if it has another name."; exit 1; }
	@touch $@

install-staff: $(STAFF)/.installed

$(STAFF)/.installed: staff/pyproject.toml staff/uv.lock | uv
	@$(UV) sync --project staff --frozen --quiet || { echo "Installing the staff app failed."; exit 1; }
	@touch $@

.PHONY: uv
uv:
	@command -v $(UV) >/dev/null || { echo "Installing uv ..."; \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(UV_HOME) uv; }

load-tools: install
	@$(UV) sync --frozen --quiet --group load

test-tools:
	@tests/install_tools.sh

clean: ## Remove the environment, models and caches; conversations in var/ stay
	rm -rf .venv staff/.venv .cache var/models .pytest_cache .mypy_cache .ruff_cache
