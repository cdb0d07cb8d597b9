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
	own := mappings(maps, program)
	for _, m := range own {
		if !m.writable && !m.changed {
			m.drop()
		}
	}
	for _, face := range liberation.Collection() {
		_, _ = face.Face.WriteSourceTo(nil, fontFile{own}) // its bytes as they are, in one piece
	}
}

// A mapping is a stretch of the address space that is of a file. One that was changed has pages that are the file's no
// more, as the loader or a debugger makes them even where the program cannot write.
type mapping struct {
	start, end        uintptr
	writable, changed bool
}

// drop drops pages that are the file's.
func (m mapping) drop() {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED) // advice
}

// fontFile takes the bytes of a font that plots are drawn with, all of which are read as the program starts. They
// lie where can be written, but nobody does.
type fontFile struct{ program []mapping }

// Write drops the pages that have nothing but these bytes, if they are in the program's file.
func (f fontFile) Write(font []byte) (int, error) {
	at, err := strconv.ParseUint(fmt.Sprintf("%p", font), 0, 64)
	page := uintptr(os.Getpagesize())
	start, end := (uintptr(at)+page-1)/page*page, (uintptr(at)+uintptr(len(font)))/page*page
	for _, m := range f.program {
		if err == nil && m.start <= start && start < end && end <= m.end {
			mapping{start: start, end: end}.drop()
		}
	}
	return len(font), err
}

// mappings returns the mappings of a file, out of /proc/PID/smaps.
func mappings(smaps io.Reader, file string) []mapping {
	var found []mapping
	of := false // the lines are about one of them
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var m mapping
		var permissions string
		var kib int
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &m.start, &m.end, &permissions); n == 3 {
			if of = strings.HasSuffix(line, " "+file); of {
				m.writable = strings.Contains(permissions, "w")
				found = append(found, m)
			}
		} else if n, _ := fmt.Sscanf(line, "Anonymous: %d kB", &kib); n == 1 && of {
			found[len(found)-1].changed = kib > 0
		}
	}
	return found
}
