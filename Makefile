# DocuVault's front door, for people and for CI. `make` alone prints the list.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run dev test test-one e2e e2e-scaled e2e-huge test-chaos test-minio test-garage test-hostile fuzz bench bench-login bench-reserve bench-throughput bench-search bench-filing bench-reading fmt lint prepare prepare-check gen gen-check check

# Queries are checked against .sqlx, so that no build needs a database, whatever DATABASE_URL says. `make prepare` renews .sqlx.
export SQLX_OFFLINE := true
PROGRAMS := -p docuvault -p docuvault-extract-program
PROGRAM_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug

help: ## Print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## Find or install everything that running, testing and checking take
	@scripts/setup check

run: ## Build what changed and start the vault; its address is printed
	@scripts/setup run
	@scripts/build-web
	@echo "Building the programs ..."
	@cargo build --quiet $(PROGRAMS)
	@exec "$(PROGRAM_DIR)/docuvault"

dev: ## The same with hot reload: the web UI at once, the server after each build
	@scripts/setup run
	@scripts/dev

test: ## All tests: unit, integration, web, and the browser against the real program
	@scripts/setup test
	@scripts/test rust web e2e

test-one: ## Rust tests whose name contains F: make test-one F=uploads
	@scripts/setup run
	@scripts/test rust "$(F)"

e2e: ## Only the browser tests
	@scripts/setup test
	@scripts/test e2e

e2e-scaled: ## The browser tests against several processes that are restarted and killed while they run
	@scripts/setup test
	@scripts/test e2e-scaled

e2e-huge: ## 5 GiB from the browser to an object store, with the memory of API and gateway
	@scripts/setup test
	@scripts/setup garage
	@scripts/test e2e-huge

test-chaos: ## The long run of faults and kill -9 at random points
	@scripts/setup test
	@scripts/test chaos

test-minio: ## The S3 driver against a real MinIO, whose server must be on PATH
	@scripts/test minio

test-garage: ## The same against Garage, built once
	@scripts/setup garage
	@scripts/test garage

test-hostile: ## Every hostile file there is, read in the sandbox; `make test` reads a sample
	@scripts/test hostile

fuzz: ## Half an hour of made-up bad documents for every parser; takes a nightly compiler (fuzz/README.md)
	@scripts/fuzz

bench: ## Measure the list of documents against the same SQL by pgbench; writes bench/RESULTS.md
	@scripts/setup bench
	@scripts/build-web
	cargo build --release --quiet -p docuvault
	bench/list-of-50

bench-login: ## Measure signing in against what its password hash costs by itself; prints a section for bench/RESULTS.md
	@scripts/setup bench
	@scripts/build-web
	cargo build --release --quiet -p docuvault --bin docuvault --example hash_passwords
	bench/login

bench-reserve: ## Measure reserving room on one quota row against the bare statement by pgbench; prints a section for bench/RESULTS.md
	@scripts/setup bench
	@scripts/build-web
	cargo build --release --quiet -p docuvault --bin docuvault
	bench/reserve

bench-throughput: ## Measure how fast bytes travel, beside the same client straight at the store, dd and nginx; prints a section for bench/RESULTS.md
	@scripts/setup bench
	@scripts/setup garage
	@scripts/build-web
	cargo build --release --quiet -p docuvault -p docuvault-test-stores --bins
	bench/throughput

bench-search: ## Measure searches of 10,000 and 1,000,000 documents of one user; prints a section for bench/RESULTS.md
	@scripts/setup bench
	@scripts/build-web
	cargo build --release --quiet -p docuvault
	bench/search

bench-filing: ## Measure filing on the device beside scikit-learn; prints a section for bench/RESULTS.md
	@scripts/setup run
	cargo build --release --quiet -p docuvault-filing --example file_papers
	python3 -m venv target/bench-filing-venv
	target/bench-filing-venv/bin/pip install --quiet --requirement bench/filing-requirements.txt
	target/bench-filing-venv/bin/python bench/filing

bench-reading: ## Measure how well and how fast documents are read, beside other readers; prints a section for bench/RESULTS.md
	@scripts/setup bench
	@scripts/build-web
	cargo build --release --quiet -p docuvault -p docuvault-extract-program --bins
	cargo build --release --quiet -p docuvault-extract-program --example measure_reading
	python3 -m venv target/bench-reading-venv
	target/bench-reading-venv/bin/pip install --quiet --requirement bench/reading-requirements.txt
	target/bench-reading-venv/bin/python bench/reading

fmt: ## Format the Rust code
	@cargo fmt --all

lint: ## Clippy, ESLint, vue-tsc
	@scripts/setup run
	cd web && npm run --silent lint && npm run --silent typecheck
	cargo clippy --workspace --all-targets -- -D warnings

prepare: ## Renew .sqlx after a query or the schema changed
	@scripts/setup run
	@scripts/prepare-queries

prepare-check:
	@scripts/prepare-queries --check

gen: prepare ## Renew everything generated: .sqlx, openapi.json, schema.d.ts, configuration.md
	@scripts/generate

gen-check:
	@scripts/generate --check

check: ## Everything CI does, the cheapest first
	@scripts/setup check
	@scripts/check
