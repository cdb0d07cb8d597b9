package frame

import "fmt"

// Role is the side of a link that we play on a leg.
type Role uint8

// The roles.
const (
	// Computing is the application's side: ours towards the switch.
	Computing Role = iota + 1
	// Switching is the switch's side: ours towards a T-Server.
	Switching
)

// The preamble of an OXE, one raw byte a side and no header:
//
//	computing function  42 'B'   as soon as the socket is open
//	switching function  50 'P'   its answer; frames follow
const (
	oxeComputing = 'B'
	oxeSwitching = 'P'
)

// Preamble returns what a leg in the role sends before its first frame, and what it waits for. Both
// are empty for framings without one. The computing function sends at once; the switching function
// sends when it has what it waits for.
func Preamble(f Framing, role Role) (send, expect []byte) {
	if f != OXE {
		return nil, nil
	}
	if role == Switching {
		return []byte{oxeSwitching}, []byte{oxeComputing}
	}
	return []byte{oxeComputing}, []byte{oxeSwitching}
}

// Expect has the stream begin with a preamble, which Next checks and drops. It is called before the
// first Feed.
func (s *Splitter) Expect(preamble []byte) { s.preamble = preamble }

// Expecting reports whether the preamble has not come whole.
func (s *Splitter) Expecting() bool { return len(s.preamble) > 0 }

// dropPreamble takes what is there of the preamble off the chunk. Next tells the fault.
func (s *Splitter) dropPreamble() {
	for len(s.preamble) > 0 && len(s.chunk) > 0 && s.fault == nil {
		got, due := s.chunk[0], s.preamble[0]
		if got != due {
			_ = s.unlike(got, fmt.Sprintf("the preamble %02x %q", due, due)) // it is kept in s.fault
			return
		}
		s.preamble, s.chunk = s.preamble[1:], s.chunk[1:]
		s.offset++
		s.start++
	}
}
