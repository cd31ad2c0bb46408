# Two commands on a bare machine with Rust: `make demo` shows wrcap at work, `make test` proves it.
# Both install what is missing (apt on Debian and Ubuntu, Homebrew on macOS) and ask for root only then.

CARGO ?= cargo
# As root on Linux the lab can be built: a test that skips it there is a failure.
ifeq ($(shell uname)-$(shell id -u),Linux-0)
export WRCAP_REQUIRE_LAB := 1
endif

.PHONY: help demo test check build release lab-test bench pictures long install-deps-demo install-deps-test

help:
	@echo 'make demo    a throwaway bastion and three web servers on this machine, shown in the dashboard'
	@echo 'make test    formatting, lints, all tests (in the lab too, when run as root)'
	@echo 'make long    what takes half an hour: ten minutes of faults, a minute of 50 MB/s, long fuzzing (as root)'
	@echo 'make bench   wrcap against plain ssh: bulk and bursts; what the dashboard costs (as root, 20 minutes)'
	@echo 'make pictures  the pictures of the README, from the real program (as root)'
	@echo 'make release target/release/wrcap'

demo: install-deps-demo release
	target/release/wrcap demo

test: install-deps-test check build
	@if $(CARGO) nextest --version >/dev/null 2>&1; \
	then $(CARGO) nextest run --no-fail-fast && $(CARGO) test --doc -q; \
	else $(CARGO) test --no-fail-fast; fi

check:
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings

build:
	$(CARGO) build --all-targets

release:
	$(CARGO) build --release

# The lab proves itself: every knob with a real login, exact replay, nothing left behind.
lab-test: install-deps-test
	tests/lab/selftest.sh

bench: install-deps-test release
	benches/bulk.sh target/release/wrcap
	benches/burst.sh target/release/wrcap
	benches/screen.sh

pictures: install-deps-test release
	$(CARGO) build --example pictures
	scripts/pictures.sh target/release/wrcap

# The same tests as in `make test`, for longer.
long: install-deps-test
	SOAK_SECONDS=600 $(CARGO) test --test lab soak -- --nocapture
	WRCAP_STALLED_MB=3000 $(CARGO) test --test lab stalled -- --nocapture
	FUZZ_SECONDS=60 $(CARGO) test --test fuzz
	IDLE_SECONDS=300 $(CARGO) test --test screen_load nothing_is_live -- --nocapture

install-deps-demo:
	@scripts/install.sh demo

install-deps-test:
	@scripts/install.sh test
