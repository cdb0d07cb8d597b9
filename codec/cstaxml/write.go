package cstaxml

import (
	"strconv"
	"unicode/utf8"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// writer appends elements in one prefix.
type writer struct {
	buf           []byte
	prefix        []byte
	inexpressible bool // a value has a character that XML does not allow
}

// finish writes the header of the frame that was written behind dst, and returns both; dst alone
// where the frame cannot be.
func (w *writer) finish(dst []byte, id csta.InvokeID) ([]byte, error) {
	total := len(w.buf) - len(dst)
	switch {
	case w.inexpressible:
		return dst, codec.ErrUnsupported
	case total > frame.ECMA323Max:
		return dst, codec.ErrTooLong
	}
	frame.PutECMA323(w.buf[len(dst):], total, id)
	return w.buf, nil
}

// root opens the message under its namespace.
func (w *writer) root(name string, namespace []byte) {
	w.buf = append(w.buf, '<')
	w.name(name)
	if len(namespace) > 0 {
		w.buf = append(w.buf, " xmlns"...)
		if len(w.prefix) > 0 {
			w.buf = append(w.buf, ':')
			w.buf = append(w.buf, w.prefix...)
		}
		w.buf = append(w.buf, '=', '"')
		w.escaped(namespace, lost)
		w.buf = append(w.buf, '"')
	}
	w.buf = append(w.buf, '>')
}

func (w *writer) name(name string) {
	if len(w.prefix) > 0 {
		w.buf = append(w.buf, w.prefix...)
		w.buf = append(w.buf, ':')
	}
	w.buf = append(w.buf, name...)
}

func (w *writer) open(name string) {
	w.buf = append(w.buf, '<')
	w.name(name)
	w.buf = append(w.buf, '>')
}

func (w *writer) close(name string) {
	w.buf = append(w.buf, '<', '/')
	w.name(name)
	w.buf = append(w.buf, '>')
}

func (w *writer) empty(name string) {
	w.buf = append(w.buf, '<')
	w.name(name)
	w.buf = append(w.buf, '/', '>')
}

// leaf writes an element with a value; no value, no element.
func (w *writer) leaf(name string, value []byte) {
	if len(value) > 0 {
		w.open(name)
		w.text(value)
		w.close(name)
	}
}

// token is leaf for a name of the standard.
func (w *writer) token(name, value string) {
	if value != "" {
		w.open(name)
		w.buf = append(w.buf, value...)
		w.close(name)
	}
}

// flag is leaf for a boolean that may be absent.
func (w *writer) flag(name string, value csta.Switch) {
	switch value {
	case csta.SwitchOn:
		w.token(name, "true")
	case csta.SwitchOff:
		w.token(name, "false")
	default: // not said
	}
}

// number is leaf for a number, which is absent when it is 0.
func (w *writer) number(name string, n uint32) {
	if n > 0 {
		w.open(name)
		w.decimal(n)
		w.close(name)
	}
}

func (w *writer) decimal(n uint32) { w.buf = strconv.AppendUint(w.buf, uint64(n), 10) }

// raw is leaf for content that stands as it is.
func (w *writer) raw(name string, content []byte) {
	if len(content) > 0 {
		w.open(name)
		w.buf = append(w.buf, content...)
		w.close(name)
	}
}

// within writes a leaf inside an element of its own.
func (w *writer) within(name, inner string, value []byte) {
	if len(value) > 0 {
		w.open(name)
		w.leaf(inner, value)
		w.close(name)
	}
}

// connection writes a ConnectionID.
func (w *writer) connection(name string, conn *csta.ConnectionID) {
	if conn.Present() {
		w.open(name)
		w.leaf("callID", conn.Call)
		w.device("deviceID", &conn.Device)
		w.close(name)
	}
}

// device writes a device identifier as text. A dialing number is what it is without a typeOfNumber.
func (w *writer) device(name string, id *csta.DeviceID) {
	if !id.Known() {
		return
	}
	w.buf = append(w.buf, '<')
	w.name(name)
	if kind := formNames[numberForm{id.Form, id.Type}]; kind != "" {
		w.buf = append(w.buf, ` typeOfNumber="`...)
		w.buf = append(w.buf, kind...)
		w.buf = append(w.buf, '"')
	}
	w.buf = append(w.buf, '>')
	w.escaped(id.Number, lost)
	w.close(name)
}

// wrapped writes a device as a choice: its identifier, or why there is none.
func (w *writer) wrapped(name, identifier string, id *csta.DeviceID) {
	reason := ""
	switch id.Form {
	case csta.DeviceNotKnown:
		reason = "notKnown"
	case csta.DeviceNotRequired:
		reason = "notRequired"
	case csta.DeviceNotSpecified:
		reason = "notSpecified"
	case csta.DeviceRestricted:
		reason = "restricted"
	default:
		if !id.Known() {
			return
		}
	}
	w.open(name)
	if reason != "" {
		w.empty(reason)
	} else {
		w.device(identifier, id)
	}
	w.close(name)
}

// text writes a value with what XML reserves escaped. Some characters cannot be written at all.
func (w *writer) text(value []byte) { w.escaped(value, "") }

// lost stands for a character of a peer that XML does not allow.
const lost = "\uFFFD"

// escaped is text with something in place of the characters that cannot be written, if that is not empty.
func (w *writer) escaped(value []byte, instead string) {
	plainTo := 0
	for i := 0; i < len(value); {
		c := value[i]
		replacement, n := "", 1
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, n = utf8.DecodeRune(value[i:])
			if r == utf8.RuneError && n == 1 || !isChar(r) {
				replacement, w.inexpressible = instead, w.inexpressible || instead == ""
			}
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '&':
			replacement = "&amp;"
		case c == '"':
			replacement = "&quot;"
		case c == '\r':
			replacement = "&#13;"
		case !isChar(rune(c)):
			replacement, w.inexpressible = instead, w.inexpressible || instead == ""
		}
		if replacement != "" {
			w.buf = append(w.buf, value[plainTo:i]...)
			w.buf = append(w.buf, replacement...)
			plainTo = i + n
		}
		i += n
	}
	w.buf = append(w.buf, value[plainTo:]...)
}
