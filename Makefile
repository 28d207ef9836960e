# The studio's commands: `make` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Which PyTorch: empty takes the package index's own build; cpu, cu128, rocm6.3, ... or auto picks another.
TORCH ?=
UV_VERSION := 0.13.8
# Other servers that the benchmark measures beside the studio live in an environment of their own.
BENCH_VENV := .venv-bench
REMBG_VENV := .venv-bench-rembg
BENCH_PEERS ?= yes
# How many tests run side by side.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all check fix schema bench gallery starter clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run ## Make the virtual environment and install what the studio needs (TORCH=cpu for the small PyTorch)

run: $(VENV)/.run ## Serve the studio at http://127.0.0.1:8000 (sets everything up on the first run)
	@$(BIN)/python manage.py serve

test: $(VENV)/.dev ## Run the fast tests
	$(BIN)/python -m pytest -n $(WORKERS)

test-all: $(VENV)/.dev ## Run all tests, the slow ones too
	$(BIN)/python -m pytest -n $(WORKERS) -m "not bench and not gpu" --timeout=900

check: $(VENV)/.dev ## Lint, types, import contracts, migrations, API schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	diff -u docs/openapi.yaml $(VENV)/openapi.yaml || { echo "docs/openapi.yaml is stale: make schema"; exit 1; }

fix: $(VENV)/.dev ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/.dev ## Write docs/openapi.yaml from the code
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

bench: $(VENV)/.dev $(if $(filter no,$(BENCH_PEERS)),,$(BENCH_VENV)/.peers $(REMBG_VENV)/.peers) ## Measure this machine and write docs/benchmarks.md (BENCH_PEERS=no: the studio alone)
	$(BIN)/python -m docs.bench $(if $(filter no,$(BENCH_PEERS)),--without-peers)

gallery: $(VENV)/.dev ## Make the pictures of docs/gallery.md with the starter model
	$(BIN)/python -m docs.gallery

starter: $(VENV)/.run ## Train the starter model anew (STARTER_MINUTES=80)
	$(BIN)/python -m ml_models.starter.recipe.build --minutes $(or $(STARTER_MINUTES),80)

clean: ## Remove the virtual environment and caches (never your data)
	rm -rf $(VENV) $(BENCH_VENV) $(REMBG_VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# $(call install,ENVIRONMENT,LIST): a new virtual environment with what the list names, and the PyTorch of TORCH.
define install
	$(PYTHON) -m venv $(1)
	$(if $(TORCH),$(1)/bin/pip install --quiet uv==$(UV_VERSION))
	$(if $(TORCH),$(1)/bin/uv pip install --python $(1)/bin/python --torch-backend $(TORCH) "$$(grep '^torch==' $(2))")
	$(1)/bin/pip install --quiet -r $(2)
endef

# Stamps: an install runs again when its list changes, and only then.
$(VENV)/.run: requirements.txt requirements-no-deps.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The studio needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(call install,$(VENV),requirements.txt)
	$(BIN)/pip install --quiet --no-deps -r requirements-no-deps.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@

$(BENCH_VENV)/.peers: requirements-bench.txt
	$(call install,$(BENCH_VENV),$<)
	@touch $@

$(REMBG_VENV)/.peers: requirements-bench-rembg.txt
	$(PYTHON) -m venv $(REMBG_VENV)
	$(REMBG_VENV)/bin/pip install --quiet -r $<
	@touch $@
