# Everything lives in .venv; nothing outside this folder is written to.
PYTHON ?= python3
BIN := .venv/bin
CONSTRAINTS := --constraint constraints.txt
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH

.PHONY: help demo test lint types check mutants bench wheel clean
help:
	@echo "make demo   set up, run the tour, write the page"
	@echo "make test   set up, run all tests"
	@echo "make check  lint, types and tests"
	@echo "make mutants  how many of 300 seeded faults the tests notice"
	@echo "make bench  what the lab itself costs"
	@echo "make wheel  build the distribution into dist"

demo: .venv/ready
	$(BIN)/solverlab demo

test: .venv/ready
	$(BIN)/python -m pytest -n 2

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready-dev
	$(BIN)/mypy
	$(BIN)/mypy benchmarks

check: lint types test

mutants: .venv/ready-dev
	$(BIN)/python benchmarks/mutants.py --seed $(or $(SEED),0)

bench: .venv/ready
	$(BIN)/python benchmarks/overhead.py

wheel: .venv/ready
	$(BIN)/python -m pip wheel $(CONSTRAINTS) --no-deps --wheel-dir dist .

# A Python without ensurepip, as Debian ships it, borrows the system's pip.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null && $(PYTHON) -m venv .venv || { \
		$(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python .venv/bin/python install --quiet pip || \
		{ rm -rf .venv; echo "$(PYTHON) has neither ensurepip nor pip; on Debian: apt install python3-venv"; exit 1; } }

.venv/ready: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet $(CONSTRAINTS) --editable '.[test]'
	$(BIN)/python -m solvers.compile_kernels
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --quiet $(CONSTRAINTS) --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv build dist out .mypy_cache .ruff_cache .hypothesis mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
