# Everything here does its own set-up: a fresh machine needs git, make and Python >= 3.11 with venv.

PYTHON ?= python3
TORCH := torch==2.13.0
# PyTorch's own wheels without CUDA; the call goes on at once where this index cannot be reached.
TORCH_CPU := --retries 1 --extra-index-url https://download.pytorch.org/whl/cpu
# Python compiles what it imports, once; pip would compile everything, which takes 50 s longer.
QUICKLY := --quiet --no-compile
unexport PYTHONDONTWRITEBYTECODE
# The longest files first, not those with the most tests, so that all processes end together. On two
# processors, three of them: tests wait for others. Not in the browser, where waiting has an end.
SHARED := --dist loadfile --no-loadscope-reorder
SLOWEST := --durations=25
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SITE := $(VENV)/site
FRESH := build/fresh
GRADERS := $(VENV)/graders
RELEASE := build/tools
REPORTS := build/reports
MUTANTS := $(VENV)/mutants
SETTINGS := $(VENV)/share/jupyter/lab/settings
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# Those that train for longer than `make test` should last: tests/slow runs them.
LONG := 03-cnn-mnist 04-transformer 05-recovery 07-theory-vs-experiment 08-symmetry 09-regimes
ARGS ?=
TIMES ?= 5

# One thread for small networks. In the lecture torch may have more, for a CNN; the library sees to it
# that small networks do not use them, nor BLAS any. Here BLAS has one for all that a lecturer types.
test test-all test-versions bench binder-check coverage mutants notebooks recordings site: export OMP_NUM_THREADS ?= 1
lecture: export OPENBLAS_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help lecture test test-all test-versions lint types imports format notebooks recordings badges picture bench \
  binder-check coverage mutants golden soak site reliability repetitions constraints release clean

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

lecture: $(READY) ## open the lecture in JupyterLab; ARGS="--port 8899 --no-browser" is passed on
	$(BIN)/condensekit lecture $(ARGS)

test: $(READY) lint types imports ## all checks: style, types, architecture, tests, notebooks, browser
	$(BIN)/python tools/write_reliability.py --begin
	$(BIN)/python -m pytest -n 3 $(SHARED) --nbval-lax -m "not slow" notebooks tests condensekit $(LONG:%=--ignore notebooks/%.ipynb) --ignore tests/browser --ignore tests/slow $(SLOWEST) --junitxml $(REPORTS)/units.xml $(ARGS)
	$(BIN)/python -m pytest -n 2 $(SHARED) -p no:nbval -m "not slow" tests/browser $(SLOWEST) --junitxml $(REPORTS)/browser.xml $(ARGS)

test-all: $(SITE) test $(GRADERS)/ready ## the same, and what is slow and rarely broken: laws over thousands of cases
	$(BIN)/python -m pytest -n 2 -p no:nbval -m slow tests --ignore tests/browser --ignore tests/graders $(SLOWEST) --junitxml $(REPORTS)/slow.xml $(ARGS)
	$(BIN)/python -m pytest -n 2 $(SHARED) -p no:nbval -m slow tests/browser $(SLOWEST) --junitxml $(REPORTS)/browser-slow.xml $(ARGS)
	PATH="$(CURDIR)/$(GRADERS)/bin:$$PATH" python -m pytest -p no:nbval -W default tests/graders --junitxml $(REPORTS)/graders.xml $(ARGS)

test-versions: $(RELEASE)/ready ## some tests with the oldest and the newest Python, PyTorch and libraries
	$(RELEASE)/bin/python tools/versions.py $(ARGS)

lint: $(READY) ## style, by ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## types, by mypy
	$(BIN)/mypy

imports: $(READY) ## who may import whom, by import-linter
	$(BIN)/lint-imports

format: $(READY) ## put the code into the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: $(READY) ## run all notebooks and store their outputs
	$(BIN)/python tools/execute_notebooks.py $(NOTEBOOKS)

recordings: $(READY) ## train the recorded runs anew, with which labs open
	$(BIN)/python tools/record_runs.py

badges: $(READY) ## write the badges of Binder into the README, for the repository in replays/binder.py
	$(BIN)/python tools/write_badges.py

bench: $(READY) ## measure, side by side with other tools, into benchmarks/results/; ARGS="methods scipy_solvers" for the long ones
	$(BIN)/python -m benchmarks $(ARGS)

binder-check: $(READY) ## replay what Binder will do with the last commit, and open the lab from it
	$(BIN)/python tools/binder_check.py

coverage: $(READY) ## which branches the tests run, without a browser; fails below the share in pyproject.toml
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n 2 $(SHARED) -p no:nbval tests condensekit --ignore tests/browser --ignore tests/slow $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered

mutants: $(MUTANTS)/ready ## a sample of mutants, and those that no test kills; ARGS="--each 40 --seed 0 measures"
	$(MUTANTS)/bin/python tools/mutants.py $(ARGS)

golden: $(READY) ## write the golden numbers of each instruction set of this processor
	$(BIN)/python tools/golden_numbers.py

soak: $(READY) ## run and scrub a lab of the app for half an hour, and say what grows; ARGS="--minutes 10"
	$(BIN)/python tools/soak.py $(ARGS)

picture: $(READY) ## draw the moving picture of the README anew
	$(BIN)/python tools/moving_picture.py

site: $(SITE) ## build the web site into build/site
	$(BIN)/python tools/build_site.py build/site-source
	rm -rf build/site build/site-doctrees
	$(BIN)/python -m sphinx -q -W --keep-going -j 2 -d build/site-doctrees build/site-source build/site

reliability: $(READY) ## write docs/reliability.md from the reports of the last make test-all
	$(BIN)/python tools/write_reliability.py

repetitions: ## make test-all five times in a row, and docs/reliability.md of them; TIMES=2
	for run in $$(seq $(TIMES)); do $(MAKE) test-all || exit 1; done
	$(MAKE) reliability

constraints: ## renew constraints.txt: all that a new environment gets today
	$(PYTHON) -m venv --clear $(FRESH)
	$(FRESH)/bin/python -m pip install $(QUICKLY) $(TORCH_CPU) $(TORCH)
	$(FRESH)/bin/python -m pip install $(QUICKLY) --editable '.[dev,site,release]' nbgrader otter-grader
	sed '/^#/!d' constraints.txt > $(FRESH)/constraints.txt
	$(FRESH)/bin/python -m pip freeze --exclude-editable --exclude torch >> $(FRESH)/constraints.txt
	mv $(FRESH)/constraints.txt constraints.txt

release: $(RELEASE)/ready ## build, check and try a release, and say what is left to do by hand; publishes nothing
	$(RELEASE)/bin/python tools/release.py $(TORCH_CPU) $(TORCH)

clean: ## remove the virtual environment and what the tools left behind
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build

# The stamp is written last, so a set-up that was interrupted is done again; an environment whose
# pip does not work is made anew.
$(READY): pyproject.toml constraints.txt Makefile binder/overrides.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "condensekit needs Python >= 3.11, but $(PYTHON) is older or missing; say: make PYTHON=python3.12"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip  # the one of Python 3.11 takes 30 s longer
	$(BIN)/python -m pip install $(QUICKLY) $(TORCH_CPU) $(TORCH)
	$(BIN)/python -m pip install $(QUICKLY) --constraint constraints.txt --editable '.[dev]'
	mkdir -p $(SETTINGS) && cp binder/overrides.json $(SETTINGS)/overrides.json
	touch $@

$(SITE): $(READY)
	$(BIN)/python -m pip install $(QUICKLY) --constraint constraints.txt --editable '.[dev,site]'
	touch $@

# Graders bring a server extension along, which the JupyterLab of the other tests must not have: an
# environment of their own, which sees all that is in the first.
$(GRADERS)/ready: $(READY)
	$(BIN)/python -m venv --clear $(GRADERS)
	$(BIN)/python tools/see_environment.py $(GRADERS)
	$(GRADERS)/bin/python -m pip install $(QUICKLY) --constraint constraints.txt nbgrader otter-grader
	touch $@

# What builds and tries releases; they are tried in environments of their own.
$(RELEASE)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(RELEASE)
	$(RELEASE)/bin/python -m pip install $(QUICKLY) --constraint constraints.txt build twine uv
	touch $@

$(MUTANTS)/ready: $(READY)
	$(BIN)/python -m venv --clear $(MUTANTS)
	$(BIN)/python tools/see_environment.py $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install $(QUICKLY) cosmic-ray
	touch $@
