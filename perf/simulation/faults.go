package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Fault is one way in which a world hurts.
type Fault uint8

// The faults. Those up to faultsTimed happen so many times a second, the others by chance.
const (
	LinkLoss     Fault = iota // the link is cut, what is under way is lost
	LinkHalfOpen              // one side of the link learns that it is gone, the other does not
	LinkStall                 // nothing arrives on the link for a while
	LegLoss                   // a T-Server's leg is cut
	LegHalfOpen               // a T-Server dies and returns while its old leg still stands
	LegStall                  // a T-Server does not read for a while
	AllDie                    // every T-Server dies at once
	Twin                      // another process connects as the same T-Server
	Probe                     // a socket that says nothing
	Restart                   // the switch forgets monitors and registrations, and says enabled later
	ColdRestart               // and loses its calls as well
	MessagesLost              // the switch sends no events for a while, and says messagesLost
	Overload                  // the switch says overload, then that it is relieved
	faultsTimed

	Never      = faultsTimed + iota - faultsTimed // a request is not answered
	Late                                          // an answer is seconds late
	TooLate                                       // an answer comes after its request has failed
	Twice                                         // an answer comes twice
	EventFirst                                    // what a request causes comes before its answer
	Unknown                                       // an event of an unknown name
	Garbage                                       // an event that cannot be decoded
	faultCount
)

// kinds are the names of the faults and the highest rates that are drawn.
var kinds = [faultCount]struct {
	name string
	most float64
}{
	LinkLoss: {"link-loss", 0.5}, LinkHalfOpen: {"link-half-open", 0.2}, LinkStall: {"link-stall", 0.3},
	LegLoss: {"leg-loss", 1}, LegHalfOpen: {"leg-half-open", 0.5}, LegStall: {"leg-stall", 0.5},
	AllDie: {"all-die", 0.1}, Twin: {"twin", 0.2}, Probe: {"probe", 0.3},
	Restart: {"restart", 0.2}, ColdRestart: {"cold-restart", 0.1},
	MessagesLost: {"messages-lost", 0.2}, Overload: {"overload", 0.3},
	Never: {"never", 0.03}, Late: {"late", 0.1}, TooLate: {"too-late", 0.03}, Twice: {"twice", 0.3},
	EventFirst: {"event-first", 0.5}, Unknown: {"unknown-events", 0.1}, Garbage: {"garbage", 0.05},
}

// Faults are the rates of all faults.
type Faults [faultCount]float64

// String lists those that are not zero.
func (f Faults) String() string {
	var b strings.Builder
	for kind, rate := range f {
		if rate > 0 {
			fmt.Fprintf(&b, " %s=%.3g", kinds[kind].name, rate)
		}
	}
	return strings.TrimSpace(b.String())
}

// drawFaults chooses a few of the faults, so that each meets each other in some seeds and is alone in
// others.
func drawFaults(rnd *rand.Rand) Faults {
	var f Faults
	share := rnd.Float64() * 0.6
	for kind := range f {
		if rnd.Float64() < share {
			f[kind] = kinds[kind].most * (0.1 + 0.9*rnd.Float64())
		}
	}
	return f
}
