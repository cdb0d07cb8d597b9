package record

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"haproxy/perf/capture"
)

// stands is a scripted Recounter: what stands are some events of the switch, of which it is certain or not.
type stands struct {
	frames  [][]byte
	certain bool
	told    int
	asked   int
}

func (s *stands) Recount(tell func(tserver int, fromSwitch bool, frame []byte) bool) bool {
	if s.asked++; !s.certain {
		return false
	}
	s.told++
	for _, frame := range s.frames {
		if !tell(-1, true, frame) {
			break
		}
	}
	return true
}

func (s *stands) RecountLen() int64 { return 1 } // less than it is

// A file ends as soon as what stands was told, and the next begins by that; where it cannot be told in time, or is more
// than half a file, the file ends all the same. Of files that are read as one, only the first tells what stood.
func TestFilesBeginByWhatStands(t *testing.T) {
	all := frames(t, 2000)
	for _, c := range []struct {
		name   string
		from   stands
		begins bool
	}{
		{"certain", stands{frames: all[:20], certain: true}, true},
		{"not certain", stands{frames: all[:20]}, false},
		{"much", stands{frames: all[:200], certain: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := alone(Config{Dir: dir, Link: "main", FileBytes: 64 << 10, Files: 1000})
			sw := r.Open(-1, true, netip.AddrPort{}, netip.AddrPort{}, began)
			for i := range all {
				at := began.Add(time.Duration(i) * time.Millisecond)
				sw.Heard(at, all[i])
				if r.Due() {
					r.Recount(at, &c.from)
				}
				if i%5 == 0 { // the goroutine's, which is slower
					r.step()
				}
			}
			r.step()
			if err := r.files.close(); err != nil {
				t.Fatal(err)
			}
			if !c.begins && (c.from.told > 1 || c.from.asked > len(all)/50+1) { // they are a ms apart
				t.Errorf("what has no room, or is not certain, was told %d times of %d", c.from.told, c.from.asked)
			}
			judgeBeginnings(t, dir, c.begins, all[:20], all)
		})
	}
}

// judgeBeginnings reads each file of a directory by itself, and all as one.
func judgeBeginnings(t *testing.T, dir string, begins bool, standing, all [][]byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	slices.Sort(names)
	var stood, said [][]byte
	each := func(m *capture.Message) error {
		if m.Leg.Standing == LinkName {
			stood = append(stood, bytes.Clone(m.Frame))
		} else {
			said = append(said, bytes.Clone(m.Frame))
		}
		return m.Err
	}
	whole, err := capture.NewReader(capture.Options{}, each)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		stood = nil
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := capture.Read(bytes.NewReader(file), capture.Options{}, each); err != nil {
			t.Fatal(name, err)
		}
		if want := begins && i > 0; (len(stood) > 0) != want || want && !slices.EqualFunc(stood, standing, bytes.Equal) {
			t.Errorf("file %d begins by %d messages that stood", i, len(stood))
		}
	}
	stood, said = nil, nil
	for _, name := range names[1:] {
		file, err := os.ReadFile(name)
		if err == nil {
			err = whole.Read(bytes.NewReader(file))
		}
		if err != nil {
			t.Fatal(name, err)
		}
	}
	if _, err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	if begins && len(stood) != len(standing) {
		t.Errorf("%d messages stood before all files but the first", len(stood))
	}
	if n := len(said); !slices.EqualFunc(said, all[len(all)-n:], bytes.Equal) {
		t.Errorf("the last %d messages are others", n)
	}
}

// A file that could not be written ends by whole blocks, so that it can be read; once there is room again, the second
// file begins by what stands, since the first has to be made before anybody is asked.
func TestGoesOnAfterFailure(t *testing.T) {
	all := frames(t, 300)
	dir := filepath.Join(t.TempDir(), "record")
	r := alone(Config{Dir: dir, Link: "main", FileBytes: 1 << 20, Files: 1000})
	sw := r.Open(-1, true, netip.AddrPort{}, netip.AddrPort{}, began)
	from := stands{frames: all[:20], certain: true}
	tell := func(frames [][]byte) {
		for i, f := range frames {
			at := began.Add(time.Duration(i) * 100 * time.Millisecond)
			sw.Heard(at, f)
			for range 3 { // the loop is asked, and the goroutine makes room
				if r.Due() {
					r.Recount(at, &from)
				}
				r.step()
			}
		}
	}
	tell(all[:100])
	if _, err := r.files.file.WriteString("half a blo"); err != nil {
		t.Fatal(err)
	}
	r.fail(errors.New("the disk is full"))
	tell(all[100:110]) // left out
	r.broken = time.Now().Add(-2 * retryInterval)
	tell(all[110:])
	if err := r.files.close(); err != nil {
		t.Fatal(err)
	}
	if want := uint64(len(bytes.Join(all[100:110], nil))); r.Stats().Lost != want {
		t.Errorf("%d bytes lost, want %d", r.Stats().Lost, want)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	slices.Sort(names)
	for i, name := range names {
		stood, said := messages(t, name)
		if (stood > 0) != (i == 2) || i == 0 && len(said) != 100 || i == 2 && len(said) < 100 {
			t.Errorf("file %d: %d messages that stood, %d that were said", i, stood, len(said))
		}
	}
}

// messages reads one file: how many messages stood before it, and what was said in it.
func messages(t *testing.T, name string) (stood int, said [][]byte) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = capture.Read(bytes.NewReader(file), capture.Options{}, func(m *capture.Message) error {
		if m.Leg.Standing != "" {
			stood++
		} else {
			said = append(said, bytes.Clone(m.Frame))
		}
		return m.Err
	})
	if err != nil {
		t.Fatal(name, err)
	}
	return stood, said
}

// A file that was put elsewhere, or removed, is followed within moments by one that begins by what stands, or without
// that where the loop cannot tell it. What was said is in the two files together.
func TestFileIsGone(t *testing.T) {
	all := frames(t, 200)
	for _, from := range []stands{{frames: all[:20], certain: true}, {frames: all[:20]}} {
		dir := t.TempDir()
		r := alone(Config{Dir: dir, Link: "main", FileBytes: 1 << 20, Files: 1000})
		sw := r.Open(-1, true, netip.AddrPort{}, netip.AddrPort{}, began)
		elsewhere := filepath.Join(t.TempDir(), "first")
		for i, f := range all {
			at := began.Add(time.Duration(i) * 100 * time.Millisecond)
			sw.Heard(at, f)
			for range 3 {
				if r.Due() {
					r.Recount(at, &from)
				}
				r.step()
			}
			switch i {
			case 100:
				if err := os.Rename(r.files.file.Name(), elsewhere); err != nil {
					t.Fatal(err)
				}
				r.looked = time.Time{} // a second is over
			case 110:
				if !r.gone.IsZero() {
					r.gone = r.gone.Add(-lookInterval) // and another
				}
			}
		}
		if err := r.files.close(); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(dir, "*.pcapng"))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		_, before := messages(t, elsewhere)
		stood, after := messages(t, names[0])
		said := slices.Concat(before, after)
		if stood > 0 != from.certain || !slices.EqualFunc(said, all, bytes.Equal) {
			t.Errorf("%v: %d messages that stood, %d of %d that were said", from.certain, stood, len(said), len(all))
		}
	}
}
