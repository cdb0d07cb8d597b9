package replay

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// progress is a line on a terminal that is written over and over.
type progress struct {
	out   io.Writer // nil where nobody looks
	shown time.Time
	width int // of what stands there
}

const progressEvery = 200 * time.Millisecond

// show writes the line anew, unless it was just written.
func (p *progress) show(format string, args ...any) {
	if now := time.Now(); p.out != nil && now.Sub(p.shown) >= progressEvery {
		p.shown = now
		p.write(fmt.Sprintf(format, args...))
	}
}

// wait shows for how long it is waited for something, until the function that it returns is called; nothing else is
// shown meanwhile.
func (p *progress) wait(what string, most time.Duration) (done func()) {
	if p.out == nil {
		return func() {}
	}
	began, ended := time.Now(), make(chan struct{})
	var shows sync.WaitGroup
	shows.Go(func() {
		for ticks := time.Tick(progressEvery); ; {
			select {
			case now := <-ticks:
				p.show("waiting for %s, %.0f of %.0f s", what, now.Sub(began).Seconds(), most.Seconds())
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		shows.Wait()
	}
}

// clear leaves the line to what is written next.
func (p *progress) clear() {
	if p.width > 0 {
		p.write("")
		fmt.Fprint(p.out, "\r")
		p.width = 0
	}
}

func (p *progress) write(text string) {
	fmt.Fprintf(p.out, "\r%s%s", text, strings.Repeat(" ", max(p.width-len(text), 0)))
	p.width = len(text)
}

// metered shows how far a file is read, for which of the times that a capture is read before it is played.
type metered struct {
	io.ReadCloser
	progress   *progress
	path       string
	pass       int
	read, size int64
}

// passes is how often a capture is read before it is played: for its legs, and for what was asked.
const passes = 2

// Read implements io.Reader.
func (m *metered) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	m.read += int64(n)
	m.progress.show("reading %s, %d %%, %d of %d times", filepath.Base(m.path), 100*m.read/max(m.size, 1), m.pass, passes)
	return n, err
}
