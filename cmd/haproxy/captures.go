package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"haproxy/perf/capture"
)

// inSeries returns captures as they are read, and says in which order where they were named in another.
func inSeries(paths []string, tell io.Writer) ([]capture.Series, error) {
	all := capture.InSeries(paths)
	var sorted []string
	for _, s := range all {
		sorted = append(sorted, s.Paths...)
	}
	if slices.Equal(sorted, paths) {
		return all, nil
	}
	_, err := fmt.Fprintf(tell, "haproxy: the files are read in the order in which they begin: %s\n",
		strings.Join(sorted, ", "))
	return all, err
}
