# Sets up what each task needs and runs it. Nothing is installed outside this folder.
#
#   PYTHON=python3.12 make report     another interpreter (3.11 or newer)
#   make report YEAR=2004             another year under data/
#
# Environments of their own: jupyterlab in the report's own would double the start of every run.

PYTHON ?= python3
YEAR ?= 2003
WORKERS ?= 2
YEARS ?= 200
LAB_OPTIONS ?=
BUNDLE_PYTHON ?= $(shell $(PYTHON) -c 'import sys; print("{}.{}".format(*sys.version_info))')

.DELETE_ON_ERROR:
.PHONY: setup report test faults bundle bench province calibration anomalies mutation lab pictures lint lock wheels dist try-wheel clean

setup: .venv/ready

report: .venv/ready
	.venv/bin/appraisal report $(YEAR)

test: .venv-test/ready .venv-lab/ready
	APPRAISAL_LAB="$(CURDIR)/.venv-lab/bin" .venv-test/bin/python -m pytest -n $(WORKERS)

# How long things take, as ratios to their floors, on one thread; writes tests/benchmarks/RESULTS.md.
bench: .venv-bench/ready
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-bench/bin/python tests/benchmarks/run.py
	.venv-bench/bin/python docs/figures.py

# 100 made-up places × 3 years run to the end by two jobs, half an hour; writes tests/benchmarks/PROVINCE.md.
province: .venv-test/ready
	OPENBLAS_NUM_THREADS=1 .venv-test/bin/python tests/benchmarks/province.py --jobs $(WORKERS)

# Tries the analyses on made-up years whose truth is known and puts the figures on record, some ten minutes on two cores.
calibration: .venv-test/ready
	cd tests && OPENBLAS_NUM_THREADS=1 ../.venv-test/bin/python -m benchmarks.calibrate --years $(YEARS) --workers $(WORKERS)
	.venv-test/bin/python docs/figures.py

# Plants anomalies in made-up years and counts what the tests find, some ten minutes on two cores.
anomalies: .venv-test/ready
	cd tests && OPENBLAS_NUM_THREADS=1 ../.venv-test/bin/python -m benchmarks.anomalies --years $(YEARS) --workers $(WORKERS)
	.venv-test/bin/python docs/figures.py

# Changes the rules and the reading in one place at a time and counts the changes that some test notices, 55 minutes at a
# time: the next run goes on; writes tests/benchmarks/MUTATION.md.
mutation: .venv-mutation/ready
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-mutation/bin/python tests/mutation/run.py --workers $(WORKERS)

# The faults of tests/faults/ in their full counts; `make test` has a small share of each.
faults: .venv-test/ready
	FAULTS=full .venv-test/bin/python -m pytest -n $(WORKERS) tests/faults

# A zip each for Linux x86_64 and Windows that installs with nothing but Python: see docs/installing.md.
bundle: .venv-test/ready
	.venv-test/bin/python .ci/bundle.py linux --python $(BUNDLE_PYTHON)
	.venv-test/bin/python .ci/bundle.py windows --python $(BUNDLE_PYTHON)

# The README's pictures, of the bundled year.
pictures: .venv-test/ready .venv-lab/ready
	.venv-test/bin/python docs/process.py
	.venv-test/bin/python docs/pictures.py .venv-lab/bin

lint: .venv-test/ready
	.venv-test/bin/ruff check .
	.venv-test/bin/mypy

# On this machine alone, behind its token; nothing is asked of the network. Notebooks are saved without what they show,
# which may hold single scores.
lab: .venv-lab/ready
	.venv-lab/bin/jupyter lab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/notebooks/explore_cutoffs.ipynb --LabApp.extension_manager=readonly \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None \
		--ContentsManager.pre_save_hook=appraisal.exploring.unsaved.without_outputs $(LAB_OPTIONS)

# `ready` is written last: an interrupted installation leaves none and is made again from nothing.
.venv/ready: INSTALL = .
.venv-test/ready: INSTALL = .[test]
.venv-lab/ready: INSTALL = .[lab]
# With it, what benchmarks run beside: in no other environment.
.venv-bench/ready: INSTALL = .
.venv-bench/ready: BESIDE = --requirement tests/benchmarks/requirements.txt
.venv-bench/ready: tests/benchmarks/requirements.txt
.venv-mutation/ready: INSTALL = .
.venv-mutation/ready: BESIDE = --requirement tests/mutation/requirements.txt
.venv-mutation/ready: tests/mutation/requirements.txt

.venv/ready .venv-test/ready .venv-lab/ready .venv-bench/ready .venv-mutation/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "appraisal needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	@echo "Setting up $(@D) ..."
	@rm -f $@
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '$(INSTALL)' $(BESIDE)
	$(if $(findstring lab,$@),$(@D)/bin/jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements)
	@touch $@

# Resolves the dependencies anew, for every Python and system at once; needs uv.
lock:
	{ sed -n '/^#/p' requirements.lock; \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --no-header \
		--no-emit-index-url --no-emit-find-links --annotation-style line pyproject.toml; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

# A folder to carry to a machine without a network: see docs/installing.md.
wheels:
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --constraint requirements.lock --wheel-dir wheels .
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --dest wheels 'hatchling>=1.27' editables
	rm -f wheels/appraisal-*.whl

# What is released: the wheel, made from the source archive, so that the archive is known to hold all that it needs.
dist: .venv-test/ready
	rm -f dist/appraisal-*.whl dist/appraisal-*.tar.gz
	.venv-test/bin/python -m build --outdir dist

# In an empty folder with only data/ beside it: check, score, new and report, held to what comes of them in the checkout.
try-wheel: dist
	.venv-test/bin/python .ci/try_wheel.py $(PYTHON)

# Environments and caches; what was published under reports/ stays.
clean:
	rm -rf .venv .venv-test .venv-lab .venv-bench .venv-mutation .mutants wheels build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
