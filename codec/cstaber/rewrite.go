package cstaber

import (
	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// SetInvokeID appends a copy of frm under another invoke ID. See codec.Codec.
func (c *Codec) SetInvokeID(dst, frm []byte, id csta.InvokeID) ([]byte, error) {
	var e ber.Element
	pdu := ber.Read(frm, c.framing.HeaderLen())
	if err := pdu.Next(&e); err != nil {
		return dst, err
	}
	if e.Tag < tagInvoke || e.Tag > tagReject {
		return dst, codec.ErrNoField
	}
	inner := e.Content()
	if !inner.More() {
		return dst, codec.ErrNoField
	}
	if err := inner.Next(&e); err != nil {
		return dst, err
	}
	if e.Tag != ber.Integer {
		return dst, codec.ErrNoField
	}
	var room [8]byte
	encoded := ber.AppendInt(room[:0], ber.Integer, int64(id))
	return c.replace(dst, frm, e.Offset, encoded[2:])
}

// SetCrossRef appends a copy of frm in which the monitorCrossRefID is another. See codec.Codec.
func (c *Codec) SetCrossRef(dst, frm []byte, id csta.CrossRefID) ([]byte, error) {
	if err := c.locate(frm); err != nil {
		return dst, err
	}
	return c.replace(dst, frm, c.decoder.crossRef, id)
}

// SetRegister is SetCrossRef for the registration. See codec.Codec.
func (c *Codec) SetRegister(dst, frm []byte, id csta.RegisterID) ([]byte, error) {
	if err := c.locate(frm); err != nil {
		return dst, err
	}
	return c.replace(dst, frm, c.decoder.register, id)
}

// locate decodes a frame for the places of its identifiers alone.
func (c *Codec) locate(frm []byte) error {
	c.decoder.crossRef, c.decoder.register = 0, 0
	c.spare.Reset()
	return c.read(&c.spare, frm)
}

// replace appends a copy of frm with another content of the element at offset.
func (c *Codec) replace(dst, frm []byte, offset int, content []byte) ([]byte, error) {
	if offset == 0 {
		return dst, codec.ErrNoField
	}
	out, err := ber.Replace(c.framing.Begin(dst), frm, c.framing.HeaderLen(), offset, content)
	if err == nil {
		err = c.framing.Finish(out, len(dst))
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}
