# Everything sets itself up: `make demo` and `make test` need Python 3.11 or newer and nothing else.
# Where uv is installed it makes the environments, in a tenth of pip's time; torch always comes by pip,
# which reads where this machine keeps its wheels. `make UV= test` uses pip alone.
PYTHON ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
VENV := .venv
CORE := .venv-core
OLDEST := .venv-oldest
EXPORTS := .venv-exports
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(SCRIPTS)
export PAWLENS_CACHE ?= $(CURDIR)/.cache
# Tests start hundreds of processes: without bytecode on disk, each would compile 1,600 modules anew.
unexport PYTHONDONTWRITEBYTECODE

PIP := -m pip --disable-pip-version-check install --quiet --no-compile
ifneq ($(UV),)
install = $(UV) pip install --quiet --python $(1)/$(SCRIPTS)/python
else
# pip reads dependency groups from 25.1 on.
install = $(1)/$(SCRIPTS)/python $(PIP) 'pip>=25.1' && $(1)/$(SCRIPTS)/python $(PIP)
endif
# Groups of tests start in the order of tests/conftest.py, the slow ones first, and not by their size.
# The slowest twenty are named, so that a test that has grown slow is seen.
PYTEST := -m pytest -q -n auto --dist loadgroup --no-loadscope-reorder --durations=20

.PHONY: demo test test-core test-oldest test-exports coverage lint types bench zoo docs outputs mutants clean

# Core only, no torch: what a user gets from `pip install pawlens`.
$(CORE)/ready: pyproject.toml
	$(PYTHON) -m venv $(CORE)
	$(call install,$(CORE)) -e '.[heic]' --group test
	touch $@

# What lint, types and docs need: everything but torch, which is ten times as large.
$(VENV)/checks: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(call install,$(VENV)) -e '.[heic,serve,tune]' --group dev
	touch $@

$(VENV)/ready: $(VENV)/checks
	$(BIN)/python $(PIP) -e '.[torch,heic,serve,tune,explain]'
	touch $@

# What the exporters for devices need, which is large: torch's converters and their runtimes.
$(EXPORTS)/ready: pyproject.toml
	$(PYTHON) -m venv $(EXPORTS)
	$(EXPORTS)/$(SCRIPTS)/python $(PIP) 'pip>=25.1'
	$(EXPORTS)/$(SCRIPTS)/python $(PIP) -e '.[executorch,ncnn,coreml]' litert-torch ai-edge-litert \
	  --group test
	touch $@

# The oldest versions that pyproject.toml allows, on the oldest Python; uv chooses them.
$(OLDEST)/ready: pyproject.toml
	uv venv --quiet --clear --seed --python 3.11 $(OLDEST)
	uv pip install --quiet --resolution lowest-direct --python $(OLDEST)/$(SCRIPTS)/python \
	  -e '.[heic]' --group test
	touch $@

# The main job on drawn photos, or on your own: make demo PHOTOS=path/to/photos
demo: $(CORE)/ready
ifdef PHOTOS
	$(CORE)/$(SCRIPTS)/pawlens train $(PHOTOS)
else
	rm -rf demo
	$(CORE)/$(SCRIPTS)/pawlens demo demo
endif

# `make test PASSED=FILE` leaves out what passed already, as `make test-core` notes it.
test: $(VENV)/ready
	$(BIN)/python $(PYTEST) $(if $(PASSED),-p tools.passed_tests --passed-in $(PASSED))

# The same, with the lines counted that the tests run; the floor stands in pyproject.toml. It is
# nearly free from Python 3.12 on, and takes half as long again on 3.11.
coverage: $(VENV)/ready
	core=$$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")'); \
	COVERAGE_CORE=$$core $(BIN)/python $(PYTEST) --cov --cov-report=

# The same suite without torch; what needs torch skips itself.
test-core: $(CORE)/ready
	$(CORE)/$(SCRIPTS)/python -c "import importlib.util as u; assert u.find_spec('torch') is None"
	$(CORE)/$(SCRIPTS)/python $(PYTEST) -p tools.passed_tests --note-passed $(CORE)/passed.txt

# Exports for devices, each in its own runtime; some of its libraries warn.
test-exports: $(EXPORTS)/ready
	$(EXPORTS)/$(SCRIPTS)/python -m pytest -q -W default tests/workflows/targets

# Old libraries warn of each other, which nobody here can mend.
test-oldest: $(OLDEST)/ready
	$(OLDEST)/$(SCRIPTS)/python $(PYTEST) -W default

lint: $(VENV)/checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/checks
	$(BIN)/mypy

# Faults put into the code, one at a time, and whether a test minds:
# make mutants ROOM="metrics export" SAMPLE=120 SEED=0 JOBS=2
ROOM ?=
SAMPLE ?= 40
SEED ?= 0
JOBS ?= 2
mutants: $(VENV)/ready
	$(BIN)/python -m tools.mutants --sample $(SAMPLE) --seed $(SEED) --jobs $(JOBS) $(ROOM)

bench: $(VENV)/ready
	$(BIN)/python benchmarks/extraction.py

# Sixty families of networks with random weights: converted, compared, timed, explained; goes on where it was stopped.
zoo: $(VENV)/ready
	$(BIN)/python -W ignore benchmarks/zoo.py --out .cache/zoo --table docs/zoo.md

docs: $(VENV)/checks
	$(BIN)/mkdocs build --strict

# What the documentation shows of commands is what they print now; `python docs/outputs.py` pastes it.
outputs: $(CORE)/ready
	$(CORE)/$(SCRIPTS)/python docs/outputs.py --check

clean:
	rm -rf $(VENV) $(CORE) $(OLDEST) $(EXPORTS) .venv-fastai .venv-uv site demo
