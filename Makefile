# make run    from a fresh Debian or Ubuntu machine to `tinyboxctl status`
# make test   the same, then every test
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
DESTDIR ?=
PROGRAMS = tinyboxd tinybox-gateway tinyboxctl
RELEASE = swift build -c release --static-swift-stdlib -Xlinker -s
BINARY = .build/release/tinyboxctl
BINARIES = $(PROGRAMS:%=.build/release/%)
UNITS = tinyboxd.service tinyboxd.socket tinybox-gateway.service
SERVICE_TESTS = TINYBOX_SERVICE=1 swift test --skip-build --no-parallel --filter '^ServiceTests\.'
VM_DIR ?= $(CURDIR)/out/vm

.PHONY: run build test unit service-tests fuzz end-to-end lint format install uninstall docs vm vm-image bench setup clean

run: build
	$(BINARY) status

setup:
	scripts/setup

build: setup
	for program in $(PROGRAMS); do $(RELEASE) --product $$program; done

# The order puts cheap failures first; the last line printed is the test runner's own summary.
# Virtual boxes run one at a time: several at once starve each other on a small machine.
test: setup fuzz build vm-image
	swift build --build-tests
	swift test --skip-build --skip EndToEndTests --skip '^ServiceTests\.'
	scripts/setup browser
	$(SERVICE_TESTS)
	TINYBOX_END_TO_END=1 swift test --skip-build --no-parallel --filter EndToEndTests

# Everything but the virtual box: what to run while writing code.
unit: setup
	swift test

# The real daemon and gateway on this machine: contract, callers, load, dashboard. They read.
service-tests: setup
	scripts/setup browser
	swift build --build-tests
	$(SERVICE_TESTS)

fuzz: setup
	Fuzz/run

end-to-end: build vm-image
	TINYBOX_END_TO_END=1 swift test --no-parallel --filter EndToEndTests

lint: setup
	swift format lint --strict --recursive Sources Tests Package.swift
	scripts/check-sources
	scripts/check-units

format:
	swift format --in-place --recursive Sources Tests Package.swift

docs: build
	scripts/generate-docs

# What is built already is installed: under sudo there may be no Swift toolchain on PATH.
$(BINARIES):
	$(MAKE) build

# Nothing is enabled or started: that is the owner's decision, or the package's.
install: $(BINARIES)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(BINARIES) $(DESTDIR)$(PREFIX)/bin/
	for unit in $(UNITS); do \
	  sed 's,^ExecStart=/usr/bin/,ExecStart=$(PREFIX)/bin/,' units/$$unit \
	    > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; \
	  chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; \
	done
	install -D -m 644 units/tinybox.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/tinybox.conf
	install -D -m 644 units/tinybox.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/tinybox.conf
	install -D -m 644 units/tinybox.catalog \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/tinybox.catalog
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -D -m 644 docs/completions/tinyboxctl.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinyboxctl
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
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/tinybox.conf \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/tinybox.conf \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/tinybox.catalog \
	  $(DESTDIR)$(PREFIX)/share/man/man1/tinyboxctl*.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinyboxctl \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tinyboxctl \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tinyboxctl.fish

vm-image: setup
	images/virtual-box/install-host-tools
	TINYBOX_VM_DIR=$(VM_DIR) images/virtual-box/make-rootfs

vm: build vm-image
	install -D -m 755 $(BINARY) out/share/tinyboxctl
	@echo "in the box: /run/vbox/tinyboxctl status"
	TINYBOX_VM_DIR=$(VM_DIR) images/virtual-box/vm shell --profile tinybox --share out/share

bench: build vm-image
	Benchmarks/run

clean:
	rm -rf .build out Fuzz/.build
