package capture

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"haproxy/perf/heap"
)

// Series is captures that follow one another: a leg goes on from one to the next.
type Series struct {
	Paths []string
	Began time.Time // when its first packet was captured; zero where that is not known
}

// ofRecord is the end of the name of a file of a record: those of a link sort by age, whatever the clock did.
var ofRecord = regexp.MustCompile(`-\d{8,}-\d{8}T\d{6}Z\.pcapng$`)

// InSeries returns captures in the order of the times at which they begin: a shell puts capture10 before capture2. The
// files of a link's record are one series, in the order of their names. Any other capture is one of its own, as it may
// be of another network card at the same time; one without a packet stays behind the one before it. Where one of them
// is no capture, all are one series, as they are named.
func InSeries(paths []string) []Series {
	var all []Series
	places := make(map[string]int) // in all, by what the paths of a series have in common
	began := make(map[string]time.Time)
	for _, path := range paths {
		at, ok := beganAt(path)
		if !ok {
			return []Series{{Paths: paths}}
		}
		began[path] = at
		of := ofRecord.ReplaceAllString(path, "")
		place, known := places[of]
		if !known || of == path {
			place = len(all)
			places[of] = place
			all = append(all, Series{})
		}
		all[place].Paths = append(all[place].Paths, path)
	}
	for i := range all {
		s := &all[i]
		slices.Sort(s.Paths)
		if first := slices.IndexFunc(s.Paths, func(path string) bool { return !began[path].IsZero() }); first >= 0 {
			s.Began = began[s.Paths[first]]
		} else if i > 0 {
			s.Began = all[i-1].Began
		}
	}
	slices.SortStableFunc(all, func(a, b Series) int { return a.Began.Compare(b.Began) })
	return all
}

// beganAt returns when a file begins that is a capture, zero where it has no packet.
func beganAt(path string) (time.Time, bool) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return time.Time{}, false
	}
	in, err := os.Open(path)
	if err != nil {
		return time.Time{}, false
	}
	defer func() { _ = in.Close() }() // it was only read
	return Began(in)
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
