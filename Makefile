# Go, git and make are all that is needed: no C compiler, no tool installed by hand.
GO ?= go
export CGO_ENABLED = 0

VERSION ?= $(shell git describe --tags --dirty 2>/dev/null || echo devel)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS  = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

BENCH    ?= .
COUNT    ?= 1
FUZZTIME ?= 10m
SOAKTIME ?= 1h
SIMTIME  ?= 2m
# LINT=0 leaves golangci-lint out, for work without a network; CI never does.
LINT     ?= 1

.PHONY: build demo test faults soak check lint bench profile compare sync fuzz sim mutants clean

build: ## bin/haproxy
	$(GO) build -trimpath -buildvcs=false -pgo=cmd/haproxy/hub.pgo -ldflags '$(LDFLAGS)' -o bin/haproxy ./cmd/haproxy

demo: build ## the main job over real sockets, with nothing else installed
	./bin/haproxy demo

test: ## every test, with the seeds of the fuzz targets
	$(GO) test ./...

faults: build ## the fault matrix: the real binary over real sockets, every fault on every leg
	HAPROXY_BINARY=$(CURDIR)/bin/haproxy $(GO) test -count=1 -parallel 8 -timeout 8m -run '^TestFaults' -v ./perf/faults

soak: build ## a flapping T-Server and a flapping link for SOAKTIME: nothing may grow
	HAPROXY_BINARY=$(CURDIR)/bin/haproxy SOAKTIME=$(SOAKTIME) $(GO) test -count=1 -timeout 0 -run '^TestSoak' -v ./perf/faults

check: ## formatting, go.mod, vet and lint
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "run gofmt -w on:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
ifeq ($(LINT),0)
	@echo "golangci-lint and go mod tidy are left out: LINT=0"
else
	@$(GO) mod tidy -diff || { echo "run go mod tidy, then check again"; exit 1; }
	@$(MAKE) --no-print-directory lint
endif

lint: bin/golangci-lint
	bin/golangci-lint run ./...

# Its version is pinned in a module of its own, so that the product depends on none of it. The first
# build takes minutes; later ones come out of Go's build cache.
bin/golangci-lint: tools/golangci/go.mod tools/golangci/go.sum
	@echo "building golangci-lint, which takes some minutes the first time"
	@cd tools/golangci && $(GO) build -trimpath -o ../../$@ \
		github.com/golangci/golangci-lint/v2/cmd/golangci-lint || \
		{ echo "golangci-lint could not be built; without a network, run make check LINT=0"; exit 1; }

bench: ## benchmarks, ready for benchstat: make bench COUNT=10 > new.txt
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

# The compiler inlines what this profile shows to be hot. It names functions and lines of ours, no machine: pprof
# puts the name that it is given for the path of the binary.
profile: ## cmd/haproxy/hub.pgo anew, after a change of what an event goes through; measure before keeping it
	$(GO) test -trimpath -c -o bin/hub.test ./fanout/hub
	cd fanout/hub && ../../bin/hub.test -test.run '^$$' -test.bench 'Event|Request' -test.benchtime 15s \
		-test.cpuprofile ../../bin/hub.prof
	cd bin && $(GO) tool pprof -proto -output ../cmd/haproxy/hub.pgo hub.test hub.prof

# The go command sometimes reports that -fuzztime is over as the failure "context deadline exceeded", without
# an input that failed: such a run is made once more.
fuzz: ## each fuzz target for FUZZTIME
	@log=$$(mktemp) && trap 'rm -f $$log' EXIT && \
	grep -rEo '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sort | \
	while IFS=: read -r file func; do \
		target=$${func#func }; \
		for try in 1 2; do \
			echo "fuzzing $$target of $$(dirname $$file) for $(FUZZTIME)"; \
			{ $(GO) test "$$(dirname $$file)" -run '^$$' -fuzz "^$$target\$$" \
				-fuzztime $(FUZZTIME) -fuzzminimizetime 10x 2>&1 || echo "FUZZING FAILED"; } | tee $$log; \
			grep -q '^FUZZING FAILED' $$log || break; \
			[ $$try = 1 ] && grep -q '^    context deadline exceeded' $$log && \
				! grep -q 'Failing input' $$log || exit 1; \
		done; \
	done

# Root measures in a network of its own, where every subject has the same congestion control: the default of many
# machines costs more processor time in bulk over loopback.
define MEASURED
if [ "$$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then \
	exec unshare --net sh -c 'ip link set lo up && echo reno >/proc/sys/net/ipv4/tcp_congestion_control && exec "$$@"' sh "$$@"; \
else \
	echo "not root, so that the congestion control is the machine's" >&2; exec "$$@"; \
fi
endef

ROUNDS ?= 5
compare: build bin/nats-server ## our proxy and others under the same load, in turns: the table, bin/compare.md, .json and .svg
	$(GO) build -trimpath -o bin/compare ./perf/baseline
	@set -- bin/compare -rounds $(ROUNDS) -markdown bin/compare.md -json bin/compare.json -plot bin/compare.svg; $(MEASURED)

# A backup that returns among 1,000, 10,000 and 100,000 devices, a fifth of them in a call.
sync: build ## how long a backup takes to be in step: the table, bin/sync.md and .json
	$(GO) build -trimpath -o bin/compare ./perf/baseline
	@set -- bin/compare -sync -duration 20s -markdown bin/sync.md -json bin/sync.json; $(MEASURED)

bin/nats-server: perf/baseline/nats/go.mod perf/baseline/nats/go.sum
	cd perf/baseline/nats && $(GO) build -trimpath -o ../../../$@ github.com/nats-io/nats-server/v2 || \
		echo "the NATS server could not be built: compare leaves it out"

# With SEED and without SIMTIME on the command line, that seed alone.
sim: ## the hub in simulated worlds for SIMTIME; SEED=n repeats one
	$(GO) test ./perf/simulation -run '^TestSimulation$$' -count=1 -timeout 0 -v \
		$(if $(SEED),-seed $(SEED) $(if $(findstring command,$(origin SIMTIME)),-simtime $(SIMTIME)),-simtime $(SIMTIME))

mutants: ## plants bugs one at a time and shows that the simulation finds each
	$(GO) test ./perf/simulation -run '^TestMutants$$' -count=1 -timeout 0 -v -mutants

clean:
	rm -rf bin
