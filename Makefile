# The commands of this project.  `make check` is what CI runs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready

# A process that must compile what it imports takes 0.2 s longer to start, and the tests
# start many: what is compiled is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo check format-check format lint types layers rules mutants test spark check-spark bench-spark three-ways fuzz fuzz-commands kill-test sarif-validate \
	cargo core core-check ready bench bench-short docs docs-check corpora convert-check workflows site dist clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# Most of what is installed is never imported: a module is compiled when it is.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# What the checks need takes minutes to install, and the demo needs none of it.
$(INSTALLED): pyproject.toml constraints.txt checker/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -e .
	@touch $@

$(READY): pyproject.toml constraints.txt checker/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -e '.[dev]'
	@touch $(INSTALLED) $@

demo: $(INSTALLED) ## Install, and judge the example logs and settings that come along
	@$(BIN)/trailcheck scan demo/events --settings demo/settings.json --fail-on never --summary

# Where cargo is, the compiled reader is built and held against the Python reader.
CARGO := $(shell command -v cargo 2>/dev/null)
# Outside of the checkout, so that a fresh clone compiles no more than the crate itself.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/trailcheck-core
FEATURES := --features pyo3/extension-module

CHECKS := format-check lint types layers workflows rules mutants docs-check

check: $(READY) ## Everything that CI runs
	@$(MAKE) --no-print-directory --jobs=2 $(CHECKS) $(if $(CARGO),core core-check)
	@$(MAKE) --no-print-directory test

format-check: $(READY) ## Is the code formatted?
	$(BIN)/ruff format --check .

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

lint: $(READY) ## Lint the code
	$(BIN)/ruff check .

types: $(READY) ## Check the types
	$(BIN)/mypy

layers: $(READY) ## Do imports point down?
	$(BIN)/lint-imports

rules: $(READY) ## Hold every rule against its schema and its cases
	$(BIN)/trailcheck lint --fail-on info
	$(BIN)/trailcheck test

mutants: $(READY) ## Does a case notice every small change of a rule?
	$(BIN)/trailcheck test --mutants

test: $(READY) ## Run the tests
	$(BIN)/pytest -q -n 2 --dist worksteal

# Beside the environment, not in it: the other tests run as they do without Spark.
SPARK := .spark
SPARK_READY := $(SPARK)/.ready

$(SPARK_READY): pyproject.toml constraints.txt | $(READY)
	rm -rf $(SPARK)
	$(PIP_INSTALL) --target $(SPARK) pyspark
	@touch $@

spark: $(SPARK_READY) ## Install Spark for check-spark (317 MB)

# What a JVM of a minute compiles best is not worth the time that it takes.
check-spark: $(SPARK_READY) ## Scan SPARK_FILES=300 files on a local Spark as on one machine (needs Java)
	PYTHONPATH=$(abspath $(SPARK)) JDK_JAVA_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" \
		$(BIN)/pytest -q -n 0 tests/spark

bench-spark: $(SPARK_READY) ## Measure a scan on a local Spark, with one core and with two
	PYTHONPATH=$(abspath $(SPARK)) $(BIN)/python benchmarks/bench_spark.py

core: cargo $(READY) ## Build the compiled reader (needs cargo), and install it
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps ./core

cargo:
	@$(if $(CARGO),:,echo "make core needs cargo, of Rust 1.88 or later: https://rustup.rs" >&2; exit 2)

ready: $(READY) $(if $(CARGO),core-check) ## Install what the checks need; meanwhile check core/

core-check: ## Check the compiled reader's own code (needs cargo)
	cargo fmt --check --manifest-path core/Cargo.toml
	cargo clippy --quiet --locked --release --manifest-path core/Cargo.toml $(FEATURES) -- -D warnings
	cargo test --quiet --locked --manifest-path core/Cargo.toml --no-default-features

three-ways: $(READY) ## Hold plans and templates against a hundred accounts of moto
	MOTO_EXAMPLES=100 $(BIN)/pytest -q -n 0 --timeout 3600 tests/run/test_settings_three_ways.py

fuzz: $(READY) ## Run the properties on many new examples
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -q --timeout 14400 tests/conditions tests/sources tests/evaluate \
		tests/authoring/lint/test_lint_solver.py tests/authoring/redact tests/authoring/test_scaffold.py \
		tests/run/scanning/test_memory.py tests/run/scanning/test_hostile_events.py tests/run/scanning/test_compiled_reader.py tests/test_secrets.py

fuzz-commands: $(READY) ## Run commands with random options over hostile files
	$(BIN)/python -m tests.commands_fuzz --rounds 2000

kill-test: $(READY) ## Kill scans at random moments: nothing lost, nothing twice
	$(BIN)/python -m tests.kills --rounds 200

sarif-validate: $(READY) ## Hold our SARIF against Microsoft's validator (npm)
	$(BIN)/python -m tests.sarif_multitool tests/golden/report.sarif

bench: $(READY) ## Measure speed, as ratios from one run
	$(BIN)/python benchmarks/bench_scan.py --write docs/speed.md
	$(BIN)/python benchmarks/bench_memory.py
	$(BIN)/python benchmarks/bench_selectors.py
	$(BIN)/python benchmarks/bench_correlation.py
	$(BIN)/python benchmarks/bench_reports.py

bench-short: $(READY) ## Measure the rows that change first, in a minute
	$(BIN)/python benchmarks/bench_scan.py --short

docs: $(READY) ## Write a page for each rule, the index, and lint's checks
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.answer_types

docs-check: $(READY) ## Are the written pages up to date?
	$(BIN)/python -m tools.docs --check
	$(BIN)/python -m tools.answer_types --check

corpora: $(READY) ## Judge the pack by the records of ../shared/corpus, if it is there
	$(BIN)/python -m tools.corpora

convert-check: $(READY) ## Hold every conversion against its rule: all cases, odd records, ../shared/corpus
	$(BIN)/python -m tests.convert.proof
	$(BIN)/python -m tests.convert.event_ruler

# A program in Go; without it the schema and zizmor must do.
ACTIONLINT := $(shell command -v actionlint || ls "$$HOME/go/bin/actionlint" 2>/dev/null)

workflows: $(READY) ## Check the workflows and the action (offline)
	$(BIN)/zizmor --offline --quiet .github/workflows action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(if $(ACTIONLINT),$(ACTIONLINT) -shellcheck $(BIN)/shellcheck)

site: $(READY) ## Build the documentation site (build/site), every link checked
	$(BIN)/python -m tools.site
	$(BIN)/zensical build --config-file mkdocs.yml --strict --clean

dist: $(READY) ## Build VERSION=1.2.3 and list what it installs (sbom.cdx.json)
	@case "$(VERSION)" in *[!0-9.]* | "") echo "name a version: make dist VERSION=1.2.3"; exit 2;; esac
	rm -rf dist .dist-env .sbom-env
	sed -i.old 's/^__version__ = .*/__version__ = "$(VERSION)"/' checker/__init__.py && rm checker/__init__.py.old
	$(BIN)/python -m tools.ship_rules
	$(BIN)/python -m hatchling build
	$(PYTHON) -m venv .dist-env
	.dist-env/bin/python -m pip install --quiet -c constraints.txt dist/*.whl
	ls .dist-env/lib/python*/site-packages/checker/rules/bundled.msgpack >/dev/null
	@# Apart: with what it brings, importing jsonschema takes seconds.
	$(PYTHON) -m venv .sbom-env
	.sbom-env/bin/python -m pip install --quiet -c constraints.txt cyclonedx-bom
	.sbom-env/bin/cyclonedx-py environment .dist-env --output-file sbom.cdx.json

clean: ## Remove what was built
	rm -rf $(VENV) $(SPARK) .dist-env .sbom-env sbom.cdx.json build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

build-Function: ## Build the Lambda function for sam build (deploy/lambda)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --only-binary :all: -c constraints.txt \
		--target "$(ARTIFACTS_DIR)" .
	rm -rf "$(ARTIFACTS_DIR)/bin"
	cd "$(ARTIFACTS_DIR)" && PYTHONPATH=. $(abspath $(PYTHON)) -m checker.arrival.prepare .
