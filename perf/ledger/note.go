package ledger

// Note is something that happened between two frames of a Ledger.
type Note struct {
	At   int // frames added before it
	What What
}

// What happened.
type What uint8

// What a T-Server notes of its stream.
const (
	InStep   What = iota + 1 // everything asked for at the start was answered
	Disabled                 // it was told that there is no link
	Normal                   // it was told that there is one
)

// Note records that something happened now. Only mode Full keeps it.
func (l *Ledger) Note(what What) {
	if l.mode == Full {
		l.notes = append(l.notes, Note{l.count, what})
	}
}

// Notes returns what was noted, in order.
func (l *Ledger) Notes() []Note { return l.notes }
