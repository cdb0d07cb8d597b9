package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"haproxy/codec/csta"
	"haproxy/perf/capture"
)

// ladderPrinter draws a lane for each leg, the computing function on its left and the switch on its right, and
// what one says to the other as an arrow in the lane.
type ladderPrinter struct {
	out   io.Writer
	lanes []*capture.Leg
	first bool // something was printed
}

const (
	laneWidth = 46 // columns, the rails included
	lanesMax  = 8  // drawn beside each other; the legs after them share the last lane
)

func (p *ladderPrinter) write(m *capture.Message) error {
	if m.Leg.Standing != "" {
		return nil // it was said before
	}
	lane := p.lane(m.Leg)
	var line strings.Builder
	at := strings.Repeat(" ", len(ladderTime))
	if !m.Time.IsZero() {
		at = m.Time.UTC().Format(ladderTime)
	}
	line.WriteString(at)
	for i := range p.lanes {
		text := ""
		if i == lane {
			text = rung(m)
		}
		line.WriteString("  |" + text + strings.Repeat(" ", max(laneWidth-2-utf8.RuneCountInString(text), 0)) + "|")
	}
	_, err := fmt.Fprintln(p.out, line.String())
	return err
}

const ladderTime = "15:04:05.000000"

// lane returns the lane of a leg; with a new one it draws the head of the ladder anew.
func (p *ladderPrinter) lane(leg *capture.Leg) int {
	for i, known := range p.lanes {
		if known == leg {
			return i
		}
	}
	if len(p.lanes) == lanesMax {
		p.lanes[lanesMax-1] = leg
	} else {
		p.lanes = append(p.lanes, leg)
	}
	if p.first {
		fmt.Fprintln(p.out)
	}
	p.first = true
	names, ends := strings.Repeat(" ", len(ladderTime)), strings.Repeat(" ", len(ladderTime))
	for _, l := range p.lanes {
		names += "  " + fit(l.Name+", "+l.Protocol, laneWidth)
		left, right := l.Computing, l.Switch
		if left == "" {
			left, right = "computing", "switch"
		}
		left = fit(left, laneWidth/2)
		ends += "  " + left + fmt.Sprintf("%*s", laneWidth/2, fit(right, min(len(right), laneWidth/2)))
	}
	fmt.Fprintf(p.out, "%s\n%s\n", strings.TrimRight(names, " "), ends)
	return len(p.lanes) - 1
}

// fit makes a text so many columns wide.
func fit(text string, width int) string {
	if n := utf8.RuneCountInString(text); n <= width {
		return text + strings.Repeat(" ", width-n)
	}
	return string([]rune(text)[:width])
}

// rung draws one message: an arrow with what it says.
func rung(m *capture.Message) string {
	const shafts = 3 // of an arrow, at least
	text := ladderText(m)
	if room := laneWidth - 2 - shafts - 3; utf8.RuneCountInString(text) > room {
		text = fit(text, room)
	}
	shaft := strings.Repeat("-", laneWidth-2-3-utf8.RuneCountInString(text))
	if m.FromSwitch {
		return "<" + shaft + " " + text + " "
	}
	return " " + text + " " + shaft + ">"
}

// ladderText is what a rung has room for: the message, its invoke ID where it has an answer or is one, and the
// call or device that it is about.
func ladderText(m *capture.Message) string {
	msg := m.Body
	if m.Err != nil {
		return fmt.Sprintf("malformed, %d bytes", len(m.Frame))
	}
	text := messageName(msg)
	switch msg.Kind {
	case csta.KindRequest:
		text += fmt.Sprintf(" %d", msg.Invoke)
	case csta.KindResponse:
		text += fmt.Sprintf(" %d ok", msg.Invoke)
	case csta.KindError, csta.KindReject:
		text += fmt.Sprintf(" %d %s", msg.Invoke, messageKind(msg))
	case csta.KindEvent, csta.KindUnknown:
	}
	switch {
	case msg.Subject.Present():
		return text + " " + connectionText(&msg.Subject)
	case msg.Device.Known():
		return text + " " + idText(msg.Device.Number)
	default:
		return text
	}
}
