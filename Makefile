# Named commands; every check that CI runs is one of these. `make demo` and `make test` do all the set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOURCES := $(shell find compiler native-host wasm-host cli python Cargo.toml Cargo.lock pyproject.toml -type f \
	\( -name '*.rs' -o -name '*.toml' -o -name '*.lock' -o -name '*.py' -o -name '*.pyi' -o -name '*.ir' \) 2>/dev/null)

.PHONY: help demo web test test-rust test-web test-python lint bless bench fuzz mutants wheel clean

help:
	@echo "make demo    the founding examples, natively and under wasmtime, compared with CPython; writes demo/index.html"
	@echo "make web     the compiler for browsers, its npm package and the demo page, in target/site and target/npm"
	@echo "make test    every test: Rust, the kernel corpus on all judges, random programs, Python, SciPy"
	@echo "make lint    rustfmt and clippy"
	@echo "make fuzz    5,000 random programs on all judges (N=..., SEED=..., TOPIC=arrays, scalars or any)"
	@echo "make mutants plants faults into the IR and shows that corpus and random programs notice"
	@echo "make bench   call latency, compile time, callbacks and loops against gcc -O3, interleaved"
	@echo "make bless   rewrite the expected errors and the checked-in IR of the elementary functions"
	@echo "make wheel   a wheel in dist/"

$(VENV)/.tools: requirements-dev.txt
	@echo "== Python environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The extension module, optimised. The first build compiles Cranelift and wasmtime: about five minutes on two cores.
$(VENV)/.gelcap: $(VENV)/.tools $(SOURCES)
	@echo "== gelcap into $(VENV) (the first time: about five minutes)"
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release
	@touch $@

demo: $(VENV)/.gelcap
	@$(BIN)/gelcap demo examples/founding

# The compiler as wasm, small; the page beside it. npm installs what the lock file says, and runs none of its scripts.
SITE        := target/site
WEB_SOURCES := $(shell find compiler web-demo wasm-host/js examples/kernels Cargo.toml Cargo.lock -type f \
	-not -path '*/node_modules/*' -not -path 'web-demo/test/*' 2>/dev/null)

web-demo/node_modules/.package-lock.json: web-demo/package-lock.json
	@cd web-demo && npm ci --silent --ignore-scripts
	@touch $@

$(SITE)/.made: web-demo/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "== The compiler for browsers (the first time: about two minutes)"
	@rustup target add wasm32-unknown-unknown 2>/dev/null || rustc --print sysroot | xargs -I@ test -d @/lib/rustlib/wasm32-unknown-unknown
	@cargo build --profile web -p gelcap-engine -p gelcap-wat --target wasm32-unknown-unknown
	@node web-demo/build.mjs
	@touch $@

web: $(SITE)/.made

test-web: $(SITE)/.made $(VENV)/.tools
	@command -v chromium >/dev/null || { echo "== chromium"; apt-get update -qq && apt-get install -y -qq chromium; }
	@echo "== The compiler for browsers under Node: the kernels of the corpus"
	@PATH="$(abspath $(BIN)):$$PATH" cargo test --workspace --exclude gelcap-python --test web -- --ignored
	@echo "== The page in Chromium"
	@node web-demo/test/page.mjs

test: test-rust test-web test-python
	@echo "== all tests passed"

test-rust: $(VENV)/.tools
	@echo "== Rust: units, IR, kernels on every judge, random programs, errors, tidiness"
	@PATH="$(abspath $(BIN)):$$PATH" cargo test --workspace --exclude gelcap-python

test-python: $(VENV)/.gelcap
	@echo "== Python: the package, SciPy, the shared library, elementary functions"
	@$(BIN)/python -m pytest -q
	@echo "== Elementary functions as compiled, against mpmath"
	@$(BIN)/python -m pytest -q tests/mathlib/test_ulp.py --impl compiled:native --points 4000

lint:
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings

fuzz: $(VENV)/.tools
	@PATH="$(abspath $(BIN)):$$PATH" GELCAP_FUZZ_COUNT=$(or $(N),5000) GELCAP_FUZZ_SEED=$(or $(SEED),1) GELCAP_FUZZ_TOPIC=$(or $(TOPIC),any) \
		cargo test -p gelcap-tests --test fuzz -- --nocapture

mutants: $(VENV)/.tools
	@PATH="$(abspath $(BIN)):$$PATH" cargo test -p gelcap-tests --test mutants -- --ignored --nocapture --test-threads=1

bench: $(VENV)/.gelcap
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/loops.py

bless: $(VENV)/.tools
	@GELCAP_BLESS=1 PATH="$(abspath $(BIN)):$$PATH" cargo test -p gelcap-tests

wheel: $(VENV)/.tools
	@$(BIN)/maturin build --release --out dist

clean:
	rm -rf target $(VENV) dist
