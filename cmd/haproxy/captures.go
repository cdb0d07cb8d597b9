package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"haproxy/perf/capture"
)

// ofRecord is the name of a file of a record: names sort by age there, whatever the clock did.
var ofRecord = regexp.MustCompile(`-\d{8,}-\d{8}T\d{6}Z\.pcapng$`)

// inOrder returns captures in the order of the times at which they begin, and says so where they were named in
// another: a shell puts capture10 before capture2. The files of a record are put in that of their names, and one
// without a packet stays behind the one before it. What is no capture stays in its place and keeps the others in
// theirs.
func inOrder(paths []string, tell io.Writer) ([]string, error) {
	type begun struct {
		path string
		at   time.Time
	}
	var all []begun
	recorded := true
	for _, path := range paths {
		recorded = recorded && ofRecord.MatchString(filepath.Base(path))
		at, ok := beganAt(path)
		if !ok {
			return paths, nil
		}
		if at.IsZero() && len(all) > 0 {
			at = all[len(all)-1].at
		}
		all = append(all, begun{path, at})
	}
	slices.SortStableFunc(all, func(a, b begun) int {
		if recorded {
			return strings.Compare(filepath.Base(a.path), filepath.Base(b.path))
		}
		return a.at.Compare(b.at)
	})
	var sorted []string
	for _, b := range all {
		sorted = append(sorted, b.path)
	}
	if slices.Equal(sorted, paths) {
		return paths, nil
	}
	_, err := fmt.Fprintf(tell, "haproxy: the files are read in this order: %s\n", strings.Join(sorted, ", "))
	return sorted, err
}

// beganAt returns when a file begins that is a capture, zero where it has no packet.
func beganAt(path string) (time.Time, bool) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return time.Time{}, false
	}
	file, err := os.Open(path)
	if err != nil {
		return time.Time{}, false
	}
	defer func() { _ = file.Close() }() // it was only read
	return capture.Began(file)
}
