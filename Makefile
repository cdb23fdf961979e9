# Pintail: `make help` lists what can be done. `make run` and `make test` set up whatever they need.
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

# The three sets of build flags. There is no fourth: each new one compiles everything again, with Fyne's C code for minutes.
DESKTOP := CGO_ENABLED=1 go
RACE    := CGO_ENABLED=1 go test -race
STATIC  := CGO_ENABLED=0 go

# Go may be installed and not on PATH.
ifeq ($(shell command -v go),)
export PATH := $(PATH):/usr/local/go/bin
endif
export GOTOOLCHAIN ?= auto

VERSITYGW := v1.8.0
MINIO     := v0.0.0-20260212201848-7aac2a2c5b7c
RCLONE    := v1.75.1
MC        := v0.0.0-20250313080218-cf909e1063a9
TOOLS     := $(CURDIR)/build/tools
BENCH     := internal/testkit/bench
SUITE     := $(TOOLS)/suite

PREFIX ?= /usr/local
PKG    ?= ./...

.PHONY: help build cross run test test-long race features bench peers lint install setup minio clean go packages programs
# Go's own cache knows what is up to date.
.PHONY: build/pintail build/pintail-cli $(SUITE)

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: build/pintail build/pintail-cli ## build/pintail (the app) and build/pintail-cli (the command line, static)

build/pintail: go
	@scripts/setup build
	$(DESKTOP) build -o $@ ./cmd/pintail

build/pintail-cli: go
	$(STATIC) build -o $@ ./cmd/pintail-cli

cross: go ## the command line for six systems, in build/dist
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
	  name=build/dist/pintail-cli-$${target%/*}-$${target#*/}; case $$target in windows/*) name=$$name.exe;; esac; \
	  echo $$name; GOOS=$${target%/*} GOARCH=$${target#*/} $(STATIC) go build -o $$name ./cmd/pintail-cli || exit 1; done

run: build ## open the app on the embedded server with sample data; without a display, do the main job on a virtual one
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec build/pintail --demo; \
	else scripts/setup display && exec scripts/run-headless; fi

test: setup $(SUITE) ## every check and test; the last line is the total
	@$(SUITE)

test-long: setup minio cross $(SUITE) ## the same with MinIO, large data, and two minutes for each fuzz target
	@$(SUITE) -long -limit 6h

race: go ## the race detector on PKG (default ./...)
	$(RACE) -short $(PKG)

features: setup $(SUITE) ## run the tests and write docs/features.md from what they proved
	@$(SUITE) -write-features

bench: setup build peers ## measure beside other clients, and write docs/benchmarks.md (half an hour; one row: see there)
	$(STATIC) run ./$(BENCH) -o docs/benchmarks.md

peers: go $(TOOLS)/.rclone-$(RCLONE) $(TOOLS)/.mc-$(MC) ## the clients to compare with, in build/tools
	@scripts/setup bench
	$(STATIC) build -C $(BENCH)/peers -o $(TOOLS)/peers .
	$(STATIC) build -o $(TOOLS)/drive ./$(BENCH)/drive

$(TOOLS)/.rclone-$(RCLONE):
	GOBIN=$(TOOLS) $(STATIC) install github.com/rclone/rclone@$(RCLONE)
	@touch $@

$(TOOLS)/.mc-$(MC):
	GOBIN=$(TOOLS) $(STATIC) install github.com/minio/mc@$(MC)
	@touch $@

lint: programs $(SUITE) ## gofmt, go vet, staticcheck, the import rules
	@$(SUITE) -lint

install: build ## install to PREFIX (default /usr/local), below DESTDIR if set
	install -Dm755 build/pintail $(DESTDIR)$(PREFIX)/bin/pintail
	install -Dm755 build/pintail-cli $(DESTDIR)$(PREFIX)/bin/pintail-cli
	install -Dm644 scripts/pintail.desktop $(DESTDIR)$(PREFIX)/share/applications/pintail.desktop
	install -Dm644 scripts/pintail-profile.xml $(DESTDIR)$(PREFIX)/share/mime/packages/pintail-profile.xml
	@for icon in assets/icons/pintail.svg assets/icons/pintail.png; do if [ -f $$icon ]; then \
	  case $$icon in *.svg) size=scalable;; *) size=256x256;; esac; \
	  install -Dm644 $$icon $(DESTDIR)$(PREFIX)/share/icons/hicolor/$$size/apps/$${icon##*/}; fi; done

setup: packages programs ## install the packages and programs that building and testing need

packages: go
	@scripts/setup build display test

programs: go $(TOOLS)/.versitygw-$(VERSITYGW) $(TOOLS)/staticcheck

$(TOOLS)/.versitygw-$(VERSITYGW):
	GOBIN=$(TOOLS) $(STATIC) install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW)
	@touch $@

$(TOOLS)/staticcheck: go.mod
	$(STATIC) build -o $@ honnef.co/go/tools/cmd/staticcheck

minio: go $(TOOLS)/.minio-$(MINIO) $(TOOLS)/.mc-$(MC) ## build the MinIO server and its client, for tests only

$(TOOLS)/.minio-$(MINIO):
	GOBIN=$(TOOLS) $(STATIC) install github.com/minio/minio@$(MINIO)
	@touch $@

$(SUITE): go
	@$(STATIC) build -o $@ ./internal/testkit/suite

clean: ## remove build/ (the programs in build/tools too)
	rm -rf build

go:
	@scripts/need-go
