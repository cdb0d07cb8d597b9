package main

import (
	"os"
	"strconv"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// All threads have short slices then, and are as nice as before.
func TestPreferShortSlices(t *testing.T) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Skipf("the kernel tells nothing of its slices: %v", err)
	}
	if before.Runtime == 0 {
		t.Skip("the kernel has no slices: it is older than Linux 6.12")
	}
	preferShortSlices(zerolog.Nop())
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			t.Fatal(err)
		}
		attr, err := unix.SchedGetAttr(id, 0)
		if err != nil {
			continue // it has ended
		}
		seen++
		if attr.Runtime != uint64(slice.Nanoseconds()) || attr.Nice != before.Nice || attr.Policy != before.Policy {
			t.Errorf("thread %d has slices of %d ns, nice %d and policy %d; want %v, %d and %d",
				id, attr.Runtime, attr.Nice, attr.Policy, slice, before.Nice, before.Policy)
		}
	}
	if seen == 0 {
		t.Error("there are no threads")
	}
}
