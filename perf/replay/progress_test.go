package replay

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What a terminal shows is one line, of which nothing is left for what is written next.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out}
	file := &metered{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", 400))), progress: p, path: "/x/a.pcapng", pass: 1, size: 400}
	for range 4 {
		p.shown = time.Time{} // as if it were long ago
		if _, err := io.ReadFull(file, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	p.show("too soon")
	p.clear()
	for _, percent := range []string{"25 %", "50 %", "75 %", "100 %"} {
		if !strings.Contains(out.String(), "\rreading a.pcapng, "+percent+", 1 of 2 times") {
			t.Errorf("%s is missing: %q", percent, out.String())
		}
	}
	longest := len("reading a.pcapng, 100 %, 1 of 2 times")
	if !strings.HasSuffix(out.String(), "\r"+strings.Repeat(" ", longest)+"\r") || strings.Contains(out.String(), "soon") {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	p.clear()
	nobody := &progress{}
	nobody.show("nobody")
	nobody.clear()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}

// While the far side is waited for, the line says for how long.
func TestProgressOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &progress{out: &out}
		done := p.wait("the far side", 30*time.Second)
		time.Sleep(2500 * time.Millisecond)
		done()
		time.Sleep(time.Minute)
		for _, shown := range []string{"far side, 0 of 30 s", "far side, 1 of 30 s", "far side, 2 of 30 s"} {
			if !strings.Contains(out.String(), "\rwaiting for the "+shown) {
				t.Errorf("%q lacks %q", out.String(), shown)
			}
		}
		if strings.Contains(out.String(), "3 of") {
			t.Errorf("%q goes on", out.String())
		}
		new(progress).wait("nobody who looks", time.Second)()
	})
}
