# Everything that a clone needs: `make demo`, `make test`, `make up`. Only Python 3.11 or later, make and git are required.

PYTHON ?= python3
UV := uv==0.13.9
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MEMBERS := libs/common $(wildcard services/*) $(wildcard apps/*) $(patsubst %/pyproject.toml,%,$(wildcard deploy/*/pyproject.toml))
PROJECTS := pyproject.toml $(MEMBERS:%=%/pyproject.toml)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Processes start in two thirds of the time from compiled modules: they are kept, also where the shell says otherwise.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
CHAOS ?= 20000
# Much of a run is waiting for other processes: one worker more than the two cores of a small machine uses both.
WORKERS ?= 3

.PHONY: help setup demo test prove up screens bench chaos check lock clean

help: ## what there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

setup: $(READY) ## install everything below .venv and .carnet; done again only when a dependency changed

demo: $(READY) ## play the story of a dance school through the whole suite, and prove it; `ARGS=--stay` keeps it to look at
	@$(BIN)/carnet demo $(ARGS)

test: $(READY) ## run every test, shared by 3 workers (`WORKERS=1`); `make test ARGS=tests/unit` runs some, by one
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses $(WORKERS) --durations 25)

prove: $(READY) ## play thousands of histories against the oracle of the balance (`N=10000`), generate as many invoices, and on real servers what runs in memory
	@CARNET_PROVE=$(or $(N),3000) $(BIN)/python -m pytest tests/agreement $(ARGS)
	@CARNET_PROVE=$(or $(N),3000) $(BIN)/python -m pytest tests/unit/payments/test_invoice_electronic.py $(ARGS)
	@$(BIN)/python -m pytest tests/bad_input --real $(ARGS)

up: $(READY) ## run the suite until Ctrl-C; `make up ARGS='--payments-workers 3'`
	@$(BIN)/carnet up $(ARGS)

screens: $(READY) ## make screenshots of every page of the back office, below .carnet/screens
	@$(BIN)/python -m tests.browser.screens $(ARGS)

bench: $(READY) ## measure, and write docs/operations/performance.md
	@$(BIN)/python -m carnet_play.bench $(ARGS)

chaos: $(READY) ## break the suite while it collects 20,000 instalments and bills 5,000 subscriptions, and write docs/operations/chaos.md
	@CARNET_CHAOS=$(CHAOS) $(BIN)/python -m pytest tests/chaos/test_collecting.py tests/chaos/test_credits.py tests/chaos/test_gifts.py tests/chaos/test_billing.py tests/chaos/test_invoicing.py tests/chaos/test_debiting.py tests/chaos/test_reminding.py tests/chaos/test_importing.py $(ARGS)

check: $(READY) ## style, spelling, types, imports between parts, unused and repeated code, and the documents made from the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/unused.py
	$(BIN)/python .ci/reasons.py
	$(BIN)/python .ci/duplicates.py
	$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md docs libs services apps deploy tests
	$(BIN)/carnet docs --check

lock: $(READY) ## resolve what the pyproject files allow, and write requirements.lock with hashes
	$(BIN)/uv lock
	$(BIN)/uv export --quiet --all-packages --all-groups --no-emit-workspace --no-header --output-file requirements.lock

clean: ## remove what setup installed; the data in .carnet stays
	rm -rf $(VENV)

$(READY): requirements.lock $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Carnet needs Python 3.11 or later, and '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one, for example: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV) || { \
	  echo "On Debian and Ubuntu, 'apt install python3-venv' brings what is missing."; exit 1; }; }
	@echo "Installing uv ..."
	@$(BIN)/python -m pip install --quiet "$(UV)"
	@echo "Installing the locked environment ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --compile-bytecode requirements.lock
	@echo "Installing Carnet itself ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps $(MEMBERS:%=-e %)
	@$(BIN)/carnet fetch
	@touch $@
