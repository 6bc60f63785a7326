# Each target makes the environment that it needs. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# ZOO_TEST_ALL=1: install every extra, and let a missing tool fail instead of skip.
ifdef ZOO_TEST_ALL
TEST_EXTRAS := .all
else
TEST_EXTRAS := .dev
endif

.PHONY: demo test lint bench clean

demo: $(VENV)/.base
	$(BIN)/python docs/synthesize.py build/demo.wav
	$(BIN)/zoo predict msd-musicnn-1 build/demo.wav --top 5 --plot build/taggram.png

test: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/python -m pytest -rs

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev]'
	@touch $@

$(VENV)/.all: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev,tensorflow,onnx,media,parquet,bench]'
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev,tensorflow,bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist
