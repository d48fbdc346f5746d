# make demo     install, build the example store, answer the question it was made for, export a catalog
# make test     install, then every check and test; what CI runs
# make serve    the endpoint and its pages over the demo store
# make bench    the benchmarks (real records: see bench/README.md)
# make lock     write the requirements*.lock anew
# make clean    remove everything that make has made
#
# Needs python3 (3.11 to 3.13) with its venv module, and a network for the first install.
# PYTHON=... names another interpreter, PYTEST_ARGS=... passes options to pytest, PORT=... is where to serve.

PYTHON ?= python3
PYTEST_ARGS ?=
PORT ?= 8000

bin := .venv/bin
installed := .venv/.installed
testable := .venv/.testable
store := demo/trials.kg
pip := $(bin)/python -m pip --disable-pip-version-check --no-input
compile := build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: demo test serve bench lock clean
.DELETE_ON_ERROR:

demo: $(installed)
	@mkdir -p demo
	$(bin)/trialkg build kg/examples/studies --store $(store)
	@echo
	$(bin)/trialkg query il2-pd1-answer --store $(store)
	@echo
	@rm -rf demo/export
	$(bin)/trialkg export --store $(store) -o demo/export
	@echo
	@echo "The store is $(store), the catalog demo/export. To look around in a browser:  make serve"

test: $(testable)
	@failed=0; \
	run() { echo "$$ $$*"; "$$@" || failed=1; }; \
	run $(bin)/ruff check --no-cache .; \
	run $(bin)/ruff format --no-cache --check .; \
	run $(bin)/mypy; \
	run $(bin)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS); \
	exit $$failed

serve: $(installed)
	@test -e $(store)/current || $(MAKE) --no-print-directory demo
	$(bin)/trialkg serve --store $(store) --port $(PORT)

bench: $(testable)
	$(bin)/python -m bench.convert
	$(bin)/python -m bench.build
	$(bin)/python -m bench.query
	$(bin)/python -m bench.validate
	$(bin)/python -m bench.export

# Versions and hashes come from the locks. The package itself is linked in with the build tools of the lock, so
# that nothing is fetched that they do not name.
$(installed): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 to 3.13, or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$$($(PYTHON) --version) is not supported: install Python 3.11 to 3.13, or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$$($(PYTHON) --version) has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "installing into .venv, about a minute"
	@$(PYTHON) -m venv .venv
	@$(pip) install --quiet --require-hashes -r requirements.lock
	@$(pip) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(testable): requirements-test.lock $(installed)
	@echo "installing what tests need, about a minute"
	@$(pip) install --quiet --require-hashes -r requirements-test.lock
	@touch $@

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	$(compile) pyproject.toml --extra checkout --output-file requirements.lock
	$(compile) pyproject.toml --all-extras --constraint requirements.lock --output-file requirements-test.lock
	echo grlc | $(compile) - --output-file requirements-grlc.lock
	printf 'kgx\nbiolink-model\n' | $(compile) - --output-file requirements-kgx.lock
	$(compile) tests/catalog/readers/requirements.txt --output-file requirements-catalogs.lock

clean:
	rm -rf .venv build demo dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find kg tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
