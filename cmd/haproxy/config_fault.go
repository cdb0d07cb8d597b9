package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A fault is one thing wrong with a configuration file: what it is and the remedy.
type fault struct {
	line int // 0 is the file as a whole
	text string
}

// configError is a configuration file with faults, one or more.
type configError struct {
	path   string
	faults []fault
}

// Error gives one line a fault, FILE:LINE: what is wrong and the remedy.
func (e *configError) Error() string { return strings.Join(e.rows(), "\n") }

func (e *configError) rows() []string {
	rows := make([]string, len(e.faults))
	for i, f := range e.faults {
		rows[i] = e.path + ": " + f.text
		if f.line > 0 {
			rows[i] = fmt.Sprintf("%s:%d: %s", e.path, f.line, f.text)
		}
	}
	return rows
}

// A document is a configuration file that is being checked: it collects the faults and remembers
// every key that was asked for.
type document struct {
	path     string
	lines    lineIndex
	faults   []fault
	settings map[string]string
	mistyped map[string]bool // keys whose values are of another type: that is all that is said of them
}

func (d *document) root(values map[string]any) *table {
	return &table{doc: d, values: values}
}

// faultAt reports a fault at the line of a key, or of the nearest table around it.
func (d *document) faultAt(key, format string, args ...any) {
	if d.mistyped[key] {
		return // it would be about the default that stands in
	}
	text := oneLine(fmt.Sprintf(format, args...))
	d.faults = append(d.faults, fault{line: d.lines.line(key), text: text})
}

func (d *document) mistype(key string) {
	if d.mistyped == nil {
		d.mistyped = make(map[string]bool)
	}
	d.mistyped[key] = true
}

// sorted gives the faults in the order of the file.
func (d *document) sorted() []fault {
	slices.SortFunc(d.faults, func(a, b fault) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return d.faults
}

// oneLine keeps a fault on its line whatever the file put into a name.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// cause is the reason of a file error without the path, which the fault names already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
