# Each target makes the environment that it needs. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The official TensorFlow.js converter needs older packages than the tools of development.
OFFICIAL := .venv-official

# The tests that need nothing but Python.
QUICK := "not (tensorflow or node or browser or shared or install)"

# Where they try the wheel, not these folders.
INSTALLED := .venv-installed

# ZOO_TEST_ALL=1: install every extra, and let a missing tool fail instead of skip.
ifdef ZOO_TEST_ALL
TEST_EXTRAS := $(VENV)/.all $(OFFICIAL)/.tfjs
else
TEST_EXTRAS := $(VENV)/.dev
endif

.PHONY: demo quick installed test lint bench clean

demo: $(VENV)/.base
	$(BIN)/python docs/synthesize.py build/demo.wav
	$(BIN)/zoo predict msd-musicnn-1 build/demo.wav --top 5 --plot build/taggram.png

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -m $(QUICK) --numprocesses auto --dist loadfile

test: $(TEST_EXTRAS)
	$(BIN)/python -m pytest -rs -m "not browser" --numprocesses auto --dist loadfile
	$(BIN)/python -m pytest -rs -m browser  # alone: some of it happens in real time
ifdef ZOO_TEST_ALL
	$(OFFICIAL)/bin/python -m pytest -rs tests/convert/test_official.py
	$(MAKE) installed
endif

installed:
	$(PYTHON) -m venv --clear $(INSTALLED)
	$(INSTALLED)/bin/python -m pip --disable-pip-version-check --quiet install '.[dev]'
	$(INSTALLED)/bin/python tests/support/moved_rooms.py
	$(INSTALLED)/bin/python -m pytest -m $(QUICK) --numprocesses auto --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.bench $(OFFICIAL)/.tfjs
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
	$(PIP) install --editable '.[dev,tensorflow,onnx,parquet,bench]'
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev,tensorflow,bench]'
	@touch $@

$(OFFICIAL)/.tfjs: pyproject.toml
	$(PYTHON) -m venv $(OFFICIAL)
	$(OFFICIAL)/bin/python -m pip --disable-pip-version-check --quiet install \
		--editable '.[tfjs]' pytest pytest-timeout
	@touch $@

clean:
	rm -rf $(VENV) $(OFFICIAL) $(INSTALLED) build dist
