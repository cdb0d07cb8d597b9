package replay

import (
	"errors"
	"net"
	"time"

	"haproxy/perf/capture"
)

// Options say what is replayed to whom, and how fast.
type Options struct {
	Capture capture.Options
	Files   []string // captures, read as capture.InSeries has them
	Leg     string   // the name of the leg towards the switch; "" finds it

	Listen   string            // the address where the far side calls the switch
	Listener net.Listener      // or a TCP socket that listens there already; Run closes it
	To       string            // or the address where it is called
	TServers map[string]string // T-Servers' legs to be played, by name, and the proxy's addresses for them
	Expect   bool              // compare what these T-Servers get with the capture

	Multiple float64 // of the recorded pace; 0 is 1
	Rate     float64 // messages of the switch a second, evenly, in place of the recorded pace; 0 is none
	TopSpeed bool    // as fast as the far side takes them
	Loop     bool    // begin anew at the end
	Limit    int     // messages of the switch; 0 is no limit
	Duration time.Duration

	Wait     time.Duration // for the far side, before the first message; default 30 s
	Patience time.Duration // for what the far side did in the capture; default 2 s
	Progress bool          // a line that is written over, for a terminal
}

func (o Options) withDefaults() Options {
	if o.Multiple == 0 {
		o.Multiple = 1
	}
	if o.Wait == 0 {
		o.Wait = 30 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Second
	}
	return o
}

// ErrMismatch says that a T-Server did not get what the capture has. The summary tells where.
var ErrMismatch = errors.New("replay: the far side's streams are not those of the capture")

// CaptureError is what keeps a capture from being played at all: a file, or what was said of it.
type CaptureError struct{ Err error }

// Error implements error.
func (e *CaptureError) Error() string { return e.Err.Error() }

// Unwrap gives the cause: one of capture's errors, ErrLeg, or the system's.
func (e *CaptureError) Unwrap() error { return e.Err }

// ErrLeg says that the capture has no leg of the name that was given.
var ErrLeg = errors.New("no such leg")

// ErrNoStanding says that a T-Server cannot be compared: its leg had begun before the capture, which does not tell what
// stood on it.
var ErrNoStanding = errors.New("the capture begins amid a T-Server's leg and does not tell what stood on it")

// ErrRuns says that T-Servers cannot be compared over several runs of the proxy, of which each began without state.
var ErrRuns = errors.New("the files are of several runs of the proxy: compare those of one")

// ErrNobody says that the far side never came, or that who came only ended its links.
var ErrNobody = errors.New("replay: nobody came")

// Result is what a replay did.
type Result struct {
	Sent       int           // messages of the switch, answers included
	Events     int           // of these
	Answered   int           // requests of the far side, from the capture
	Unmatched  int           // requests that the capture has no answer for: they got an error
	Unasked    int           // answers whose requests did not come
	Unwatched  int           // events of monitors that the far side did not start
	Heartbeats int           // answered
	Ended      int           // links that ended amid the capture
	Stood      int           // monitors, registrations and queries from before a record that the proxy was brought to
	Fallen     int           // that it could not be brought to
	Recorded   time.Duration // from the first message to the last, in the capture
	Played     time.Duration // of that, all rounds together
	Took       time.Duration // to play it; waiting for the far side to come is not counted
	TServers   []Compared
}

// Compared is what one T-Server got.
type Compared struct {
	Name      string
	Identical int
	Different int
	Missing   int // of the capture
	Further   int // not of the capture
	Delayed   int // of those that are identical, later than patience lasts
	Late      int // requests that were given up where the capture has no answer to them, which is no difference
	First     string
}

// Equal reports whether a T-Server got what the capture has, and nothing else.
func (c *Compared) Equal() bool { return c.Different+c.Missing+c.Further == 0 }
