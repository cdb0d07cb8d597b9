package cstaxml

import (
	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
	"haproxy/codec/mould"
)

// Codec translates the frames of one leg and learns the peer's style from what it decodes. The zero
// value is not usable.
type Codec struct {
	decoder decoder
	styles  [2]*style    // how the peer writes CSTA and, at 1, ECMA-354
	shown   [2]bool      // whether the peer has shown it
	spare   csta.Message // of locate
	shapes  shapes
	moulds  mould.Shelf[known]
}

var _ codec.Codec = (*Codec)(nil)

// New returns a Codec that writes edition 4 until a peer shows its own namespace.
func New() *Codec { return NewEdition(Edition4) }

// NewEdition returns a Codec that writes CSTA messages under the namespace until a peer shows its
// own. A session's protocol version is its namespace.
func NewEdition(namespace string) *Codec {
	return &Codec{styles: [2]*style{
		{declared: true, namespace: []byte(namespace)},
		{declared: true, namespace: []byte(SessionNamespace)},
	}}
}

// SetNamespace makes Append write CSTA messages under the namespace, as when a session negotiated
// another edition. What the peer shows after it wins again.
func (c *Codec) SetNamespace(namespace string) {
	s := *c.styles[0]
	s.namespace = []byte(namespace)
	c.styles[0] = &s
}

// Version returns the namespace of the peer's CSTA messages. See codec.Codec.
func (c *Codec) Version() string {
	if !c.shown[0] {
		return ""
	}
	return string(c.styles[0].namespace)
}

// scratchKeep is the most scratch that a message keeps for the next frame. No honest frame has as
// much escaped text; one made to be slow has some times that.
const scratchKeep = 2 * frame.ECMA323Max

// Decode resets msg and fills it from one whole frame. See codec.Codec.
func (c *Codec) Decode(msg *csta.Message, frm []byte) error {
	if cap(msg.Scratch) > scratchKeep {
		msg.Scratch = nil
	}
	invoke, err := readHeader(frm)
	if err != nil {
		begin(msg, invoke)
		return err
	}
	if of := c.recall(msg, invoke, frm); of != nil {
		c.follow(of.shape)
		return nil
	}
	known, key, err := c.read(msg, invoke, frm)
	switch {
	case err != nil:
		begin(msg, invoke)
		return err
	case known != nil:
		c.follow(known)
		if msg.Kind == csta.KindEvent {
			c.keep(known, msg, frm)
		}
	default:
		taught := c.learn(&c.decoder)
		if c.decoder.lesson != nil {
			c.shapes.keep(&c.decoder, taught, frm, key)
		}
	}
	return nil
}

// follow takes the style of a shape that the peer has shown again.
func (c *Codec) follow(s *shape) {
	if s.style != nil {
		c.styles[styleOf(s.root)] = s.style
	}
}

// begin resets a message to one of which only the header was read.
func begin(msg *csta.Message, invoke csta.InvokeID) {
	msg.Reset()
	msg.Invoke = invoke
}

// read resets msg and fills it from the document of a frame whose header was read: by its shape, which it
// returns, or else by the full scan.
func (c *Codec) read(msg *csta.Message, invoke csta.InvokeID, frm []byte) (known *shape, key uint32, err error) {
	begin(msg, invoke)
	d := &c.decoder
	d.lesson = nil
	if key = shapeKey(frm); key != 0 {
		if known = c.shapes.decode(d, msg, frm, key); known != nil {
			return known, key, nil
		}
		if c.shapes.worth(frm, key) {
			d.lesson = &c.shapes.lesson
			d.lesson.begin()
		}
		begin(msg, invoke) // one whose shape did not fit may have filled it
	}
	return nil, key, d.decode(msg, frm)
}

// readHeader reads the invoke ID. The splitter checked the header, but a frame may come from
// anywhere.
func readHeader(frm []byte) (csta.InvokeID, error) {
	if len(frm) < frame.ECMA323HeaderLen {
		return 0, badHeader(len(frm), "the header is cut short")
	}
	for i, digit := range frm[4:8] {
		if digit < '0' || digit > '9' {
			return 0, badHeader(4+i, "the invoke ID is not four digits")
		}
	}
	invoke := frame.ECMA323InvokeID(frm)
	if frm[0] != 0 || frm[1] != 0 || int(frm[2])<<8|int(frm[3]) != len(frm) {
		return invoke, badHeader(0, "the header does not fit the frame")
	}
	return invoke, nil
}

func badHeader(offset int, reason string) error {
	return &codec.SyntaxError{Offset: offset, Err: codec.ErrSyntax, Reason: reason}
}

// learn remembers the style of a message that was decoded and returns it, nil where it teaches
// none.
func (c *Codec) learn(d *decoder) *style {
	if d.root == nil || len(d.prefix) > prefixMax || len(d.namespace) > namespaceMax ||
		len(d.prefix) > 0 && len(d.namespace) == 0 {
		return nil
	}
	i := styleOf(d.root)
	c.shown[i] = true
	seen := style{declared: d.declared, prefix: d.prefix, namespace: d.namespace}
	if !seen.equal(c.styles[i]) {
		c.styles[i] = &style{
			declared:  seen.declared,
			prefix:    append([]byte(nil), seen.prefix...),
			namespace: append([]byte(nil), seen.namespace...),
		}
	}
	return c.styles[i]
}

// styleOf returns which of the two styles a message has.
func styleOf(r *root) int {
	if r.session() {
		return 1
	}
	return 0
}

// InvokeIDs returns 0 and 9998: four digits, of which 9999 is reserved.
func (c *Codec) InvokeIDs() (first, last csta.InvokeID) { return 0, frame.ECMA323EventID - 1 }

// EventInvokeID returns 9999, the invoke ID of messages that get no answer.
func (c *Codec) EventInvokeID() (id csta.InvokeID, fixed bool) { return frame.ECMA323EventID, true }
