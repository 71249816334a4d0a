# Everything sets itself up: `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
CORE := .venv-core
BIN := $(VENV)/bin
export PAWLENS_CACHE ?= $(CURDIR)/.cache
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-core lint types bench docs clean

# Core only, no torch: what a user gets from `pip install pawlens`.
$(CORE)/ready: pyproject.toml
	$(PYTHON) -m venv $(CORE)
	$(CORE)/bin/python $(PIP) -e '.[heic,test]'
	touch $@

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e '.[torch,heic,serve,tune,explain,test,check,docs]'
	touch $@

# The main job on drawn photos, or on your own: make demo PHOTOS=path/to/photos
demo: $(CORE)/ready
ifdef PHOTOS
	$(CORE)/bin/pawlens train $(PHOTOS)
else
	rm -rf demo
	$(CORE)/bin/pawlens demo demo
endif

test: $(VENV)/ready
	$(BIN)/python -m pytest -q -n auto --dist loadgroup

# The same suite without torch; what needs torch skips itself.
test-core: $(CORE)/ready
	$(CORE)/bin/python -c "import importlib.util as u; assert u.find_spec('torch') is None"
	$(CORE)/bin/python -m pytest -q -n auto --dist loadgroup

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

bench: $(VENV)/ready
	$(BIN)/python benchmarks/extraction.py

docs: $(VENV)/ready
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) $(CORE) .venv-fastai site demo
