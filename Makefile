# The two commands: `make demo` and `make test`. Both install what they need first, into .venv.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# The first Python that is new enough; or name one: make PYTHON=/path/to/python install
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# More flags for pip, such as another index: make install PIP_FLAGS='--index-url …'
PIP_FLAGS ?=

# More flags for pytest: make test PYTEST_FLAGS='-k spec -x'
PYTEST_FLAGS ?=
# A process a core, one thread each; more than four only import torch more often.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n logical --maxprocesses 4

# More flags for the benchmark of layers: make bench-kernels BENCH_FLAGS='--list grid --sample 100'
BENCH_FLAGS ?=

# The native library is built by pip too, so that what is tested is what users get.
NATIVE := CMakeLists.txt native/CMakeLists.txt $(wildcard native/source/* native/include/tidegate/*)

.PHONY: help install lint format test test-slow test-native demo bench bench-kernels bench-words bench-numbers docs clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

install: $(STAMP) ## Make .venv with everything in it (anew when what is installed or compiled has changed)

$(STAMP): pyproject.toml constraints.txt $(NATIVE)
	@test -n "$(PYTHON)" || { echo "error: Tidegate needs Python 3.11 or newer." \
		"Found: $$(python3 --version 2>&1). Install one, or name it: make PYTHON=/path/to/python install" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt -e '.[all]'
	@touch $@

lint: $(STAMP) ## Format, rules, types, rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(STAMP) ## Bring the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) ## The test suite and the examples in docstrings (at most 5 minutes on 2 cores)
	$(PYTEST) -m 'not slow' --doctest-modules --ignore-glob='*/stub_*.py' src tests $(PYTEST_FLAGS)

test-slow: $(STAMP) ## The tests that train for real or kill real processes
	$(PYTEST) -m slow $(PYTEST_FLAGS)

# Twice: as users run it, and under sanitizers. Needs CMake 3.18 and a C++17 compiler with OpenMP, but no Python.
test-native: ## The tests of the native library, with and without sanitizers
	@for sanitize in OFF ON; do \
		folder=build/native-sanitize-$$sanitize; \
		cmake -S . -B $$folder -DTIDEGATE_TESTS=ON -DTIDEGATE_WERROR=ON -DTIDEGATE_SANITIZE=$$sanitize && \
		cmake --build $$folder --parallel $$(getconf _NPROCESSORS_ONLN) && \
		ctest --test-dir $$folder --output-on-failure --no-tests=error || exit 1; \
	done

demo: $(STAMP) ## Find out which network reads lines of digits best (at most 5 minutes on 2 cores)
	rm -rf demo
	$(BIN)/tidegate study examples/digit-lines.toml --out demo

bench: $(STAMP) ## Measure speed on this machine
	@for script in benchmarks/startup.py benchmarks/training.py; do \
		echo "== $$script"; $(BIN)/python $$script || exit 1; done

bench-kernels: $(STAMP) ## Measure recurrent layers beside torch and ONNX Runtime (most of an hour)
	$(BIN)/python benchmarks/kernels.py $(BENCH_FLAGS)

bench-words: $(STAMP) ## Measure taggers, language models, the CRF and generation beside torch (some 15 minutes)
	@for script in benchmarks/words.py benchmarks/crf.py benchmarks/generation.py; do \
		echo "== $$script"; OMP_NUM_THREADS=1 $(BIN)/python $$script || exit 1; done

bench-numbers: $(STAMP) ## Measure forecasting and networks on signals beside torch (some 10 minutes)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/number_models.py

docs: $(STAMP) ## Write the generated pages of docs/ anew
	$(BIN)/python scripts/configuration_page.py
	$(BIN)/python scripts/result_pages.py

clean: ## Remove what was generated, and .venv
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
