# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
# An index that has CPU-only builds of torch: see "Saving gigabytes" in the README.
TORCH_INDEX ?=
QUERY ?= young mums in Brighton

BIN := $(VENV)/bin
LIBRARIES := import sysconfig; print(sysconfig.get_path("purelib"))
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: demo test check unit journeys hyperkitty bench constraints clean

demo: $(VENV)/.installed
	$(BIN)/venues find "$(QUERY)"

test: check unit journeys

check: $(VENV)/.tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.tested
	$(BIN)/coverage run -m pytest --ignore tests/journeys
	$(BIN)/coverage report

# The journeys run what users install: a wheel, in an environment of its own, from an empty folder.
journeys: $(VENV)/.tested build/installed/.ready
	VENUES_TEST_BIN="$(CURDIR)/build/installed/bin" $(BIN)/python -m pytest tests/journeys

# A server that takes a minute to install and is therefore no part of `make test`.
hyperkitty: $(VENV)/.tested
	VENUES_TEST_HYPERKITTY=1 $(BIN)/python -m pytest tests/journeys/test_hyperkitty.py

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "venues needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# torch comes first and alone, so that the index named for it serves nothing else.
$(VENV)/.torch: constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV): a few minutes the first time."
	$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.torch
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $@

# The wheel's environment sees the libraries of the first and not its sources: only venues itself is installed anew.
build/installed/.ready: $(VENV)/.tested pyproject.toml $(shell find venues crawlers index -type f -not -name '*.pyc' 2>/dev/null)
	rm -rf build/installed build/wheel
	$(PIP) wheel --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m venv build/installed
	$(BIN)/python -c '$(LIBRARIES)' > "$$(build/installed/bin/python -c '$(LIBRARIES)')/libraries.pth"
	build/installed/bin/pip --disable-pip-version-check --quiet install --no-deps build/wheel/venues-*.whl
	@touch $@

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/run.py

# Pin what a fresh install of today's floors gives.
constraints:
	rm -rf build/fresh
	$(PYTHON) -m venv build/fresh
	build/fresh/bin/pip --quiet install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	# Below 0.29, typer does without pydantic, whose import costs every command 0.12 s.
	build/fresh/bin/pip --quiet install ".[dev]" "typer<0.29"
	build/fresh/bin/pip freeze --exclude venues | sed 's/^torch==.*/torch==2.13.0/' > constraints.txt

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
