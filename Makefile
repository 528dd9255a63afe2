# make demo    one command from a fresh clone to a process that forks (needs Python >= 3.11 and the package index)
# make test    all tests          make lint    ruff and mypy          make bench    the engine beside QEMU
# make docs    writes the pages anew that are made from sources and runs: isa, csrs, cisc, context-switch,
#              trace, debugger.svg
# Everything is installed into .venv, which `make clean` removes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 2
DEMO   := programs/lectures/fork_sum.s

.PHONY: demo test lint bench docs relock clean

demo: $(VENV)/installed
	$(BIN)/toyos run $(DEMO)

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/mypy vm assembler toyos benchmarks

bench: $(VENV)/installed-test
	$(BIN)/python -m benchmarks.engine

docs: $(VENV)/installed-test
	$(BIN)/python -m vm.isa.reference > docs/isa.md
	$(BIN)/python -m vm.isa.csr_manual > docs/csrs.md
	$(BIN)/python -m assembler.cisc_manual docs/cisc.md
	$(BIN)/python -m benchmarks.context_switch.document
	$(BIN)/python -m toyos.trace.page
	$(BIN)/python -m toyos.debugger.app.picture docs/debugger.svg

relock: $(VENV)/installed-test
	sed '/^[^#]/d' requirements-test.lock > $(VENV)/lock
	$(BIN)/pip freeze --exclude-editable >> $(VENV)/lock
	mv $(VENV)/lock requirements-test.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "toyos needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
