package main

import (
	"os"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// slice is for how long one of our threads means to run before another's turn, where several want the processor. The
// kernel's default is some milliseconds; its shortest is this.
const slice = 100 * time.Microsecond

// preferShortSlices tells the kernel that our threads, those to come as well, run briefly and often: so they need not
// wait for the end of the slice of one that runs for long, and a T-Server on the same machine that wakes by what the
// first is written does not run before the next is written. Nobody gets less of the processor by it. Kernels before
// Linux 6.12 take no notice.
func preferShortSlices(log zerolog.Logger) {
	threads, err := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		id, notNumber := strconv.Atoi(thread.Name())
		if notNumber != nil {
			continue
		}
		attr, gone := unix.SchedGetAttr(id, 0)
		if gone != nil || attr.Policy != unix.SCHED_NORMAL && attr.Policy != unix.SCHED_BATCH {
			continue // it has none, or is meant to run when nobody else does
		}
		attr.Runtime = uint64(slice.Nanoseconds())
		if refused := unix.SchedSetAttr(id, attr, 0); refused != nil {
			err = refused
		}
	}
	if err != nil {
		log.Debug().Err(err).Msg("the kernel's slices are its default, which makes latencies higher on a busy machine")
	}
}
