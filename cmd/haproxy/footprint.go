package main

import (
	"bufio"
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

// giveBack gives back to the system what only the start of the process needed: memory that was allocated for a
// while, and pages of the program itself, which come again out of its file where they are needed. The kernel would
// take the latter by itself if it ran short; until then an operator who looks at the process sees them as its own.
func giveBack() {
	debug.FreeOSMemory()
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return // nothing depends on it
	}
	defer func() { _ = maps.Close() }() // it was only read
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for _, m := range unchanged(maps, program) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED) // advice
	}
}

// A mapping is a stretch of the address space.
type mapping struct{ start, end uintptr }

// unchanged returns the mappings of a file that are the file's, out of /proc/PID/smaps: those that cannot be written to
// and of which no page was, as the loader or a debugger may have done before they were protected.
func unchanged(smaps io.Reader, file string) []mapping {
	var found []mapping
	var m mapping // the last that cannot be written to, if it is of the file
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var of mapping
		var permissions string
		var kib int
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &of.start, &of.end, &permissions); n == 3 {
			if m = (mapping{}); !strings.Contains(permissions, "w") && strings.HasSuffix(line, " "+file) {
				m = of
			}
		} else if n, _ := fmt.Sscanf(line, "Anonymous: %d kB", &kib); n == 1 && kib == 0 && m != (mapping{}) {
			found = append(found, m)
		}
	}
	return found
}
