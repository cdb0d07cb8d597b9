package hub

import "fmt"

// Notice is one line for the operator's log: a transition or a refusal, never a frame.
type Notice struct {
	Level NoticeLevel
	Leg   LegID
	Text  string
}

// NoticeLevel is the weight of a notice.
type NoticeLevel uint8

// The levels.
const (
	NoticeInfo NoticeLevel = iota
	NoticeWarn
	NoticeError
)

// noticesMax bounds the notices between Done and Done; more are counted.
const noticesMax = 64

// notice adds a line for the log.
func (h *Hub) notice(level NoticeLevel, leg LegID, format string, args ...any) {
	if len(h.notices) >= noticesMax {
		h.counters[countNoticesDropped]++
		return
	}
	h.notices = append(h.notices, Notice{Level: level, Leg: leg, Text: fmt.Sprintf(format, args...)})
}
