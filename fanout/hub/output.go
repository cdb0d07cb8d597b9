package hub

// LegID names one socket of the link for the hub. The owner chooses them and never uses one twice;
// Link is the CTI link itself.
type LegID uint64

// Link is the leg towards the switch.
const Link LegID = 0

// CloseReason says why the hub wants a leg closed.
type CloseReason uint8

// The reasons. Each is one log line and one counter.
const (
	CloseNone         CloseReason = iota
	CloseReplaced                 // another leg of the same T-Server took over
	CloseSlow                     // its output backlog passed backlog_max
	CloseSilent                   // heartbeats unanswered
	CloseCandidate                // no valid message in time
	CloseUndecodable              // sent what cannot be decoded or answered
	CloseSession                  // ended its session
	CloseLinkLost                 // on_link_loss = "close"
	CloseStart                    // the switch did not answer the link's start in time, or refused
	CloseUnanswered               // as many time-outs in a row as request_outstanding
	CloseTooMany                  // too many candidates for one T-Server
	CloseSwitchStatus             // the switch ended the session
	closeReasonCount
)

var closeReasonNames = [closeReasonCount]string{
	"", "replaced", "slow", "silent", "candidate", "undecodable", "session", "link_lost", "start",
	"unanswered", "too_many", "switch_status",
}

// String returns the reason as metrics and logs name it.
func (r CloseReason) String() string { return closeReasonNames[r] }

// Output is what has to be done with one leg: write the runs in order, then close it if Close is
// not CloseNone. Each run is one or more whole frames.
type Output struct {
	Leg   LegID
	Runs  [][]byte
	Close CloseReason
}

// outbox collects one leg's output between Done and Done.
type outbox struct {
	runs   [][]byte
	bytes  int // in runs
	reason CloseReason
	listed bool // in the hub's list of legs with output
}

// add appends a frame, or extends the last run where the frame follows it in memory, so that a read
// full of events is one write.
func (o *outbox) add(frame []byte) {
	o.bytes += len(frame)
	if n := len(o.runs); n > 0 {
		last := o.runs[n-1]
		if len(last)+len(frame) <= cap(last) && &last[:len(last)+1][len(last)] == &frame[0] {
			o.runs[n-1] = last[:len(last)+len(frame)]
			return
		}
	}
	o.runs = append(o.runs, frame)
}

// empty forgets the runs and keeps a bounded memory for the next ones.
func (o *outbox) empty() {
	clear(o.runs)
	o.runs, o.bytes = o.runs[:0], 0
	if cap(o.runs) > runsKept {
		o.runs = nil
	}
}

// clear forgets everything, as when it was taken.
func (o *outbox) clear() {
	o.empty()
	o.reason, o.listed = CloseNone, false
}

// runsKept is how long a list of runs is kept for the next step.
const runsKept = 4096
