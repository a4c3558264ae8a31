# Two commands are all one needs: make run, make test. Works with GNU make 3.81 (macOS)
# and BSD make, hence nothing here but plain POSIX rules.

VENV_PYTHON = .venv/bin/python

help:
	@echo "make run [ARGS='--port 9000']   set up if needed, then start the server"
	@echo "make test [TESTS='tests/unit']  set up if needed, then lint, types and tests"
	@echo "make bench [ARGS=--quick]       what a call costs, beside other servers (Linux)"
	@echo "make lint                       ruff and mypy only"
	@echo "make format                     let ruff rewrite the code"
	@echo "make clean                      remove the virtual environment and caches"
	@echo "make run ARGS=--help            all settings"
	@echo "PYTHON=/path/to/python3.12      says which Python .venv is made with"

run: models
	@exec $(VENV_PYTHON) server.py $(ARGS)

# The system comes first: it may have to bring the Python that lint needs.
test: system lint models
	@$(VENV_PYTHON) -m pytest $(TESTS)

bench: setup-dev
	@$(VENV_PYTHON) -m tests.bench $(ARGS)

lint: setup-dev
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy

format: setup-dev
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

setup:
	@PYTHON='$(PYTHON)' .ci/venv requirements.txt

# After setup, so that two pips never work in one environment at once.
setup-dev: setup
	@.ci/venv requirements-dev.txt

models: setup
	@$(VENV_PYTHON) -m convai.local.models $${PARLEY_MODELS:+--models "$$PARLEY_MODELS"}

system:
	@PYTHON='$(PYTHON)' .ci/system

# Recordings, certificates and downloaded models stay.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help run test bench lint format setup setup-dev models system clean
