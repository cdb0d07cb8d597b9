package cstaxml

import (
	"bytes"
	"unicode/utf8"

	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// decoder is one forward scan over a frame. It keeps the open elements in an array of its own and
// tells the message what each known element means as it passes.
type decoder struct {
	msg   *csta.Message
	doc   []byte // the frame, header included, so that offsets are those of the frame
	pos   int
	depth int
	done  bool // the root was closed
	open  [codec.MaxDepth]element

	root   *root // nil for a message that no table has
	local  span  // the local name of the root
	fresh  bool  // the last of msg.Agents has no group or state yet
	stated bool  // the last of msg.Connections had the first state of a call

	// where the first is, 0 for none: see judge
	odd     int // a character that XML does not allow
	foreign int // a declaration of another encoding

	lesson *lesson // records the scan, if it is not nil

	// the style of the message
	declared  bool
	prefix    []byte
	namespace []byte

	// where the content of the identifiers that can be rewritten stands; zero where there is none
	crossRef, register span
}

// span is a range of bytes of the frame.
type span struct{ start, end int }

// element is an open element.
type element struct {
	name    span
	rule    rule
	in      place // what its children mean
	number  numberForm
	content int    // where its content begins
	value   []byte // its text so far, if its rule wants it
	roomy   bool   // value lies in Scratch, with room of its own behind it
}

// decode reads the document after the header.
func (d *decoder) decode(msg *csta.Message, frm []byte) error {
	d.msg, d.doc, d.pos = msg, frm, frame.ECMA323HeaderLen
	d.depth, d.done, d.root, d.fresh = 0, false, nil, false
	d.declared, d.prefix, d.namespace = false, nil, nil
	d.crossRef, d.register = span{}, span{}
	d.odd, d.foreign = 0, 0
	d.pos += len(byteOrderMark(frm[d.pos:]))
	d.declared = bytes.HasPrefix(frm[d.pos:], []byte("<?xml"))
	if err := d.document(); err != nil {
		return err
	}
	if d.root == nil || d.root.strict() {
		if err := d.judge(); err != nil {
			return err
		}
	}
	d.finish()
	return nil
}

// judge refuses a document whose characters are none of XML: another parser would refuse it as a whole.
func (d *decoder) judge() error {
	body := d.doc[frame.ECMA323HeaderLen:]
	switch {
	case !utf8.Valid(body):
		return d.failAs(codec.ErrUTF8, frame.ECMA323HeaderLen+validPrefix(body), "")
	case d.foreign > 0 && !isASCII(body):
		return d.failAs(codec.ErrUTF8, d.foreign, "another encoding is declared")
	case d.odd > 0:
		return d.fail(d.odd, "a character that XML does not allow")
	case d.foreign > 0 && d.lesson != nil:
		d.lesson.failed = true // a text of its shape may be more than ASCII
	}
	return nil
}

// note remembers the first character that XML does not allow.
func (d *decoder) note(at int) {
	if d.odd == 0 {
		d.odd = at
	}
}

// byteOrderMark returns the mark at the start of body, if it has one.
func byteOrderMark(body []byte) []byte {
	if bytes.HasPrefix(body, []byte("\uFEFF")) {
		return body[:3]
	}
	return nil
}

// validPrefix returns how many bytes of b are UTF-8.
func validPrefix(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// document reads to the end of the frame.
func (d *decoder) document() error {
	for d.pos < len(d.doc) {
		var err error
		switch {
		case d.doc[d.pos] != '<':
			err = d.text()
		case d.pos+1 == len(d.doc):
			return d.fail(d.pos, "a tag is cut short")
		case d.doc[d.pos+1] == '/':
			err = d.endTag()
		case d.doc[d.pos+1] == '?':
			err = d.instruction()
		case d.doc[d.pos+1] == '!':
			err = d.declaration()
		default:
			err = d.startTag()
		}
		if err != nil {
			return err
		}
	}
	if !d.done {
		return d.fail(d.pos, "the document ends before its root")
	}
	return nil
}

// fail returns a SyntaxError at a byte of the frame.
func (d *decoder) fail(offset int, reason string) error {
	return d.failAs(codec.ErrSyntax, offset, reason)
}

func (d *decoder) failAs(err error, offset int, reason string) error {
	e := &codec.SyntaxError{Offset: offset, Err: err, Reason: reason}
	if d.depth > 0 {
		name := d.open[d.depth-1].name
		e.Element = string(d.doc[name.start:min(name.end, name.start+64)])
	}
	return e
}

// name reads the name at pos and moves past it.
func (d *decoder) name() (span, bool) {
	start, i, wide := d.pos, d.pos, byte(0)
	if i == len(d.doc) || nameClass[d.doc[i]]&nameFirst == 0 {
		return span{}, false
	}
	for i < len(d.doc) && nameClass[d.doc[i]] != 0 {
		wide |= d.doc[i]
		i++
	}
	if wide >= utf8.RuneSelf && !isName(d.doc[start:i]) {
		return span{}, false
	}
	d.pos = i
	return span{start, i}, true
}

// space moves past white space.
func (d *decoder) space() {
	for d.pos < len(d.doc) && isSpace(d.doc[d.pos]) {
		d.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// startTag reads a start tag or an empty-element tag.
func (d *decoder) startTag() error {
	if d.done {
		return d.fail(d.pos, "a second root")
	}
	if d.depth == len(d.open) {
		return d.failAs(codec.ErrDepth, d.pos, "")
	}
	d.pos++
	name, ok := d.name()
	if !ok {
		return d.fail(d.pos, "an element name is expected")
	}
	prefix, local, ok := localName(d.doc[name.start:name.end])
	if !ok {
		return d.fail(name.start, "a name with two colons")
	}
	e := &d.open[d.depth]
	*e = element{name: name}
	if d.depth == 0 {
		d.local = span{name.end - len(local), name.end}
		d.begin(prefix, local, e)
	} else if in := d.open[d.depth-1].in; in != inNothing {
		e.rule = rules[in][symbols.find(local)]
		e.in = e.rule.next
		if e.rule.field == sameField {
			e.rule.field = d.open[d.depth-1].rule.field
		}
	}
	d.depth++
	empty, err := d.attributes(e)
	if err != nil {
		return err
	}
	e.content = d.pos
	if d.lesson != nil {
		d.lesson.start(e)
	}
	if e.rule.do.begins() {
		d.apply(e.rule, numberForm{}, nil)
	}
	if empty {
		d.close(e, d.pos, true)
	}
	return nil
}

// attributes reads a start tag from after its name to its end.
func (d *decoder) attributes(e *element) (empty bool, err error) {
	for {
		d.space()
		if d.pos == len(d.doc) {
			return false, d.fail(d.pos, "a tag is cut short")
		}
		switch d.doc[d.pos] {
		case '>':
			d.pos++
			return false, nil
		case '/':
			if d.pos+1 == len(d.doc) || d.doc[d.pos+1] != '>' {
				return false, d.fail(d.pos, "/> is expected")
			}
			d.pos += 2
			return true, nil
		}
		if err := d.attribute(e); err != nil {
			return false, err
		}
	}
}

// attribute reads one attribute: of a device its typeOfNumber counts, of the root its namespace.
func (d *decoder) attribute(e *element) error {
	name, ok := d.name()
	if !ok {
		return d.fail(d.pos, "an attribute name is expected")
	}
	prefix, local, ok := localName(d.doc[name.start:name.end])
	if !ok {
		return d.fail(name.start, "a name with two colons")
	}
	d.space()
	if d.pos == len(d.doc) || d.doc[d.pos] != '=' {
		return d.fail(d.pos, "= is expected")
	}
	d.pos++
	d.space()
	value, err := d.attributeValue()
	if err != nil {
		return err
	}
	switch {
	case d.depth == 1 && len(d.prefix) == 0 && len(prefix) == 0 && string(local) == "xmlns",
		d.depth == 1 && len(d.prefix) > 0 && string(prefix) == "xmlns" &&
			bytes.Equal(local, d.prefix):
		d.namespace = value
	case e.rule.do == doDevice && string(local) == "typeOfNumber":
		e.number = formOf(trim(value))
	}
	return nil
}

// endTag reads an end tag and closes its element.
func (d *decoder) endTag() error {
	if d.depth == 0 {
		return d.fail(d.pos, "an end tag without its element")
	}
	at := d.pos
	e := &d.open[d.depth-1]
	name := d.doc[e.name.start:e.name.end]
	d.pos += 2
	if !bytes.HasPrefix(d.doc[d.pos:], name) {
		return d.fail(at, "another element's end tag")
	}
	d.pos += len(name)
	d.space()
	if d.pos == len(d.doc) || d.doc[d.pos] != '>' {
		return d.fail(at, "another element's end tag, or one cut short")
	}
	d.pos++
	d.close(e, at, false)
	return nil
}

// close ends an element whose content ends at end, and hands its value to the message.
func (d *decoder) close(e *element, end int, empty bool) {
	d.depth--
	d.done = d.depth == 0
	if d.lesson != nil {
		d.lesson.close(e, end)
	}
	switch {
	case e.rule.do == doNothing || e.rule.do.begins():
		return
	case e.rule.do.raw():
		d.apply(e.rule, e.number, d.doc[e.content:end])
		return
	case e.rule.do == doCrossRef && !empty:
		d.crossRef = span{e.content, end}
	case e.rule.do == doRegister && !empty:
		d.register = span{e.content, end}
	}
	d.apply(e.rule, e.number, trim(e.value))
}

// instruction reads a processing instruction. An XML declaration may stand anywhere and must say
// version 1.0 and, but for what judge allows, UTF-8, if it says anything.
func (d *decoder) instruction() error {
	at := d.pos
	d.pos += 2
	target, ok := d.name()
	if !ok {
		return d.fail(at, "a processing instruction without a target")
	}
	d.space()
	n := bytes.Index(d.doc[d.pos:], []byte("?>"))
	if n < 0 {
		return d.fail(at, "a processing instruction without an end")
	}
	content := d.doc[d.pos : d.pos+n]
	d.pos += n + 2
	if string(d.doc[target.start:target.end]) != "xml" {
		return nil
	}
	version := pseudoAttribute("version=", content)
	if len(version) > 0 && string(version) != "1.0" {
		return d.fail(at, "a version of XML other than 1.0")
	}
	encoding := pseudoAttribute("encoding=", content)
	if len(encoding) > 0 && !bytes.EqualFold(encoding, []byte("utf-8")) {
		d.foreign = at
	}
	return nil
}

func isASCII(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// pseudoAttribute finds the value of param (with its equals sign) in an XML declaration the way
// encoding/xml does: at its first occurrence that a quote follows.
func pseudoAttribute(param string, content []byte) []byte {
	for {
		k := bytes.Index(content, []byte(param))
		if k < 0 || k+len(param) >= len(content) {
			return nil
		}
		quote := content[k+len(param)]
		content = content[k+len(param)+1:]
		if quote == '\'' || quote == '"' {
			value, _, closed := bytes.Cut(content, []byte{quote})
			if !closed {
				return nil
			}
			return value
		}
	}
}

// declaration reads a comment or a CDATA section, and refuses a document type.
func (d *decoder) declaration() error {
	at, rest := d.pos, d.doc[d.pos+2:]
	switch {
	case len(rest) == 0:
		return d.fail(at, "a tag is cut short")
	case bytes.HasPrefix(rest, []byte("--")):
		n := bytes.Index(rest[2:], []byte("--"))
		if n < 0 || 2+n+2 == len(rest) || rest[2+n+2] != '>' {
			return d.fail(at, "a comment without an end, or with -- in it")
		}
		d.pos += 2 + 2 + n + 3
		return nil
	case bytes.HasPrefix(rest, []byte("[CDATA[")):
		return d.cdata()
	case rest[0] == '-' || rest[0] == '[':
		return d.fail(at, "neither a comment nor a CDATA section")
	default:
		return d.failAs(codec.ErrDTD, at, "")
	}
}
