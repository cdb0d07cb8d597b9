package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// startTime is after what a process is taken to have started: its links are up if they can be.
const startTime = time.Second

// giveBackOnceStarted gives back what giveBack can, once.
func giveBackOnceStarted(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(startTime):
		giveBack()
	}
}

// giveBack gives back to the system what only the start of the process needed: memory that was allocated for a
// while, and pages of the program itself, which come again out of its file where they are needed. The kernel would
// take the latter by itself if it ran short; until then an operator who looks at the process sees them as its own.
func giveBack() {
	debug.FreeOSMemory()
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return // nothing depends on it
	}
	defer func() { _ = maps.Close() }() // it was only read
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for _, m := range readOnly(maps, program) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED) // advice
	}
}

// A mapping is a stretch of the address space.
type mapping struct{ start, end uintptr }

// readOnly returns the mappings of a file that the process cannot write to, out of /proc/PID/maps.
func readOnly(maps io.Reader, file string) []mapping {
	var found []mapping
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var m mapping
		var permissions string
		n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &m.start, &m.end, &permissions)
		if n == 3 && !strings.Contains(permissions, "w") && strings.HasSuffix(lines.Text(), " "+file) {
			found = append(found, m)
		}
	}
	return found
}
