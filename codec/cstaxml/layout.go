package cstaxml

import "strings"

// layout lists the elements of a message in the order of its schema.
type layout []part

// part is one element of a layout. Its form says how the schema wants it; the field it holds is
// that of its rule.
type part struct {
	name string
	rule rule
	form form
}

// form is how an element is written, by the letter that follows its name in a layout.
type form byte

const (
	asText        form = 0   // the text of the rule's effect, or raw content
	asShortState  form = 's' // an agent state without "agent"
	asConnection  form = 'c' // callID, deviceID
	asDevice      form = 'd' // text with typeOfNumber
	asWrapped     form = 'w' // deviceIdentifier, notKnown or restricted
	asRedirection form = 'r' // numberDialed, notKnown, notRequired …
	asDeviceList  form = 'l' // device
	asConnList    form = 'C' // connectionListItem
	asDeviceData  form = 'S' // crossRefIDorSnapshotData of SnapshotDevice
	asCallData    form = 'T' // that of SnapshotCall
	asRefChoice   form = 'B' // crossRefIDorRegistrationData
	asDeviceInfo  form = 'D' // snapshotDeviceResponseInfo of a segment
	asCallInfo    form = 'I' // snapshotCallResponseInfo, the element repeated
	asFilter      form = 'F'
	asMedia       form = 'M'
	asAgents      form = 'A'
	asForwards    form = 'G'
	asObject      form = 'O' // deviceObject or callObject
	asCallOrDev   form = 'o' // device or call
	asPrimary     form = 'P'
	asSecondary   form = 'Q'
	asErrorValue  form = 'E' // the category and value, within the element if it has a name
	asSessionErr  form = 'N'
	asTypes       form = 'R' // requestTypes of SystemRegister
	asIORef       form = 'i'
	asVersions    form = 'v'
	asApplication form = 'a'
	asReason      form = 'n' // definedEndReason
	asTermReason  form = 't' // definedTermReason
)

// parseLayout reads a layout as the tables write it: name or name:form, separated by spaces.
func parseLayout(text string) layout {
	var l layout
	for word := range strings.FieldsSeq(text) {
		p := part{name: word}
		if name, letter, formed := strings.Cut(word, ":"); formed {
			p.name, p.form = name, form(letter[0])
		}
		p.rule = rootRule[p.name]
		l = append(l, p)
	}
	return l
}

// rootRule is the rule of every element of a message by name.
var rootRule = rootRules()

// layoutTable reads the layouts of a table by the names of their messages: one a line, the name
// first. A line that is indented goes on with the one before it.
func layoutTable(text string) map[string]string {
	table := make(map[string]string)
	last := ""
	for line := range strings.Lines(text) {
		name, elements, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case strings.HasPrefix(line, "\t"):
			table[last] += " " + strings.TrimSpace(line)
		case name != "":
			last = name
			table[last] = elements
		}
	}
	return table
}
