# `make quickstart` and `make test` are all a newcomer needs; both install what they need into .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCHMARKS := $(sort $(wildcard benchmarks/*.py))

.PHONY: help quickstart test torture bench fresh lint clean

help:
	@echo "make quickstart   teach the pocket base BBj on two CPU cores; the report is in build/quickstart"
	@echo "make test         lint, types, import contracts and every test but the long ones"
	@echo "make lint         only lint, types and import contracts"
	@echo "make torture      the long fault tests"
	@echo "make bench        the benchmarks"
	@echo "make fresh        quickstart and test in a fresh clone of what is committed"
	@echo "make clean        remove what runs and tests have made (not .venv)"

# The environment is made once, and brought up to date when what it is made of changes. The pins hold for the build backend too
# (an older pip reads the first variable for that, a newer one the second).
$(INSTALLED): pyproject.toml constraints-cpu.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=$(CURDIR)/constraints-cpu.txt PIP_BUILD_CONSTRAINT=$(CURDIR)/constraints-cpu.txt \
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train,serve,data,scale,dev]'
	@touch $@

quickstart: $(INSTALLED)
	$(BIN)/idiolect run examples/quickstart

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache --no-logo

# Two files at a time, each with one thread: two cores shared by two pools of threads are many times slower than one thread.
# The files begin in the order of tests/conftest.py, the longest first. pytest's closing line comes last.
test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

torture: $(INSTALLED)
	OMP_NUM_THREADS=1 $(BIN)/pytest -m torture

bench: $(INSTALLED)
	@test -n "$(BENCHMARKS)" || echo "there are no benchmarks yet"
	@set -e; for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python $$script; done

fresh:
	@set -e; folder=$$(mktemp -d); echo "a clone of what is committed, in $$folder/idiolect"; \
	git clone --quiet . $$folder/idiolect; \
	$(MAKE) -C $$folder/idiolect quickstart; \
	$(MAKE) -C $$folder/idiolect test; \
	rm -rf $$folder

clean:
	rm -rf build dist .pytest_cache .ruff_cache .coverage .hypothesis .import_linter_cache
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
