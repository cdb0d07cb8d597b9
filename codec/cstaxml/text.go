package cstaxml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// The bytes of text that are not plain.
const (
	plain   = iota
	markup  // <
	escape  // & and carriage return: the value is not the bytes
	bracket // ] may begin ]]>
	quote
	control // not allowed: see judge
	noncharLead
)

// badReference is why a value cannot be unescaped.
const badReference = "a reference that is none, or a character that XML does not allow"

// textClass sorts the bytes of character data. U+FFFE and U+FFFF, which XML does not allow, begin
// with 0xEF.
var textClass = func() (class [256]uint8) {
	for c := range byte(' ') {
		class[c] = control
	}
	class['\t'], class['\n'] = plain, plain
	class['\r'], class['&'] = escape, escape
	class['<'], class[']'] = markup, bracket
	class[0xEF] = noncharLead
	return class
}()

// attributeClass sorts the bytes of an attribute's value.
var attributeClass = func() [256]uint8 {
	class := textClass
	class['"'], class['\''], class[']'] = quote, quote, plain
	return class
}()

// noncharacter reports whether U+FFFE or U+FFFF begins at i.
func noncharacter(b []byte, i int) bool {
	return i+2 < len(b) && b[i] == 0xEF && b[i+1] == 0xBF && b[i+2] >= 0xBE
}

// text reads character data up to the next markup.
func (d *decoder) text() error {
	start, i, doc := d.pos, d.pos, d.doc
	escaped := false
scan:
	for ; i < len(doc); i++ {
		switch textClass[doc[i]] {
		case plain:
		case markup:
			break scan
		case escape:
			escaped = true
		case bracket:
			if bytes.HasPrefix(doc[i:], []byte("]]>")) {
				return d.fail(i, "]]> outside a CDATA section")
			}
		case noncharLead:
			if noncharacter(doc, i) {
				d.note(i)
			}
		default:
			d.note(i)
		}
	}
	d.pos = i
	if d.depth == 0 {
		if len(trim(doc[start:i])) > 0 {
			return d.fail(start, "text outside the root")
		}
		return nil
	}
	return d.run(start, i, escaped, true)
}

// run gives the open element a stretch of its text. Escaped text is unescaped, or only checked
// where no one wants it.
func (d *decoder) run(start, end int, escaped, references bool) error {
	if d.lesson != nil {
		d.lesson.run(start, end)
	}
	e := &d.open[d.depth-1]
	wanted := e.rule.do > doNewForward && !e.rule.do.raw()
	if !escaped {
		if wanted {
			d.extend(e, d.doc[start:end])
		}
		return nil
	}
	mark := len(d.msg.Scratch)
	scratch, at := unescape(d.msg.Scratch, d.doc[start:end], references)
	if at >= 0 {
		return d.fail(start+at, badReference)
	}
	d.msg.Scratch = scratch
	switch {
	case !wanted:
		d.msg.Scratch = scratch[:mark]
	case len(e.value) == 0:
		e.value = scratch[mark:len(scratch):len(scratch)]
	default:
		d.extend(e, scratch[mark:])
	}
	return nil
}

// extend adds text to the value of an element. The first run is borrowed; leading white space would
// be trimmed anyway. A value of several runs lies in Scratch with as much room again behind it: it
// is moved only when it has doubled, so that all of them together cost no more than the frame is
// long, however they interleave.
func (d *decoder) extend(e *element, text []byte) {
	size := len(e.value) + len(text)
	switch {
	case len(e.value) == 0:
		e.value = trimLeft(text)
	case e.roomy && size <= cap(e.value):
		e.value = append(e.value, text...)
	default:
		start := len(d.msg.Scratch)
		d.msg.Scratch = slices.Grow(d.msg.Scratch, 2*size)[:start+2*size]
		room := d.msg.Scratch[start : start : start+2*size]
		e.value, e.roomy = append(append(room, e.value...), text...), true
	}
}

// cdata reads a CDATA section.
func (d *decoder) cdata() error {
	at := d.pos
	start := d.pos + len("<![CDATA[")
	n := bytes.Index(d.doc[start:], []byte("]]>"))
	if d.depth == 0 || n < 0 {
		return d.fail(at, "a CDATA section without an end, or outside the root")
	}
	end, escaped := start+n, false
	for i := start; i < end; i++ {
		switch textClass[d.doc[i]] {
		case control:
			d.note(i)
		case noncharLead:
			if noncharacter(d.doc[:end], i) {
				d.note(i)
			}
		case escape:
			escaped = escaped || d.doc[i] == '\r'
		}
	}
	d.pos = end + len("]]>")
	return d.run(start, end, escaped, false)
}

// attributeValue reads a quoted value and returns it unescaped.
func (d *decoder) attributeValue() ([]byte, error) {
	if d.pos == len(d.doc) || d.doc[d.pos] != '"' && d.doc[d.pos] != '\'' {
		return nil, d.fail(d.pos, "a quoted value is expected")
	}
	delimiter := d.doc[d.pos]
	start, i, doc, escaped := d.pos+1, d.pos+1, d.doc, false
scan:
	for ; ; i++ {
		if i == len(doc) {
			return nil, d.fail(start, "a value without its closing quote")
		}
		switch attributeClass[doc[i]] {
		case plain:
		case quote:
			if doc[i] == delimiter {
				break scan
			}
		case escape:
			escaped = true
		case noncharLead:
			if noncharacter(doc, i) {
				d.note(i)
			}
		case control:
			d.note(i)
		default:
			return nil, d.fail(i, "a character that a value cannot have")
		}
	}
	d.pos = i + 1
	if !escaped {
		return doc[start:i], nil
	}
	mark := len(d.msg.Scratch)
	scratch, at := unescape(d.msg.Scratch, doc[start:i], true)
	if at >= 0 {
		return nil, d.fail(start+at, badReference)
	}
	d.msg.Scratch = scratch
	return scratch[mark:], nil
}

// unescape appends text to dst with its references replaced and its line ends made one newline
// each. Where a reference is none, it returns its offset, else -1.
func unescape(dst, text []byte, references bool) (out []byte, at int) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\r':
			dst = append(dst, '\n')
			if i++; i < len(text) && text[i] == '\n' {
				i++
			}
		case c == '&' && references:
			r, n := reference(text[i:])
			if n == 0 {
				return dst, i
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, -1
}

// reference reads the reference at the start of text and returns its character and length; 0 where
// it is none, or not of a character that XML allows.
func reference(text []byte) (r rune, length int) {
	end := bytes.IndexByte(text, ';')
	if end < 2 {
		return 0, 0
	}
	name := text[1:end]
	switch string(name) {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, 0
	}
	r, ok := number(name[1:])
	if !ok || !isChar(r) {
		return 0, 0
	}
	return r, end + 1
}

// number reads the number of a character reference, decimal or after an x hexadecimal.
func number(digits []byte) (rune, bool) {
	base := rune(10)
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n := rune(0)
	for _, c := range digits {
		var v rune
		switch {
		case c >= '0' && c <= '9':
			v = rune(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			v = rune(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			v = rune(c-'A') + 10
		default:
			return 0, false
		}
		if n = n*base + v; n > utf8.MaxRune {
			return 0, false
		}
	}
	if n >= 0xD800 && n < 0xE000 {
		n = utf8.RuneError // as encoding/xml does
	}
	return n, len(digits) > 0
}

// isChar reports whether XML 1.0 allows the character.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != 0xFFFE && r != 0xFFFF
}

// trim returns value without the white space around it.
func trim(value []byte) []byte {
	if n := len(value); n > 0 && value[0] > ' ' && value[n-1] > ' ' {
		return value
	}
	return trimBoth(value)
}

func trimBoth(value []byte) []byte {
	value = trimLeft(value)
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return value
}

func trimLeft(value []byte) []byte {
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	return value
}
