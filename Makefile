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

.PHONY: help run chat train test test-widget check content evaluate install test-tools clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## Start the assistant (installs and trains when needed) and print where to open it
	@exec $(BIN)/family-guide run

chat: install ## Chat in the terminal
	@exec $(BIN)/family-guide chat

train: install ## Train a model if the content or the configuration changed
	@$(BIN)/family-guide train

test: install test-tools ## Install what tests need and run every test
	$(BIN)/python -m pytest $(TESTS)

test-widget: install test-tools ## Run the slower browser tests of the widget
	$(BIN)/python -m pytest tests/widget/slow

check: install ## Style, types, import contracts and content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/family-guide check-content
	$(BIN)/family-guide draw-symptom-check --check

evaluate: install ## Measure understanding and write the report
	$(BIN)/python -m benchmarks.evaluate

install: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml uv.lock | uv
	@$(UV) sync --frozen --quiet || { echo "Installing failed. Python 3.11 is needed: set PYTHON=/path/to/python3.11 if it has another name."; exit 1; }
	@touch $@

.PHONY: uv
uv:
	@command -v $(UV) >/dev/null || { echo "Installing uv ..."; \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(UV_HOME) uv; }

test-tools:
	@tests/install_tools.sh

clean: ## Remove the environment, models and caches; conversations in var/ stay
	rm -rf .venv .cache var/models .pytest_cache .mypy_cache .ruff_cache
