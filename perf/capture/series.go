package capture

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"haproxy/perf/heap"
)

// Series is captures that follow one another: a leg goes on from one to the next.
type Series struct {
	Paths []string
	Began time.Time // when its first packet was captured; zero where that is not known
}

// The names of files that follow one another have a part in common, and one of these. The numbers of a record go on
// from run to run, those of dumpcap begin anew.
var (
	ofRecord  = regexp.MustCompile(`-\d{8,}-\d{8}T\d{6}Z\.pcapng$`)
	ofDumpcap = regexp.MustCompile(`_(\d{5,})_\d{14}(\.pcap(ng)?)?$`)
	ofTcpdump = regexp.MustCompile(`(\.pcap(ng)?)\d+$` + // of a size; a ring uses the numbers again
		`|\d{4}-?\d\d-?\d\d[-_T]?\d\d[-:]?\d\d([-:]?\d\d)?`) // of a time
)

// InSeries returns captures in the order of the times at which they begin: a shell puts capture10 before capture2.
// Those that their names show to follow one another are one series, also where a clock was wrong for a moment: the
// files of a link's record, and of a run of dumpcap, in the order of their numbers, others in that of their times. Any
// other is one of its own, as it may be of another network card at the same time. What has no packet, or is no
// capture, stays behind the one before it.
func InSeries(paths []string) []Series {
	var all []Series
	places := make(map[string]int) // in all, by what the names of a series have in common
	began := make(map[string]time.Time)
	before := time.Time{}
	for _, path := range paths {
		if at := beganAt(path); !at.IsZero() {
			before = at
		}
		began[path] = before
		of := sharedName(path)
		place, known := places[of]
		if !known || slices.Contains(all[place].Paths, path) {
			place = len(all)
			places[of] = place
			all = append(all, Series{})
		}
		all[place].Paths = append(all[place].Paths, path)
	}
	for i := range all {
		s := &all[i]
		switch {
		case ofRecord.MatchString(s.Paths[0]):
			slices.Sort(s.Paths)
		case areNumbered(s.Paths):
			slices.SortFunc(s.Paths, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
		default:
			slices.SortStableFunc(s.Paths, func(a, b string) int { return began[a].Compare(began[b]) })
		}
		s.Began = began[s.Paths[0]]
	}
	slices.SortStableFunc(all, func(a, b Series) int { return a.Began.Compare(b.Began) })
	return all
}

// areNumbered reports whether files have the numbers of one run of dumpcap.
func areNumbered(paths []string) bool {
	seen := make(map[int]bool)
	for _, path := range paths {
		seen[number(path)] = true
	}
	return len(seen) == len(paths) && !seen[0]
}

// number is the number that dumpcap gave a file; 0 where it is no such.
func number(path string) int {
	found := ofDumpcap.FindStringSubmatch(path)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1]) // of digits; too many are some number too
	return n
}

// sharedName returns what the names of a series have in common, of one of them.
func sharedName(path string) string {
	dir, name := filepath.Split(path)
	if of := ofRecord.ReplaceAllString(name, ""); of != name {
		return dir + of
	}
	if of := ofDumpcap.ReplaceAllString(name, ""); of != name {
		return dir + of
	}
	return dir + ofTcpdump.ReplaceAllString(name, "$1")
}

// beganAt returns when a capture begins, zero where it has no packet, or is none.
func beganAt(path string) time.Time {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return time.Time{}
	}
	in, err := os.Open(path)
	if err != nil {
		return time.Time{}
	}
	defer func() { _ = in.Close() }() // it was only read
	at, _ := Began(in)
	return at
}

// Files says where the captures of a series are, and what becomes of them.
type Files struct {
	Open func(path string) (io.ReadCloser, error)
	// Done is told when one was read, or could not be, with an error of a file or of each. What it returns ends it all.
	Done func(path string, err error) error
}

// ReadSeries reads series of captures as one, packet by packet in the order of their times. One is opened when its
// time comes, so that of those that follow one another a single one is open at a time.
func (r *Reader) ReadSeries(all []Series, files Files) error {
	m := merging{reader: r, files: files}
	defer m.close()
	for len(all) > 0 || m.open.Len() > 0 {
		if len(all) > 0 && (m.open.Len() == 0 || !all[0].Began.After(m.open.First().file.at)) {
			s := &running{paths: all[0].Paths, file: new(file), number: m.begun}
			m.begun++
			all = all[1:]
			if err := m.goOn(s, m.begin(s)); err != nil {
				return err
			}
			continue
		}
		s := m.open.Pop()
		r.hear(s.file)
		if err := m.goOn(s, r.goOn(s.file)); err != nil {
			return err
		}
	}
	return nil
}

// merging reads series as one.
type merging struct {
	reader *Reader
	files  Files
	open   heap.Heap[*running] // each at a packet that was not heard yet
	begun  int
}

// running is a series that is being read.
type running struct {
	paths  []string // that of the file and those behind it
	file   *file
	in     io.Closer // the file's; nil where it could not be opened
	number int
}

// Before tells which of two is to be heard first.
func (s *running) Before(other *running) bool {
	if !s.file.at.Equal(other.file.at) {
		return s.file.at.Before(other.file.at)
	}
	return s.number < other.number
}

// begin opens the next capture of a series. The error is io.EOF where it has nothing more to be heard.
func (m *merging) begin(s *running) error {
	in, err := m.files.Open(s.paths[0])
	if s.in = in; err != nil {
		s.in = nil
		return err
	}
	f, err := m.reader.begin(in, s.file.newest)
	if err == nil {
		s.file = f
	}
	return err
}

// goOn has a series wait for the turn of its next packet, unless there was an error in place of one: then it goes on
// with its next capture, if it has one.
func (m *merging) goOn(s *running, err error) error {
	for err != nil {
		if s.in != nil {
			_ = s.in.Close() // it was only read
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if err = m.files.Done(s.paths[0], err); err != nil {
			return err
		}
		if s.paths = s.paths[1:]; len(s.paths) == 0 {
			return nil
		}
		err = m.begin(s)
	}
	m.open.Push(s)
	return nil
}

// close closes what is open still.
func (m *merging) close() {
	for m.open.Len() > 0 {
		_ = m.open.Pop().in.Close() // it was only read
	}
}
