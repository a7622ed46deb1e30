# make run      from a fresh Debian or Ubuntu machine to `tinyboxctl status`, with nothing built but that
# make build    all programs, as they are installed
# make test     every test that runs at every change
# make nightly  those that repeat and wait
# make deb      the package, in out/deb
# make apt-repo a signed repository of it, in out/apt
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
DESTDIR ?=
PROGRAMS = tinyboxd tinybox-gateway tinybox-benchmark tinyboxctl
# No search path for libraries is left in a program, and every symbol is resolved before it starts.
RELEASE = swift build -c release --static-swift-stdlib --disable-local-rpath \
  -Xlinker -s -Xlinker -z -Xlinker now
BINARIES = $(PROGRAMS:%=.build/release/%)
UNITS = tinyboxd.service tinyboxd.socket tinybox-gateway.service tinybox-benchmark.service \
  tinybox-benchmark.timer tinybox-setup.service tinybox-setup-stick.service tinybox-runtime@.service \
  tinybox-runtime-door@.service \
  tinybox-runtime-door@.socket tinybox-runtimes.slice
# What a target imports without naming it in Package.swift fails.
DEBUG = swift build --explicit-target-dependency-import-check error
# Suites that hold against the clock run by themselves: beside a thousand others nothing is in time.
TIMED = ^(HTTPServiceTests|GatewayTests|LoadKernelsTests|BenchmarkRunnerTests)\.|^AcceleratorsTests\.CopyTests/
SLOW = ^(EndToEndTests|ServiceTests)\.
UNIT = swift test --disable-xctest --skip-build --skip '$(SLOW)' --skip '$(TIMED)'
UNIT_TIMED = swift test --disable-xctest --skip-build --no-parallel --filter '$(TIMED)'
SERVICE = swift test --disable-xctest --skip-build --no-parallel --filter '^ServiceTests\.'
END_TO_END = swift test --disable-xctest --skip-build --no-parallel --filter '^EndToEndTests\.'
VM_DIR ?= $(CURDIR)/out/vm
PART = scripts/part
TEST_PARTS = setup build-tests docs unit unit-timed fuzz programs vm-image browser service end-to-end

.PHONY: run build test nightly unit service-tests fuzz end-to-end lint format install uninstall docs vm \
  vm-image bench setup clean update-dependencies build-tests programs deb apt-repo

# The quick, unoptimised build: it is the one that the tests use too. Where other programs were built
# here, their packages stay; else they are not even fetched.
run:
	scripts/setup run
	$(if $(wildcard .build/checkouts/swift-nio),,TINYBOX_ONLY=tinyboxctl) swift build --product tinyboxctl
	scripts/dependencies check
	.build/debug/tinyboxctl status

setup:
	scripts/setup

build:
	scripts/setup build
	$(MAKE) programs

programs:
	for program in $(PROGRAMS); do $(RELEASE) --product $$program; done
	scripts/dependencies check
	scripts/check-programs $(BINARIES)

# The tests and what they run: no gateway, so no TLS library.
build-tests:
	$(DEBUG) --product tinyboxPackageTests
	$(DEBUG) --product tinybox-docs
	scripts/dependencies check

# The order puts cheap failures first; the last line printed is the test runner's own summary.
# Virtual boxes run one at a time: several at once starve each other on a small machine.
test:
	rm -f $(TEST_PARTS:%=out/parts/%)
	$(PART) setup scripts/setup tests
	$(PART) build-tests $(MAKE) build-tests
	$(PART) docs scripts/generate-docs --check
	$(PART) unit $(UNIT)
	$(PART) unit-timed $(UNIT_TIMED)
	$(PART) fuzz Fuzz/run
	$(PART) programs $(MAKE) programs
	$(PART) vm-image $(MAKE) vm-image
	$(PART) browser scripts/setup browser
	TINYBOX_SERVICE=1 $(PART) service $(SERVICE)
	TINYBOX_END_TO_END=1 $(PART) --last end-to-end $(END_TO_END)

# Hours rather than minutes: cuts of power at many moments, long waits of the daemon, long searches for
# inputs that break something.
nightly: setup build-tests programs vm-image
	scripts/setup browser
	Fuzz/run 1000000
	TINYBOX_SEED=random $(UNIT)
	TINYBOX_NIGHTLY=1 TINYBOX_SEED=random TINYBOX_SERVICE=1 $(SERVICE)
	TINYBOX_NIGHTLY=1 TINYBOX_END_TO_END=1 $(END_TO_END)
	scripts/setup deb
	scripts/make-deb
	scripts/try-package || [ $$? = 77 ]
	scripts/try-apt-repo

# Everything but the virtual box: what to run while writing code.
unit: setup build-tests
	TINYBOX_SEED=$${TINYBOX_SEED:-random} $(UNIT)
	$(UNIT_TIMED)

# The real daemon and gateway on this machine: contract, callers, load, dashboard. They read.
service-tests: setup build-tests programs
	scripts/setup browser
	TINYBOX_SERVICE=1 $(SERVICE)

fuzz: setup
	Fuzz/run

end-to-end: setup build-tests programs vm-image
	TINYBOX_END_TO_END=1 $(END_TO_END)

lint: setup
	swift format lint --strict --recursive Sources Tests Package.swift
	scripts/check-sources
	scripts/closures --check
	scripts/check-units
	@for program in $(wildcard $(BINARIES)); do scripts/check-programs $$program; done

format:
	swift format --in-place --recursive Sources Tests Package.swift

docs: setup
	$(DEBUG) --product tinybox-docs
	scripts/generate-docs

# Newer packages: changes Package.swift and dependencies.lock, and nothing else does.
update-dependencies:
	scripts/dependencies update

# What is built already is installed: under sudo there may be no Swift toolchain on PATH.
$(BINARIES):
	$(MAKE) build

# Nothing is enabled or started: that is the owner's decision, or the package's. What goes into a package or
# an image is built from the packages that were tested, and from no others.
install: $(BINARIES)
	$(if $(DESTDIR),scripts/dependencies check --release)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(BINARIES) $(DESTDIR)$(PREFIX)/bin/
	for unit in $(UNITS); do \
	  sed 's,^ExecStart=/usr/bin/,ExecStart=$(PREFIX)/bin/,' units/$$unit \
	    > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; \
	  chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; \
	done
	install -D -m 644 units/sitecustomize.py $(DESTDIR)/usr/lib/tinybox/sitecustomize.py
	install -D -m 644 units/compute.py $(DESTDIR)/usr/lib/tinybox/compute.py
	install -D -m 644 units/tinybox.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/tinybox.conf
	install -D -m 644 units/tinybox.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/tinybox.conf
	install -D -m 644 units/tinybox-stick.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/70-tinybox-stick.rules
	install -D -m 644 units/tinybox.catalog \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/tinybox.catalog
	for section in 1 5 8; do \
	  install -d $(DESTDIR)$(PREFIX)/share/man/man$$section; \
	  install -m 644 docs/man/*.$$section $(DESTDIR)$(PREFIX)/share/man/man$$section/; \
	done
	install -D -m 644 docs/completions/tinyboxctl.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinyboxctl
	sed -i '1{/^#!/d}' $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinyboxctl  # it is sourced, not run
	install -D -m 644 docs/completions/_tinyboxctl \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tinyboxctl
	install -D -m 644 docs/completions/tinyboxctl.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tinyboxctl.fish
	@if [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ] && [ "$$(id -u)" = 0 ]; then \
	  echo "Making the groups and folders of the services, and what 'journalctl -x' explains"; \
	  systemd-sysusers tinybox.conf; systemd-tmpfiles --create tinybox.conf; \
	  journalctl --update-catalog; systemctl daemon-reload; \
	else \
	  echo "Where it will run, once:"; \
	  echo "  systemd-sysusers tinybox.conf && systemd-tmpfiles --create tinybox.conf"; \
	  echo "  journalctl --update-catalog && systemctl daemon-reload"; \
	fi
	@echo "Installed. To start the services:"
	@echo "  systemctl enable --now tinyboxd.socket tinyboxd.service"
	@echo "  systemctl enable --now tinybox-gateway.service    # dashboard and metrics, on this machine only"

# Stop the services first: systemctl disable --now tinybox-gateway tinyboxd.socket tinyboxd.
uninstall:
	rm -f $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%) \
	  $(UNITS:%=$(DESTDIR)$(PREFIX)/lib/systemd/system/%) \
	  $(DESTDIR)/usr/lib/tinybox/sitecustomize.py $(DESTDIR)/usr/lib/tinybox/compute.py \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/tinybox.conf \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/tinybox.conf \
	  $(DESTDIR)$(PREFIX)/lib/udev/rules.d/70-tinybox-stick.rules \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/tinybox.catalog \
	  $(DESTDIR)$(PREFIX)/share/man/man1/tinyboxctl*.1 \
	  $(DESTDIR)$(PREFIX)/share/man/man5/tinybox.toml.5 \
	  $(DESTDIR)$(PREFIX)/share/man/man8/tinyboxd.8 \
	  $(DESTDIR)$(PREFIX)/share/man/man8/tinybox-gateway.8 \
	  $(DESTDIR)$(PREFIX)/share/man/man8/tinybox-benchmark.8 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinyboxctl \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tinyboxctl \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tinyboxctl.fish

# The package for Debian 12 and 13 and Ubuntu 24.04, in out/deb.
deb:
	scripts/setup deb
	$(MAKE) programs
	scripts/make-deb

# TINYBOX_APT_KEY and TINYBOX_APT_URL: the key to sign with, and where out/apt will be served.
apt-repo: deb
	scripts/make-apt-repo

vm-image: setup
	images/virtual-box/install-host-tools
	TINYBOX_VM_DIR=$(VM_DIR) images/virtual-box/make-rootfs

vm: build vm-image
	install -D -m 755 .build/release/tinyboxctl out/share/tinyboxctl
	@echo "in the box: /run/vbox/tinyboxctl status"
	TINYBOX_VM_DIR=$(VM_DIR) images/virtual-box/vm shell --profile tinybox --share out/share

bench: build vm-image
	Benchmarks/run

clean:
	rm -rf .build .build-fuzz .build-detectors out
