package cstaber

import (
	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// octetLevels bounds the depth of what an EXTERNAL has in octets: as deep as it may be outside of
// them, within the EXTERNAL, the user information and its element of a single type.
const octetLevels = codec.MaxDepth - 3

// external reads the EXTERNAL of the user information. One that holds something else says nothing
// of CSTA and is passed over, as are all after the first; octets that are no elements are something
// else.
func (r *association) external(e *ber.Element) error {
	if e.Tag != acseExternal || r.into.Form != csta.UserInfoNone {
		return nil
	}
	err := each(e.Content(), func(e *ber.Element) error {
		switch e.Tag {
		case ber.OID:
			r.into.Reference = e.Bytes()
		case acseOctets: // those of the form, which nothing has looked at
			if e.Content().CheckWithin(octetLevels) == nil {
				return each(e.Content(), r.form)
			}
		case acseSingleType:
			return each(e.Content(), r.form)
		default:
		}
		return nil
	})
	if r.into.Form == csta.UserInfoNone {
		r.into.Reference = nil // of something else
	}
	return err
}

// form reads the old or the new form of the user information.
func (r *association) form(form *ber.Element) error {
	c := form.Content()
	var e ber.Element
	if form.Tag != ber.Sequence && form.Tag != acseNewForm || !c.More() {
		return nil
	}
	if err := c.Next(&e); err != nil {
		return err
	}
	if err := r.versions(&e); err != nil {
		return err
	}
	if form.Tag == acseNewForm {
		r.into.Form = csta.UserInfoNew
		return each(c, r.newForm)
	}
	r.into.Form = csta.UserInfoOld
	lists := []*[]byte{&r.into.Required, &r.into.Supplied}
	return each(c, func(e *ber.Element) error {
		if e.Tag == ber.Sequence && len(lists) > 0 {
			*lists[0], lists = e.Bytes(), lists[1:]
		}
		return nil
	})
}

func (r *association) newForm(e *ber.Element) error {
	switch e.Tag {
	case 0xA0:
		r.into.Required = e.Bytes()
	case 0xA1:
		r.into.Supplied = e.Bytes()
	case 0xA2:
		r.into.Private = e.Bytes()
	default:
	}
	return nil
}

// versions reads CSTAVersion, and keeps how many bits it has: switches do not agree whether zeros
// at the end are written.
func (r *association) versions(e *ber.Element) error {
	if e.Tag.Primitive() != ber.BitString {
		return e.Fault("not a CSTAVersion")
	}
	bits, err := e.Bits()
	if err != nil {
		return err
	}
	r.into.Versions = csta.Versions(bits)
	if b := e.Bytes(); !e.Tag.Constructed() && len(b) <= 1+versionOctets {
		r.into.VersionBits = uint8(8*(len(b)-1)) - b[0]
	}
	return nil
}

// versionOctets bounds the octets of CSTAVersion: it has 24 bits.
const versionOctets = 4

// authentication reads the caller's authentication value.
func (r *association) authentication(e *ber.Element) error {
	switch e.Tag {
	case acseCharacters:
		r.into.Password = e.Bytes()
		return nil
	case acseOtherSyntax:
		return each(e.Content(), func(e *ber.Element) error {
			if e.Tag != acseSingleType {
				return nil
			}
			return each(e.Content(), r.login)
		})
	default:
		return nil
	}
}

// login reads A0 { 04 user | 04 password }.
func (r *association) login(e *ber.Element) error {
	if e.Tag != acseLogin {
		return nil
	}
	first := true
	return each(e.Content(), func(e *ber.Element) error {
		if e.Tag.Primitive() != ber.OctetString {
			return nil
		}
		value, scratch, err := e.Octets(r.msg.Scratch)
		r.msg.Scratch = scratch
		if first {
			r.into.User, first = value, false
		} else if r.into.Password == nil {
			r.into.Password = value
		}
		return err
	})
}
