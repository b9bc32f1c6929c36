# Plain `make` sets argmine up and mines corpus/. Nothing here trains unless you type `make train`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGMINE := $(BIN)/argmine

# The user's own papers: whatever lies in corpus/ beside the samples and the README.
OWN := $(filter-out corpus/samples corpus/README.md,$(wildcard corpus/*))
# What is compared: the user's own papers once there are some, else the samples.
COMPARED := $(if $(OWN),'build/*/map.json',build/samples)

.DEFAULT_GOAL := mine
.PHONY: mine compare test test-all lint train evaluate review samples schemas scores programs bench bench-corpora soak lock audit sbom clean help label-studio

mine: $(READY) ## set up if needed, mine corpus/ and the samples into build/, print a table
	@$(ARGMINE) mine 'corpus/samples/*.pdf' --out build/samples --annotations annotations --prune $(if $(OWN),--quiet)
	@$(ARGMINE) mine corpus --exclude corpus/samples --out build --annotations annotations --prune --allow-empty \
		--samples-link samples/index.html
	@$(ARGMINE) compare $(COMPARED) --out build/comparison --quiet || \
		echo "the comparison of these papers is not complete; their maps are" >&2

compare: $(READY) ## compare the mined papers (your own, else the samples) into build/comparison/comparison.html
	@$(ARGMINE) compare $(COMPARED) --out build/comparison

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "argmine needs Python 3.11 or later: make PYTHON=python3.12" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing argmine into $(VENV) (a minute or two, once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-dev: $(READY)
	@echo "Installing what the tests need ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,samples]'
	@touch $@

$(VENV)/.ready-all: $(VENV)/.ready-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,samples,train]'
	@touch $@

test: $(VENV)/.ready-dev ## the tests that need neither network nor other programs (under five minutes)
	@$(BIN)/python -m pytest -m "not slow and not shared and not browser and not network and not programs"

test-all: $(VENV)/.ready-all lint ## all other tests, with real programs and the data folder where there is one
	@$(BIN)/python -m pytest -m "slow or shared or browser or network or programs"
	@$(BIN)/python -m pytest tests/train/encoder tests/tag/test_encoder.py tests/tag/test_windows.py

programs: $(READY) ## install the programs that test-all checks against into build/ (needs npm)
	@test -d build/node_modules/axe-core || npm install --silent --no-audit --no-fund --prefix build axe-core
	@test -x build/programs/argdown/node_modules/.bin/argdown || \
		npm install --silent --no-audit --no-fund --prefix build/programs/argdown @argdown/cli
	@test -x build/programs/arguebuf/bin/python || \
		{ $(PYTHON) -m venv build/programs/arguebuf && \
		build/programs/arguebuf/bin/python -m pip install --quiet --disable-pip-version-check arguebuf; }

label-studio: ## install Label Studio (large) into build/programs/, where its test starts it
	@test -e build/programs/label-studio/.ready || \
		{ $(PYTHON) -m venv build/programs/label-studio && \
		build/programs/label-studio/bin/python -m pip install --quiet --disable-pip-version-check 'label-studio>=1.23,<2' && \
		touch build/programs/label-studio/.ready; }

lint: $(VENV)/.ready-dev ## ruff, mypy, import-linter, licences and lock file of the runtime dependencies, annotations whole, figures up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_licences.py
	@$(BIN)/python scripts/check_lock.py
	@$(BIN)/python scripts/measure_agreement.py --check
	@$(ARGMINE) check annotations
	@$(BIN)/python scripts/recompute_scores.py
	@$(BIN)/python scripts/render_scores.py --check
	@$(BIN)/python scripts/simulate_scale.py render --check

train: $(READY) ## train models/local on annotations/ and the papers in corpus/ (the shipped model stays as it is)
	@$(ARGMINE) train annotations --papers corpus --out models/local

refine: $(READY) ## learn from your annotations (models/local), write build/refine/index.html: what that changed
	@$(ARGMINE) refine --papers corpus --papers build

evaluate: $(READY) ## score by folds of papers what training on annotations/ gives
	@$(ARGMINE) evaluate annotations --papers corpus --folds 5 --report build/evaluation.json

review: $(READY) ## label a paper in the browser: make review PAPER=corpus/my.pdf ANNOTATOR=me
	@test -n "$(PAPER)" -a -n "$(ANNOTATOR)" || { echo "make review PAPER=corpus/my.pdf ANNOTATOR=me" >&2; exit 2; }
	@$(ARGMINE) review "$(PAPER)" --annotations annotations --annotator "$(ANNOTATOR)" $(if $(BLIND),--blind)

samples: $(READY) ## build the sample papers' PDFs from their sources (needs LibreOffice and pdfLaTeX)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[samples]'
	@$(BIN)/python scripts/samples/build.py

schemas: $(READY) ## write docs/schema/*.json from the types
	@mkdir -p docs/schema
	@$(ARGMINE) schema paper > docs/schema/paper.schema.json
	@$(ARGMINE) schema map > docs/schema/map.schema.json

scores: $(VENV)/.ready-dev ## score the samples from PDF to map and fill the tables of README and model card
	@$(BIN)/python scripts/score_samples.py
	@$(BIN)/python scripts/render_scores.py

bench: $(VENV)/.ready-dev ## measure speed and memory on this machine, write docs/performance.md
	@$(BIN)/python -m scripts.bench $(if $(ONLY),--only $(ONLY))
	@$(BIN)/python scripts/bench_map.py --strict
	@$(BIN)/python scripts/bench_review.py --strict

bench-corpora: $(VENV)/.ready-all ## train and score on other people's corpora (hours; resumable), write docs/corpora.json
	@$(BIN)/python scripts/bench_corpora.py

# What others have that makes the soak harder: whole papers, files of other tools. Both may be missing.
WHOLE   := $(wildcard ../shared/papers/pdf)
FORMATS := $(wildcard ../shared/formats)

soak: $(VENV)/.ready-dev ## 5,000 damaged files, 300 papers with 20 kills, a worker's memory; writes docs/soak.md (an hour)
	@$(BIN)/python scripts/soak.py --n 5000 --jobs 2 --report build/soak/fuzz.json $(if $(FORMATS),--formats $(FORMATS))
	@$(BIN)/python scripts/chaos.py --report build/soak/chaos.json $(if $(WHOLE),--whole $(WHOLE))
	@$(BIN)/python scripts/soak_memory.py --report build/soak/memory.json $(if $(WHOLE),--whole $(WHOLE))
	@$(BIN)/python scripts/render_soak.py

lock: $(VENV)/.ready-dev ## pin what argmine needs, with digests, in requirements.lock (UPGRADE=1: in newer versions)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
	@$(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)
	@$(BIN)/python scripts/check_lock.py

audit: $(VENV)/.ready-dev ## ask whether vulnerabilities are known of the packages in requirements.lock
	@$(BIN)/python scripts/audit.py

sbom: $(VENV)/.ready-dev ## write what an installed argmine is made of, with licences and digests, to build/sbom.json
	@$(BIN)/python scripts/sbom.py

clean: ## remove build/ (not the papers, annotations, models or the environment)
	@rm -rf build

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
