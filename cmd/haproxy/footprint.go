package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"gonum.org/v1/plot/font/liberation"
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
		m.drop()
	}
	for _, face := range liberation.Collection() {
		_, _ = face.Face.WriteSourceTo(nil, fontFile{}) // its bytes as they are, in one piece
	}
}

// A mapping is a stretch of the address space.
type mapping struct{ start, end uintptr }

// drop drops the pages of a mapping of a file, none of which was changed.
func (m mapping) drop() {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED) // advice
}

// fontFile takes the bytes of a font that plots are drawn with, all of which are read as the program starts. They
// lie where can be written, but nobody does.
type fontFile struct{}

// Write drops the pages that have nothing but these bytes.
func (fontFile) Write(font []byte) (int, error) {
	at, err := strconv.ParseUint(fmt.Sprintf("%p", font), 0, 64)
	if page := uint64(os.Getpagesize()); err == nil {
		start, end := (at+page-1)/page*page, (at+uint64(len(font)))/page*page
		if start < end {
			mapping{uintptr(start), uintptr(end)}.drop()
		}
	}
	return len(font), err
}

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
