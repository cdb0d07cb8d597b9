package capture_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haproxy/perf/capture"
)

// shelf has captures by name, and notes what is done with them.
type shelf struct {
	captures   map[string][]byte
	open, most int
	done       []string
	fails      error // what Done returns
}

func (s *shelf) files() capture.Files {
	return capture.Files{
		Open: func(path string) (io.ReadCloser, error) {
			if s.captures[path] == nil {
				return nil, os.ErrNotExist
			}
			s.open++
			s.most = max(s.most, s.open)
			return &volume{bytes.NewReader(s.captures[path]), s}, nil
		},
		Done: func(path string, err error) error {
			if err != nil {
				path += ": " + err.Error()
			}
			s.done = append(s.done, path)
			return s.fails
		},
	}
}

// volume is an open capture of a shelf.
type volume struct {
	*bytes.Reader
	of *shelf
}

func (v *volume) Close() error {
	v.of.open--
	return nil
}

// read reads series, and returns when each message was captured.
func (s *shelf) read(t *testing.T, series ...capture.Series) ([]time.Duration, *capture.Summary, error) {
	t.Helper()
	var at []time.Duration
	reader, err := capture.NewReader(capture.Options{}, func(m *capture.Message) error {
		at = append(at, m.Time.Sub(began))
		return nil
	})
	must(t, err)
	err = reader.ReadSeries(series, s.files())
	sum, closeErr := reader.Close()
	if s.open != 0 {
		t.Errorf("%d captures are open in the end", s.open)
	}
	return at, sum, errors.Join(err, closeErr)
}

// spoken is a leg with some calls, and its packets.
func spoken(t *testing.T, on network) (c *conversation, packets [][]byte) {
	t.Helper()
	c = converse(t, xml(t), 1000)
	c.open()
	c.call(t, 4)
	for _, s := range c.segments {
		packets = append(packets, on.packet(t, s))
	}
	return c, packets
}

// Captures of the same time, as those of two network cards, are told as if they were one.
func TestSeriesOfOneTime(t *testing.T) {
	const later, apart = 50 * time.Millisecond, 100 * time.Millisecond
	other := plainNetwork
	other.computingPort = 40002
	c, packets := spoken(t, plainNetwork)
	_, others := spoken(t, other)
	s := &shelf{captures: map[string][]byte{
		"a": plainNetwork.pcapFrom(t, packets, 0, apart),
		"b": plainNetwork.pcapFrom(t, others, later, apart),
	}}
	got, sum, err := s.read(t, capture.Series{Paths: []string{"a"}, Began: began},
		capture.Series{Paths: []string{"b"}, Began: began.Add(later)})
	if err != nil || len(got) != 2*len(c.want) || len(sum.Legs) != 2 || sum.Back != 0 || !slices.IsSorted(got) {
		t.Errorf("%v\n%+v: %v", got, sum, err)
	}
}

// The directions of one connection may be in a capture each, as a tap makes them.
func TestSeriesOfDirections(t *testing.T) {
	c, packets := spoken(t, plainNetwork)
	s := &shelf{captures: map[string][]byte{
		"a": plainNetwork.pcapFrom(t, packets[:1], 0, 0),
		"b": plainNetwork.pcapFrom(t, packets[1:2], 0, 0),
	}}
	for i, p := range packets[2:] {
		name := "a"
		if c.segments[i+2].fromSwitch {
			name = "b"
		}
		one := plainNetwork.pcapFrom(t, [][]byte{p}, time.Duration(i)*time.Second, 0)
		s.captures[name] = append(s.captures[name], one[pcapHeader:]...)
	}
	got, sum, err := s.read(t, capture.Series{Paths: []string{"a"}, Began: began},
		capture.Series{Paths: []string{"b"}, Began: began})
	if err != nil || len(got) != len(c.want) || len(sum.Legs) != 1 || sum.Back+sum.Gaps != 0 || !slices.IsSorted(got) {
		t.Errorf("%v\n%+v: %v", got, sum, err)
	}
}

// Of captures that follow one another one is open at a time, and a leg goes on from one to the next.
func TestSeriesThatFollow(t *testing.T) {
	c, packets := spoken(t, plainNetwork)
	s := &shelf{captures: make(map[string][]byte)}
	var all []capture.Series
	for i, p := range packets {
		name, begin := string(rune('a'+i)), time.Duration(i)*time.Second
		s.captures[name] = plainNetwork.pcapFrom(t, [][]byte{p, p}, begin, time.Millisecond)
		all = append(all, capture.Series{Paths: []string{name}, Began: began.Add(begin)})
	}
	got, sum, err := s.read(t, all...)
	if err != nil || len(got) != len(c.want) || len(sum.Legs) != 1 || s.most != 1 || len(s.done) != len(all) {
		t.Errorf("%v, %d open, %v done\n%+v: %v", got, s.most, s.done, sum, err)
	}
}

// Those of one series follow one another, whatever their times say.
func TestSeriesWhoseClockWasSetBack(t *testing.T) {
	c, packets := spoken(t, plainNetwork)
	s := &shelf{captures: map[string][]byte{
		"a": plainNetwork.pcapFrom(t, packets[:6], time.Hour, time.Second),
		"b": plainNetwork.pcapFrom(t, packets[6:], 0, time.Second),
	}}
	got, sum, err := s.read(t, capture.Series{Paths: []string{"a", "b"}, Began: began.Add(time.Hour)})
	if err != nil || len(got) != len(c.want) || sum.Gaps != 0 || sum.Back != uint64(len(packets[6:])) {
		t.Errorf("%v\n%+v: %v", got, sum, err)
	}
}

// A capture that is missing, or is none, costs the others nothing.
func TestSeriesWithFaults(t *testing.T) {
	c, packets := spoken(t, plainNetwork)
	whole := plainNetwork.pcapOf(t, packets, time.Second)
	s := &shelf{captures: map[string][]byte{
		"a": whole[:pcapHeader], "cut": whole[:len(whole)-1], "empty": {}, "foreign": bytes.Repeat([]byte("no capture "), 1000),
	}}
	got, _, err := s.read(t, capture.Series{Paths: []string{"a", "missing", "empty"}, Began: began},
		capture.Series{Paths: []string{"foreign", "cut"}, Began: began})
	want := []string{
		"a", "missing: " + os.ErrNotExist.Error(), "empty: " + capture.ErrEmpty.Error(),
		"foreign: " + capture.ErrNoLegs.Error() + ": neither a capture nor frames of a known protocol and framing",
		"cut: " + capture.ErrTruncated.Error(),
	}
	if err != nil || len(got) != len(c.want)-1 || !slices.Equal(s.done, want) {
		t.Errorf("%d messages, done\n%q\nwant\n%q: %v", len(got), s.done, want, err)
	}
}

// What is told of a capture's end may end it all.
func TestSeriesGivenUp(t *testing.T) {
	_, packets := spoken(t, plainNetwork)
	s := &shelf{fails: errors.New("given up"), captures: map[string][]byte{
		"a": plainNetwork.pcapOf(t, packets, 2*time.Second), "b": plainNetwork.pcapOf(t, packets, time.Second), "c": {},
	}}
	_, _, err := s.read(t, capture.Series{Paths: []string{"a"}, Began: began},
		capture.Series{Paths: []string{"b", "c"}, Began: began})
	if !errors.Is(err, s.fails) || !slices.Equal(s.done, []string{"b"}) {
		t.Errorf("%v done: %v", s.done, err)
	}
}

// A capture without legs is told, and not one whose legs are known only by what another has of them.
func TestSeriesOfForeign(t *testing.T) {
	_, packets := spoken(t, plainNetwork)
	foreign := func(port uint16, text string) []byte {
		on := plainNetwork
		on.computingPort = port
		var of [][]byte
		for i := range 100 {
			of = append(of, on.packet(t, segment{ack: true, seq: uint32(1 + i*len(text)), data: []byte(text)}))
		}
		return plainNetwork.pcapFrom(t, of, 0, time.Millisecond)
	}
	s := &shelf{captures: map[string][]byte{
		"first":   plainNetwork.pcapFrom(t, packets[:3], 0, time.Millisecond),
		"rest":    plainNetwork.pcapFrom(t, packets[3:], 10*time.Millisecond, time.Millisecond),
		"foreign": foreign(40009, strings.Repeat("GET / HTTP/1.1\r\n", 60)),
	}}
	var all []capture.Series
	for _, name := range []string{"first", "foreign", "rest"} {
		all = append(all, capture.Series{Paths: []string{name}, Began: began})
	}
	_, _, err := s.read(t, all...)
	slices.Sort(s.done)
	want := []string{"first", "foreign: " + capture.ErrNoLegs.Error() + " in 100 packets, 1 TCP streams", "rest"}
	if err != nil || !slices.Equal(s.done, want) {
		t.Errorf("%q\nwant\n%q: %v", s.done, want, err)
	}
}

// The files of a record are a series for each link, and so are those of a rotated capture; any other capture is one.
func TestInSeries(t *testing.T) {
	_, packets := spoken(t, plainNetwork)
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	at := func(begin time.Duration) []byte { return plainNetwork.pcapFrom(t, packets, begin, 0) }
	b2 := write("b-00000002-20260301T080000Z.pcapng", at(0)) // the clock was set back before it
	b1 := write("b-00000001-20260301T090000Z.pcapng", at(3*time.Second))
	b3 := write("b-00000003-20260301T090000Z.pcapng", nil)
	a9 := write("a-00000009-20260301T080000Z.pcapng", at(time.Second))
	c10, c2 := write("capture10", at(4*time.Second)), write("capture2", at(2*time.Second))
	d1 := write("d_00001_20260301080000.pcapng", at(5*time.Second))
	d2 := write("d_00002_20260301080001.pcapng", at(6*time.Second))
	h1 := write("h_00001_20260301080009", at(13*time.Second)) // the clock was right again before the second
	h2 := write("h_00002_20260301080001", at(12*time.Second))
	e0, e1 := write("e.pcap", at(7*time.Second)), write("e.pcap1", at(8*time.Second))
	f1, f2 := write("eth0-20260301-0800.pcap", at(9*time.Second)), write("eth0-20260301-0900.pcap", at(10*time.Second))
	g1 := write("eth1-20260301-0800.pcap", at(11*time.Second))
	missing := filepath.Join(dir, "missing")
	got := capture.InSeries([]string{b3, b1, b2, a9, c10, missing, d2, c2, d1, e1, e0, f1, g1, f2, c2, h2, h1})
	second := func(n int) time.Time { return began.Add(time.Duration(n) * time.Second) }
	want := []capture.Series{
		{Paths: []string{a9}, Began: second(1)},
		{Paths: []string{c2}, Began: second(2)},
		{Paths: []string{c2}, Began: second(2)},
		{Paths: []string{b1, b2, b3}, Began: second(3)},
		{Paths: []string{c10}, Began: second(4)},
		{Paths: []string{missing}, Began: second(4)},
		{Paths: []string{d1, d2}, Began: second(5)},
		{Paths: []string{e0, e1}, Began: second(7)},
		{Paths: []string{f1, f2}, Began: second(9)},
		{Paths: []string{g1}, Began: second(11)},
		{Paths: []string{h1, h2}, Began: second(13)},
	}
	same := func(a, b capture.Series) bool { return slices.Equal(a.Paths, b.Paths) && a.Began.Equal(b.Began) }
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	var none []string
	for _, name := range []string{"z", "y", "x"} { // plain streams, say
		none = append(none, write(name, []byte("no capture")))
	}
	var order []string
	for _, s := range capture.InSeries(none) {
		order = append(order, s.Paths...)
	}
	if !slices.Equal(order, none) {
		t.Errorf("what is no capture is read in the order %q", order)
	}
}
