# Everything is installed into .venv; nothing else on the machine is changed.
#
#   make train   train the sample experiment, a few minutes on two cores
#   make samples   train the samples of five more tasks, one after the other
#   make test    run the tests         make lint   run ruff, mypy and the checks of the documentation
#   make bench   run the benchmarks    make docs   write the generated pages of components
#   make exports   convert the network of every config, and compare it; DATA=FOLDER has corpora
#   make screenshots report-screenshots   make docs/images with Chromium; RUNS=FOLDER has runs
#   make site    build the documentation as a site in build/site, and check its links
#   make site-check   look at the site with Chromium: its search, formulas and widths
#   make clean   remove everything these targets created, except runs/
#   make test-quick   run the tests that train nothing
#   make test-lowest  run them with the lowest versions that pyproject.toml allows, in .venv-lowest
#
# WORKERS=N divides the tests among N processes.
# PYTHON=/path/to/python selects the interpreter for .venv. TensorFlow requires 3.11, 3.12 or 3.13.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP = PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# Extras required by the sample experiments and the commands in the README.
TRAIN_EXTRAS := images,metrics,export,serve,sweep

# Tasks that `make samples` trains after that of `make train`.
SAMPLES := segmentation title similarity poem dogs

# Benchmarks that need neither corpora nor additional packages.
BENCHMARKS := startup loop data_cache beam_search resume

# Tests in several processes; what one trains, all use.
WORKERS ?= 2
PYTEST := -m pytest --numprocesses $(WORKERS) --dist loadfile

# Whatever the environment says, compiled files are kept: workers and the processes of tests import the same ones.
unexport PYTHONDONTWRITEBYTECODE

# Tests that train nothing.
QUICK := tests/cli tests/config tests/core tests/data tests/inference tests/runs tests/specs tests/text tests/workflow \
    $(wildcard tests/test_*.py)

# The lowest versions have wheels for Python 3.11.
LOWEST := .venv-lowest
LOWEST_PYTHON ?= python3.11

.PHONY: train samples test test-quick test-lowest lint lint-code lint-format lint-types lint-docs lint-words bench exports screenshots report-screenshots docs site site-check clean
.NOTPARALLEL:

train: $(VENV)/.train
	$(BIN)/nlpx train configs/couplet.yaml

samples: $(VENV)/.train
	for task in $(SAMPLES); do $(BIN)/nlpx train configs/$$task.yaml || exit; done

test: $(VENV)/.dev
	$(BIN)/python $(PYTEST)

test-quick: $(VENV)/.dev
	$(BIN)/python $(PYTEST) $(QUICK)

test-lowest: $(LOWEST)/.dev
	$(LOWEST)/bin/python $(PYTEST) $(QUICK)

lint: lint-code lint-format lint-types lint-docs lint-words

lint-code: $(VENV)/.dev
	$(BIN)/ruff check .

lint-format: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint-types: $(VENV)/.dev
	$(BIN)/mypy nlpx tests benchmarks docs

lint-docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/architecture.py --check
	$(BIN)/python benchmarks/claims.py --check
	$(BIN)/python benchmarks/tricks.py --check
	$(BIN)/python benchmarks/recipes.py --check
	$(BIN)/python benchmarks/results.py --check
	$(BIN)/python benchmarks/dynamics.py --check

lint-words: $(VENV)/.dev
	$(BIN)/python -m tests.docs.words

bench: $(VENV)/.dev
	@failed=; for name in $(BENCHMARKS); do \
	    echo "== $$name"; $(BIN)/python benchmarks/$$name.py || failed="$$failed $$name"; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

exports: $(VENV)/.dev
	$(BIN)/python benchmarks/exports.py $(if $(DATA),--data $(DATA))

screenshots: $(VENV)/.dev
	$(BIN)/python docs/screenshots.py $(if $(RUNS),--runs $(RUNS))

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/architecture.py
	$(BIN)/python benchmarks/results.py

# Pages link to files next to docs/, so the site is built from a copy with the same folders.
site: $(VENV)/.site
	rm -rf build/pages
	mkdir -p build/pages/docs build/pages/benchmarks build/pages/data
	cp *.md LICENSE build/pages/
	cp -R docs/. build/pages/docs/
	rm -rf build/pages/docs/*.py build/pages/docs/*.yaml build/pages/docs/chinese build/pages/docs/__pycache__
	cp benchmarks/*.md build/pages/benchmarks/
	cp data/*.md build/pages/data/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open build/site/index.html; for its search: python3 -m http.server --directory build/site"

site-check: site $(VENV)/.dev
	$(BIN)/python docs/site_check.py $(if $(CHROMIUM),--chromium $(CHROMIUM)) $(if $(IMAGES),--images $(IMAGES))

report-screenshots: $(VENV)/.dev
	$(BIN)/python docs/report_images.py

clean:
	rm -rf $(VENV) $(LOWEST) nlpx.egg-info build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find nlpx tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.site: pyproject.toml $(VENV)/.created
	$(PIP) --editable '.[site]'
	@touch $@

$(VENV)/.train: pyproject.toml $(VENV)/.created
	@echo "installing nlpx and TensorFlow into $(VENV); this takes a few minutes the first time"
	$(PIP) --editable '.[$(TRAIN_EXTRAS)]'
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.created
	@echo "installing nlpx, TensorFlow and the development tools into $(VENV); this takes a few minutes the first time"
	$(PIP) --editable '.[dev]'
	@touch $@

$(LOWEST)/.dev: BIN := $(LOWEST)/bin
$(LOWEST)/.dev: pyproject.toml tests/lowest.py
	@echo "installing the lowest versions that pyproject.toml allows into $(LOWEST); this takes a few minutes"
	$(LOWEST_PYTHON) -m venv --clear $(LOWEST)
	$(BIN)/python tests/lowest.py > $(LOWEST)/constraints.txt
	$(PIP) --constraint $(LOWEST)/constraints.txt --editable '.[dev]'
	@touch $@

# Uses the first interpreter of a supported version that can create an environment. A marker file records success,
# because bin/python exists long before pip does.
$(VENV)/.created:
	@usable=; for python in '$(PYTHON)' python3.13 python3.12 python3.11; do \
	    "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
	    usable=$$python; \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	    "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	    exit 1; \
	done; \
	if [ -n "$$usable" ]; then \
	    echo "$$usable cannot make virtual environments: its module venv or ensurepip is missing." >&2; \
	    echo "Install it (Debian and Ubuntu: apt install python3-venv) and run make again." >&2; \
	else \
	    echo "nlpx needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is none of them, and none was found." >&2; \
	    echo "Install one, or say where it is: make PYTHON=/path/to/python3.12" >&2; \
	fi; \
	exit 1
