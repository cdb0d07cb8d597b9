package load

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
)

// Carrier is the protocol of a broker that carries the events: what is said around them.
type Carrier struct {
	Publisher  string // said first by who publishes
	Subscriber string // and by who subscribes
	Publish    string // before the length of an event, in decimal
	Deliver    string // the same, as the broker says it to a subscriber
}

const lineEnd = "\r\n"

// wrap has every event said as a broker wants it.
func (e *events) wrap(c *Carrier) {
	e.after = []byte(lineEnd)
	for _, f := range e.frames {
		e.before = append(e.before, fmt.Appendf(nil, "%s%d%s", c.Publish, len(f), lineEnd))
	}
}

// dial calls the broker and publishes on it.
func (x *exchange) dial(ctx context.Context, address string, c *Carrier) error {
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = socket.Close() })
	go func() { _, _ = io.Copy(io.Discard, socket) }() // the broker's answers
	x.socket = socket
	_, err = io.WriteString(socket, c.Publisher)
	return err
}

// delivered cuts events out of what a broker delivers, and passes over its other lines.
type delivered struct {
	prefix []byte
	rest   []byte
	carry  []byte
}

// Feed takes a read; it is valid until Next has returned nil.
func (d *delivered) Feed(b []byte) {
	if len(d.carry) > 0 {
		d.carry = append(d.carry, b...)
		b = d.carry
	}
	d.rest = b
}

// Next returns the next event, nil where none is whole.
func (d *delivered) Next() ([]byte, error) {
	for len(d.rest) >= len(d.prefix) {
		head, _, whole := bytes.Cut(d.rest, []byte(lineEnd))
		if !bytes.HasPrefix(d.rest, d.prefix) {
			if !whole {
				break
			}
			d.rest = d.rest[len(head)+len(lineEnd):]
			continue
		}
		digits, _, whole := bytes.Cut(d.rest[len(d.prefix):], []byte(lineEnd))
		if !whole {
			break
		}
		n, err := strconv.Atoi(string(digits))
		if err != nil {
			return nil, err
		}
		start := len(d.prefix) + len(digits) + len(lineEnd)
		if len(d.rest) < start+n+len(lineEnd) {
			break
		}
		f := d.rest[start : start+n]
		d.rest = d.rest[start+n+len(lineEnd):]
		return f, nil
	}
	d.carry = append(d.carry[:0], d.rest...)
	d.rest = nil
	return nil, nil
}
