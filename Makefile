# Each target makes the environment that it needs. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(SCRIPTS)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The official TensorFlow.js converter needs older packages than the tools of development.
OFFICIAL := .venv-official

# The tests that need nothing but Python and little time.
QUICK := "not (tensorflow or node or browser or shared or slow or install)"

# Where they try the wheel, not these folders.
INSTALLED := .venv-installed

# ZOO_TEST_ALL=1: install every extra, and let a missing tool fail instead of skip.
ifdef ZOO_TEST_ALL
TEST_EXTRAS := $(VENV)/.all $(OFFICIAL)/.tfjs
else
TEST_EXTRAS := $(VENV)/.dev
endif

# Tests start many processes, which would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

# Without Node.js the JavaScript is not checked.
NODE := $(and $(shell command -v node 2>/dev/null),$(shell command -v npm 2>/dev/null))
NODE_BIN := node_modules/.bin

.PHONY: demo site quick installed test lint lint-javascript types build/zoo.d.ts docs release bench clean

demo: $(VENV)/.base
	$(BIN)/python tools/synthesize.py build/demo.wav
	$(BIN)/zoo predict msd-musicnn-1 build/demo.wav --top 5 --plot build/taggram.png

# A page of each model that comes with zoo, without its files.
site: $(VENV)/.base
	$(BIN)/zoo publish --cards --to build/site

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -m $(QUICK) --numprocesses auto --dist worksteal

test: $(TEST_EXTRAS)
	$(BIN)/python -m pytest -rs -m "not browser" --numprocesses auto --dist worksteal
	$(BIN)/python -m pytest -rs -m browser --numprocesses 2 --dist loadfile
ifdef ZOO_TEST_ALL
	$(OFFICIAL)/$(SCRIPTS)/python -m pytest -rs tests/convert/test_official.py
	$(MAKE) installed
endif

# What the command and the API do, they do with all rooms; that imports which no test reaches are
# right in the wheel, too, is held by tests/test_distributions.py.
installed:
	$(PYTHON) -m venv --clear $(INSTALLED)
	$(INSTALLED)/$(SCRIPTS)/python -m pip --disable-pip-version-check --quiet install \
		'.[parquet,train]' hypothesis pytest pytest-timeout pytest-xdist
	$(INSTALLED)/$(SCRIPTS)/python tests/support/moved_rooms.py
	$(INSTALLED)/$(SCRIPTS)/python -m pytest tests/zoo -m $(QUICK) --numprocesses auto --dist worksteal

lint: $(VENV)/.dev $(if $(NODE),lint-javascript)
	$(BIN)/ruff check .
	$(BIN)/ruff check --quiet --preview --select PLW1514 --exclude tests,tools .  # Windows has another encoding
	$(BIN)/ruff format --check .
	$(BIN)/mypy
ifeq ($(NODE),)
	@echo "Node.js with npm is not installed: the JavaScript was not checked." >&2
endif

lint-javascript: node_modules/.package-lock.json build/zoo.d.ts
	$(NODE_BIN)/prettier --check "**/*.{js,mjs,ts}"
	$(NODE_BIN)/eslint .
	$(NODE_BIN)/tsc
	@diff -u zoo/web/zoo.d.ts build/zoo.d.ts || { echo "zoo/web/zoo.d.ts is stale: make types" >&2; exit 1; }

# The types of zoo.js, from its JSDoc.
types: build/zoo.d.ts
	cp $< zoo/web/zoo.d.ts

build/zoo.d.ts: node_modules/.package-lock.json
	@mkdir -p build
	$(NODE_BIN)/tsc --noEmit false --declaration --emitDeclarationOnly --outDir build/types
	$(NODE_BIN)/dts-bundle-generator --silent --no-check --no-banner -o build/bundle.d.ts build/types/web/zoo.d.ts
	$(NODE_BIN)/prettier --stdin-filepath zoo.d.ts <build/bundle.d.ts >$@

# The documentation as a site, in build/docs.
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# All that a tag publishes, in dist: the wheel and the sdist, tried; zoo.js for npm; the notes.
release: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python tools/release.py dist $(TAG)
	$(BIN)/python -m build --outdir dist/python
	$(BIN)/python -m pytest -m install
	$(MAKE) installed

bench: $(VENV)/.bench $(OFFICIAL)/.tfjs
	$(BIN)/python -m tests.bench

node_modules/.package-lock.json: package.json
	npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	@touch $@

$(VENV)/.all: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev,tensorflow,onnx,parquet,cloud,dask,train,bench]'
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[docs]'
	@touch $@

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev,tensorflow,dask,bench]'
	@touch $@

$(OFFICIAL)/.tfjs: pyproject.toml
	$(PYTHON) -m venv $(OFFICIAL)
	$(OFFICIAL)/$(SCRIPTS)/python -m pip --disable-pip-version-check --quiet install \
		--editable '.[tfjs]' pytest pytest-timeout
	@touch $@

clean:
	rm -rf $(VENV) $(OFFICIAL) $(INSTALLED) node_modules build dist
