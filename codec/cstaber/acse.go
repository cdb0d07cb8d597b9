package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// The PDUs of ACSE (X.227) as CSTA carries them. Elements that are not drawn here are passed over.
//
//	60  AARQ  [80 version] | A1 {06 context} | [8A requirements] | [AC {authentication}] | [BE {28 user information}]
//	61  AARE  [80 version] | A1 {06 context} | A2 {02 result} | A3 {A1 user or A2 provider {02 diagnostic}} |
//	          [88 requirements] | [AA {authentication}] | [BE {28 user information}]
//	62  RLRQ  [80 reason]
//	63  RLRE  [80 reason]
//	64  ABRT  80 source | [81 diagnostic]
//
// The user information is an EXTERNAL around one of the forms of ECMA-285's module
// CSTA-application-context-information:
//
//	28 { [06 reference] | A0 { form } or 81 octets of it }
//	30 { 03 versions | 30 required | 30 supplied }               old
//	A0 { 03 versions | [A0 required] | [A1 supplied] | [A2 private] }  new
//
// The authentication of a HiPath is an EXTERNAL as well, without a reference; others may have the
// password in characters:
//
//	A2 { A0 { A0 { 04 user | 04 password } } }                   AARQ
//	A2 { A0 { A1 { stamp | system version } } }                  AARE
//	80 password
const (
	tagAARQ ber.Tag = 0x60
	tagAARE ber.Tag = 0x61
	tagRLRQ ber.Tag = 0x62
	tagRLRE ber.Tag = 0x63
	tagABRT ber.Tag = 0x64

	acseProtocolVersion ber.Tag = 0x80 // in AARQ and AARE
	acseReason          ber.Tag = 0x80 // in RLRQ and RLRE
	acseSource          ber.Tag = 0x80 // in ABRT
	acseDiagnostic      ber.Tag = 0x81 // in ABRT
	acseContext         ber.Tag = 0xA1
	acseResult          ber.Tag = 0xA2
	acseWhy             ber.Tag = 0xA3
	acseResponderUnit   ber.Tag = 0x88
	acseSenderUnit      ber.Tag = 0x8A
	acseResponding      ber.Tag = 0xAA
	acseCalling         ber.Tag = 0xAC
	acseUserInfo        ber.Tag = 0xBE

	acseExternal    ber.Tag = 0x28
	acseSingleType  ber.Tag = 0xA0 // in EXTERNAL
	acseOctets      ber.Tag = 0x81 // in EXTERNAL
	acseNewForm     ber.Tag = 0xA0
	acseCharacters  ber.Tag = 0x80 // of an authentication value
	acseOtherSyntax ber.Tag = 0xA2 // of an authentication value
	acseLogin       ber.Tag = 0xA0 // of a HiPath
)

// isACSE reports whether a message is one of ACSE.
func isACSE(m *csta.Message) bool {
	return m.Service >= csta.Associate && m.Service <= csta.Abort
}

// decodeACSE reads a PDU of ACSE. Its errors say where they are and never what stands there, which
// may be a password.
func (c *Codec) decodeACSE(msg *csta.Message, pdu *ber.Element) error {
	content := pdu.Content()
	if err := content.Check(); err != nil {
		return err
	}
	r := association{msg: msg, into: &msg.Association, pdu: pdu.Tag}
	msg.Kind = csta.KindRequest
	switch pdu.Tag {
	case tagAARQ:
		msg.Service = csta.Associate
	case tagAARE:
		msg.Service, msg.Kind = csta.Associate, csta.KindResponse
	case tagRLRQ:
		msg.Service = csta.Release
	case tagRLRE:
		msg.Service, msg.Kind = csta.Release, csta.KindResponse
	default:
		msg.Service = csta.Abort
	}
	if err := each(content, r.element); err != nil {
		return err
	}
	switch {
	case pdu.Tag == tagAARQ && len(r.into.Context) == 0:
		return pdu.Fault("the application context is missing")
	case pdu.Tag == tagAARE && r.into.Result == csta.ResultNone:
		return pdu.Fault("the result is missing")
	case pdu.Tag == tagAARE && r.into.Result != csta.ResultAccepted:
		msg.Kind = csta.KindError
	}
	return nil
}

// each reads the elements of a content.
func each(c ber.Cursor, read func(*ber.Element) error) error {
	var e ber.Element
	for c.More() {
		if err := c.Next(&e); err != nil {
			return err
		}
		if err := read(&e); err != nil {
			return err
		}
	}
	return nil
}

// association reads the elements of a PDU of ACSE.
type association struct {
	msg  *csta.Message
	into *csta.Association
	pdu  ber.Tag
}

// element reads one element of any of the PDUs.
func (r *association) element(e *ber.Element) error {
	switch r.pdu {
	case tagRLRQ, tagRLRE:
		return r.release(e)
	case tagABRT:
		return r.abort(e)
	default:
	}
	switch e.Tag {
	case acseProtocolVersion:
		r.into.ProtocolVersion = true
	case acseContext:
		return r.context(e)
	case acseUserInfo:
		return each(e.Content(), r.external)
	default:
		if r.pdu == tagAARE {
			return r.answer(e)
		}
		if e.Tag == acseCalling {
			return each(e.Content(), r.authentication)
		}
	}
	return nil
}

// answer reads an element that only an AARE has.
func (r *association) answer(e *ber.Element) error {
	switch e.Tag {
	case acseResult:
		return each(e.Content(), func(e *ber.Element) error {
			n, err := small(e, 2)
			r.into.Result = csta.AssociateResult(n) + csta.ResultAccepted
			return err
		})
	case acseWhy:
		return each(e.Content(), r.diagnostic)
	case acseResponding:
		r.into.Answer = e.Bytes()
	default:
	}
	return nil
}

// diagnostic reads A1 {02 n} of a service user, or A2 of a provider.
func (r *association) diagnostic(source *ber.Element) error {
	switch source.Tag {
	case 0xA1:
		r.into.Source = csta.SourceUser
	case 0xA2:
		r.into.Source = csta.SourceProvider
	default:
		return nil
	}
	return each(source.Content(), func(e *ber.Element) error {
		n, err := small(e, 255)
		r.into.Diagnostic = csta.Diagnostic(n)
		return err
	})
}

func (r *association) context(e *ber.Element) error {
	return each(e.Content(), func(e *ber.Element) error {
		if e.Tag != ber.OID || len(e.Bytes()) == 0 {
			return e.Fault("not an application context")
		}
		r.into.Context = e.Bytes()
		return nil
	})
}

func (r *association) release(e *ber.Element) error {
	if e.Tag != acseReason {
		return nil
	}
	n, err := small(e, 254)
	r.into.Reason = csta.ReasonNormal + csta.ReleaseReason(n)
	return err
}

func (r *association) abort(e *ber.Element) error {
	switch e.Tag {
	case acseSource:
		n, err := small(e, 1)
		r.into.Source = csta.SourceUser + csta.DiagnosticSource(n)
		return err
	case acseDiagnostic:
		n, err := small(e, 255)
		r.into.Diagnostic = csta.Diagnostic(n)
		return err
	default:
		return nil
	}
}

// small reads an integer from 0 to most.
func small(e *ber.Element, most int32) (uint8, error) {
	n, err := e.Int()
	if err != nil {
		return 0, err
	}
	if n < 0 || n > most {
		return 0, e.Fault("a number out of bounds")
	}
	return uint8(n), nil
}
