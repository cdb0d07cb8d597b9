package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"haproxy/codec/csta"
	"haproxy/fanout/record"
	"haproxy/perf/capture"
	"haproxy/perf/heap"
	"haproxy/perf/protocols"
)

// line is one message of the capture, owned.
type line struct {
	at         time.Time
	leg        *capture.Leg
	fromSwitch bool
	frame      []byte
	kind       csta.Kind
	service    csta.Service
	number     int  // as the index has it
	order      int  // of those of one time
	end        bool // of the leg's connection; there is no message
}

// script is what the first reading of a capture found.
type script struct {
	ctx      context.Context // a long capture is given up at its end
	files    []string
	series   []capture.Series // of them
	opts     capture.Options
	sum      capture.Summary
	names    []string        // of all legs
	parts    map[string]bool // the legs towards the switch, by name or, where they have none, by address
	speaks   protocols.Protocol
	guessed  map[string]csta.CrossRefID // by device: monitors that began before the capture
	index    index
	standing standing
	from     int             // the number of the first leg towards the switch
	older    map[string]bool // legs that had begun before the capture, by name
	runs     map[string]bool // of the proxy, whose record it is
	cutOff   error           // the first file that ends amid a packet
	compares bool            // what T-Servers get, so that the index has theirs too
	first    time.Time
	last     time.Time
	progress *progress
	readings int // of the captures so far
}

const (
	windowMax      = 1 << 14 // messages that are put into the order of their times
	windowBytesMax = 64 << 20
)

// open reads the captures for the first time.
func open(ctx context.Context, opts *Options, shown *progress) (*script, error) {
	s := &script{
		ctx: ctx, files: opts.Files, series: capture.InSeries(opts.Files), opts: opts.Capture,
		parts: make(map[string]bool), older: make(map[string]bool), runs: make(map[string]bool),
		index: newIndex(), compares: opts.Expect, progress: shown,
	}
	if err := s.findSwitch(opts.Leg); err != nil {
		return nil, err
	}
	if err := s.learn(); err != nil {
		return nil, err
	}
	if opts.Expect && len(s.runs) > 1 {
		return nil, ErrRuns
	}
	for name := range opts.TServers {
		if !slices.Contains(s.names, name) {
			return nil, fmt.Errorf("%w: %q; there are %s", ErrLeg, name, strings.Join(s.names, ", "))
		}
		if opts.Expect && s.older[name] && len(s.standing.link.all) == 0 {
			return nil, fmt.Errorf("%w: %q; begin with a file that tells it, on interfaces that end in"+
				" \"standing\", or leave --expect out", ErrNoStanding, name)
		}
	}
	return s, nil
}

// part names a leg: by its name where the capture gives it one, else by the switch's address.
func part(leg *capture.Leg) string {
	if strings.HasPrefix(leg.Name, "leg ") {
		return "leg at " + leg.Switch
	}
	return leg.Name
}

// findSwitch finds the legs towards the switch: those of a record are named so, else it is where most events
// come from.
func (s *script) findSwitch(named string) error {
	events, of := make(map[string]int), make(map[string]*capture.Leg)
	err := s.read(func(m *capture.Message) {
		if m.Leg.Standing != "" {
			return
		}
		name := part(m.Leg)
		of[name] = m.Leg
		s.older[m.Leg.Name] = s.older[m.Leg.Name] || m.Leg.Midway
		if m.Leg.Record != "" {
			s.runs[m.Leg.Record] = true
		}
		if m.FromSwitch && m.Body.Kind == csta.KindEvent {
			events[name]++
		}
		if m.Leg.Name == named {
			s.parts[name] = true
		}
	})
	if err != nil {
		return err
	}
	if s.names = names(of); len(of) == 0 {
		return fmt.Errorf("%w: the capture has but what stood when it began", ErrLeg)
	}
	best := record.LinkName
	if named != "" {
		best = named
		for name := range s.parts {
			best = name
		}
	}
	if named == "" && of[best] == nil {
		best = likeliest(of, events)
	}
	if of[best] == nil {
		return fmt.Errorf("%w: %q; there are %s", ErrLeg, best, strings.Join(s.names, ", "))
	}
	s.parts[best] = true
	s.speaks, err = protocols.Find(of[best].Protocol, of[best].Framing)
	return err
}

// likeliest returns the leg that is most likely the one towards the switch: whose computing side is the switch of
// other legs, as a proxy is, and then the one with the most events.
func likeliest(of map[string]*capture.Leg, events map[string]int) string {
	served := func(name string) int {
		n, proxy := 0, host(of[name].Computing)
		for _, leg := range of {
			if proxy != "" && host(leg.Switch) == proxy && host(of[name].Switch) != proxy {
				n++
			}
		}
		return n
	}
	best := ""
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if best == "" || served(name) > served(best) || served(name) == served(best) && events[name] > events[best] {
			best = name
		}
	}
	return best
}

func host(address string) string {
	h, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return h
}

func names(of map[string]*capture.Leg) []string {
	var all []string
	for _, leg := range of {
		all = append(all, leg.Name)
	}
	slices.Sort(all)
	return all
}

// isSwitch reports whether a leg is one towards the switch.
func (s *script) isSwitch(leg *capture.Leg) bool { return s.parts[part(leg)] }

// read reads the captures.
func (s *script) read(each func(*capture.Message)) error {
	return s.readOn(reading{each: func(m *capture.Message, _ int) error { each(m); return nil }})
}

// reading says what is done with messages, each of which has the same number each time, and with the ends of legs.
type reading struct {
	each  func(m *capture.Message, number int) error
	ended func(leg *capture.Leg, at time.Time) // may be nil
}

const messagesMax = 1 << 40 // of one leg: those of the next are numbered from there on

// readOn reads the captures as one.
func (s *script) readOn(what reading) error {
	opts, numbers := s.opts, make(map[*capture.Leg]int)
	opts.Ended = func(leg *capture.Leg, at time.Time) {
		if what.ended != nil {
			what.ended(leg, at)
		}
		delete(numbers, leg)
	}
	reader, err := capture.NewReader(opts, func(m *capture.Message) error {
		if s.ctx.Err() != nil {
			return context.Cause(s.ctx)
		}
		numbers[m.Leg]++
		return what.each(m, m.Leg.Number*messagesMax+numbers[m.Leg])
	})
	if err != nil {
		return err
	}
	s.readings++
	if err = reader.ReadSeries(s.series, capture.Files{Open: s.open, Done: s.done}); err != nil {
		return err
	}
	sum, err := reader.Close()
	if s.sum = *sum; errors.Is(err, capture.ErrNoLegs) {
		return fmt.Errorf("%s: %w; name --protocol, --framing and --port if it has one", strings.Join(s.files, ", "), err)
	}
	return err
}

// open opens one file, which is read more than once.
func (s *script) open(path string) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("%s: is no regular file, and a capture is read more than once: copy it to one", path)
	}
	file, err := os.Open(path)
	if err != nil || s.readings > passes {
		return file, err
	}
	return &metered{ReadCloser: file, progress: s.progress, path: path, pass: s.readings, size: info.Size()}, nil
}

// done takes the error that ended the reading of a file, and returns it where nothing is to be played for it.
func (s *script) done(path string, err error) error {
	if isCaptureFault(err) && !errors.As(err, new(*os.PathError)) { // which names it
		err = fmt.Errorf("%s: %w", path, err)
	}
	if errors.Is(err, capture.ErrTruncated) { // as one that was being written
		s.cutOff = cmp.Or(s.cutOff, err)
		return nil
	}
	return err
}

// isCaptureFault reports whether an error is about a file, and not of what is done with its messages.
func isCaptureFault(err error) bool {
	for _, fault := range []error{
		capture.ErrEmpty, capture.ErrCompressed, capture.ErrTruncated, capture.ErrMalformed, capture.ErrNoLegs,
	} {
		if errors.Is(err, fault) {
			return true
		}
	}
	var path *os.PathError
	return errors.As(err, &path)
}

// learn keeps what was asked and answered.
func (s *script) learn() error {
	var older capture.Older
	var first *capture.Leg
	ended := func(leg *capture.Leg, _ time.Time) { s.index.ended(leg.Number) }
	err := s.readOn(reading{ended: ended, each: func(m *capture.Message, number int) error {
		if m.Leg.Standing != "" {
			if s.index.stood = true; !s.standing.note(m, s.index.room) {
				s.index.left++
			}
			return nil
		}
		if !m.Time.IsZero() && (s.first.IsZero() || m.Time.Before(s.first)) {
			s.first = m.Time
		}
		if m.Time.After(s.last) {
			s.last = m.Time
		}
		isSwitch := s.isSwitch(m.Leg)
		if !m.FromSwitch || m.Err == nil && m.Body.Service != csta.SystemStatus {
			s.index.spoke[m.Leg.Number] = true
		}
		if m.Err == nil && (isSwitch || s.compares) {
			s.index.note(m, number, isSwitch)
		}
		if m.Err != nil || !isSwitch {
			return nil
		}
		if first == nil {
			first, s.from = m.Leg, m.Leg.Number
		}
		if m.FromSwitch && m.Leg == first { // IDs of a later link are others
			older.Note(m.Body)
		}
		return nil
	}})
	s.index.end()
	if len(s.standing.link.all) == 0 { // else it is told
		s.guessed = older.Monitors()
	}
	return err
}

// play reads the captures once more and gives every message in the order of its time: what a capture's reader finds
// only after a while comes late.
func (s *script) play(each func(*line) error) error {
	var window heap.Heap[*line]
	order, bytes := 0, 0
	push := func(l *line) {
		order++
		l.order = order
		bytes += len(l.frame)
		window.Push(l)
	}
	pop := func() error {
		l := window.Pop()
		bytes -= len(l.frame)
		return each(l)
	}
	err := s.readOn(reading{
		ended: func(leg *capture.Leg, at time.Time) { push(&line{at: at, leg: leg, end: true}) },
		each: func(m *capture.Message, number int) error {
			if m.Err == nil && m.Leg.Standing == "" {
				push(&line{
					at: m.Time, leg: m.Leg, number: number, fromSwitch: m.FromSwitch, frame: slices.Clone(m.Frame),
					kind: m.Body.Kind, service: m.Body.Service,
				})
			}
			for window.Len() >= windowMax || bytes > windowBytesMax {
				if err := pop(); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	for window.Len() > 0 {
		if err := pop(); err != nil {
			return err
		}
	}
	return nil
}

// Before tells which of two was said first.
func (l *line) Before(other *line) bool {
	if !l.at.Equal(other.at) {
		return l.at.Before(other.at)
	}
	return l.order < other.order
}
