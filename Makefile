# Everything a newcomer types. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

SWIFT ?= swift
PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
CONFIG ?= conf/standalone.yaml

BUILD := .build/release
VENV := .venv
REQUIREMENTS := Tests/Acceptance/requirements.txt
# The relay is the floor that figures are compared with, kept letter for letter.
SOURCES := $(shell git ls-files '*.swift' ':!Tests/Bench/relay' 2>/dev/null)

# What Debian ships and the build needs; the acceptance tests and `bench` need some more.
PACKAGES := gcc libc6-dev pkg-config liburing-dev libffi-dev libssl-dev libyaml-dev libpcre2-dev \
	libcurl4-openssl-dev json-schema-test-suite libstdc++-12-dev python3-venv curl binutils
ACCEPTANCE_PACKAGES := slowhttptest openssl rustc golang-go
BENCH_PACKAGES := nginx haproxy wrk nghttp2-client openssl procps

.PHONY: help deps deps-acceptance deps-bench build run test unit acceptance soak bench bars fuzz \
	schemas templates fmt lint install clean

help: ## Print this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Installs the packages of $(1) that dpkg does not know as installed; silent when none is missing.
define install-missing
	@missing=(); for package in $(1); do \
	  dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null | grep -qx installed \
	    || missing+=("$$package"); \
	done; \
	if (( $${#missing[@]} )); then \
	  echo "installing $${missing[*]}"; \
	  sudo=(); if (( $$(id -u) )); then sudo=(sudo); fi; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  "$${sudo[@]}" apt-get update -qq; \
	  "$${sudo[@]}" apt-get install -y --no-install-recommends "$${missing[@]}"; \
	fi
endef

deps: ## Install what is missing with apt; do nothing when all is there.
	$(call install-missing,$(PACKAGES))

deps-acceptance: deps
	$(call install-missing,$(ACCEPTANCE_PACKAGES))

deps-bench: deps
	$(call install-missing,$(BENCH_PACKAGES))

build: deps ## Build the host and the plugins in release.
	$(SWIFT) build -c release

run: build ## Run with conf/standalone.yaml (CONFIG=... for another file).
	exec $(BUILD)/sluice run --config $(CONFIG)

test: unit acceptance ## Build, run the unit tests, then the acceptance tests.

# No test needs `@testable`; without it the flags are those of `build`, and one build serves both.
unit: deps
	$(SWIFT) test -c release --disable-testable-imports --disable-xctest

acceptance: build deps-acceptance $(VENV)/.ready
	$(VENV)/bin/python -m pytest -q Tests/Acceptance

soak: build deps-acceptance $(VENV)/.ready ## The acceptance tests with whole sizes and counts.
	SOAK=1 $(VENV)/bin/python -m pytest -q Tests/Acceptance

$(VENV)/.ready: $(REQUIREMENTS)
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	touch $@

bench: deps-bench build ## CPU per request beside others, and what a call of the host costs.
	$(SWIFT) build -c release --package-path Tests/Bench/relay
	$(PYTHON) Tests/Bench/peers.py --only nginx,haproxy,sluice,relay --work h1 $(BENCH)
	$(PYTHON) Tests/Bench/calls.py

bars: deps-bench build $(VENV)/.ready ## Memory, latency beside a crowd, cost of two workers, TLS.
	$(VENV)/bin/python Tests/Acceptance/tools/bars.py $(BARS)

# One target: `make fuzz FUZZ=request`; FUZZ_SECONDS is for each.
FUZZ ?= request response chunks trailers path proxy hello tunnel json yaml schema
FUZZ_SECONDS ?= 60
FUZZ_BUILD := .build/fuzz

fuzz: deps ## Fuzz what reads bytes from outside, with libFuzzer and the address sanitizer.
	SLUICE_FUZZ=1 $(SWIFT) build -c release --product fuzz --scratch-path $(FUZZ_BUILD) \
	  --sanitize=address -Xswiftc -sanitize=fuzzer
	for target in $(FUZZ); do \
	  echo "fuzzing $$target for $(FUZZ_SECONDS) s"; \
	  mkdir -p $(FUZZ_BUILD)/corpus/$$target; \
	  FUZZ=$$target SWIFT_BACKTRACE=enable=no $(FUZZ_BUILD)/release/fuzz -close_fd_mask=1 \
	    -verbosity=0 -print_final_stats=1 -timeout=10 -max_len=65536 \
	    -artifact_prefix=$(FUZZ_BUILD)/ -max_total_time=$(FUZZ_SECONDS) \
	    $(FUZZ_BUILD)/corpus/$$target Tests/Fuzz/Seeds/$$target </dev/null; \
	done

schemas: ## Write docs/schemas into the host, after a change there.
	$(PYTHON) docs/schemas/embed.py

templates: ## Write Plugins/Examples into the host, after a change there.
	$(PYTHON) Plugins/Examples/embed.py

fmt: ## Format the Swift sources.
	@$(SWIFT) format format --in-place --parallel $(SOURCES)

lint: ## Check the format of the Swift sources.
	@$(SWIFT) format lint --strict --parallel $(SOURCES)

install: build ## Install under PREFIX (default /usr/local); DESTDIR stages.
	install -d $(DESTDIR)$(PREFIX)/{bin,include,lib/sluice,lib/pkgconfig}
	install -m 755 $(BUILD)/sluice $(DESTDIR)$(PREFIX)/lib/sluice/sluice
	install -m 755 $(BUILD)/libecho.so $(BUILD)/libfile-source.so \
		$(BUILD)/libheader-stamp.so $(DESTDIR)$(PREFIX)/lib/sluice/
	ldd $(BUILD)/sluice $(BUILD)/libfile-source.so | awk '$$3 ~ /\/swift\/linux\// {print $$3}' \
	  | sort -u | xargs -r -I{} install -m 755 {} $(DESTDIR)$(PREFIX)/lib/sluice/
	ln -sfn ../lib/sluice/sluice $(DESTDIR)$(PREFIX)/bin/sluice
	install -m 644 Plugins/ABI/include/*.h $(DESTDIR)$(PREFIX)/include/
	for folder in Plugins/Kit Sources/Shared; do \
	  install -d $(DESTDIR)$(PREFIX)/share/sluice/$$folder; \
	  cp -R $$folder/. $(DESTDIR)$(PREFIX)/share/sluice/$$folder/; \
	done
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' conf/sluice.pc.in \
	  > $(DESTDIR)$(PREFIX)/lib/pkgconfig/sluice.pc

clean: ## Remove what the build made.
	rm -rf .build $(VENV) .sluice conf/.sluice
