package cstaxml

import (
	"haproxy/codec"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// SetInvokeID appends a copy of frm under another invoke ID. See codec.Codec.
func (c *Codec) SetInvokeID(dst, frm []byte, id csta.InvokeID) ([]byte, error) {
	if len(frm) < frame.ECMA323HeaderLen {
		return dst, codec.ErrNoField
	}
	if id < 0 || id > frame.ECMA323EventID {
		return dst, codec.ErrUnsupported
	}
	n := len(dst)
	dst = append(dst, frm...)
	frame.PutECMA323(dst[n:], len(frm), id)
	return dst, nil
}

// SetCrossRef appends a copy of frm in which the monitorCrossRefID of the message itself is
// another. See codec.Codec.
func (c *Codec) SetCrossRef(dst, frm []byte, id csta.CrossRefID) ([]byte, error) {
	if err := c.locate(frm); err != nil {
		return dst, err
	}
	return replace(dst, frm, c.decoder.crossRef, id)
}

// SetRegister is SetCrossRef for the registration. See codec.Codec.
func (c *Codec) SetRegister(dst, frm []byte, id csta.RegisterID) ([]byte, error) {
	if err := c.locate(frm); err != nil {
		return dst, err
	}
	return replace(dst, frm, c.decoder.register, id)
}

// locate decodes a frame for the places of its identifiers alone.
func (c *Codec) locate(frm []byte) error {
	invoke, err := readHeader(frm)
	if err != nil || c.recall(&c.spare, invoke, frm) != nil {
		return err
	}
	_, _, err = c.read(&c.spare, invoke, frm)
	return err
}

// replace appends a copy of frm with other content at a place of it.
func replace(dst, frm []byte, at span, value []byte) ([]byte, error) {
	if at == (span{}) {
		return dst, codec.ErrNoField
	}
	w := writer{buf: append(dst, frm[:at.start]...)}
	w.text(value)
	w.buf = append(w.buf, frm[at.end:]...)
	return w.finish(dst, frame.ECMA323InvokeID(frm))
}
