package cstaber

import (
	"haproxy/codec"
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// appendACSE appends the PDU of a message of ACSE. See decodeACSE for the layout. What stands in it as
// it was given has to be elements.
func (c *Codec) appendACSE(dst []byte, msg *csta.Message) ([]byte, error) {
	w := acseWriter{buf: dst, a: &msg.Association}
	answer := msg.Kind == csta.KindResponse
	switch {
	case msg.Service == csta.Associate && msg.Kind == csta.KindRequest && len(w.a.Context) > 0:
		w.element(tagAARQ, w.aarq)
	case msg.Service == csta.Associate && (answer || msg.Kind == csta.KindError):
		w.element(tagAARE, func() { w.aare(answer) })
	case msg.Service == csta.Release && msg.Kind == csta.KindRequest:
		w.element(tagRLRQ, w.reason)
	case msg.Service == csta.Release && answer:
		w.element(tagRLRE, w.reason)
	case msg.Service == csta.Abort && msg.Kind == csta.KindRequest:
		w.element(tagABRT, w.abort)
	default:
		return dst, codec.ErrUnsupported
	}
	var pdu ber.Element
	if c := ber.Read(w.buf, len(dst)); c.Next(&pdu) != nil || pdu.Content().Check() != nil {
		return dst, codec.ErrUnsupported
	}
	return w.buf, nil
}

// acseWriter writes the PDUs of ACSE.
type acseWriter struct {
	buf []byte
	a   *csta.Association
}

// element writes an element around what content writes.
func (w *acseWriter) element(tag ber.Tag, content func()) {
	var mark int
	w.buf, mark = ber.Begin(w.buf, tag)
	content()
	w.buf = ber.End(w.buf, mark)
}

func (w *acseWriter) bytes(tag ber.Tag, content []byte) {
	w.buf = ber.AppendBytes(w.buf, tag, content)
}

func (w *acseWriter) int(tag ber.Tag, n int) { w.buf = ber.AppendInt(w.buf, tag, int64(n)) }

func (w *acseWriter) aarq() {
	w.head()
	if len(w.a.User) > 0 || len(w.a.Password) > 0 {
		w.authenticationUnit(acseSenderUnit)
		w.element(acseCalling, w.authentication)
	}
	w.userInfo()
}

func (w *acseWriter) aare(accepted bool) {
	w.head()
	result := w.a.Result
	switch {
	case accepted:
		result = csta.ResultAccepted
	case result <= csta.ResultAccepted:
		result = csta.ResultRejectedPermanent
	}
	w.element(acseResult, func() { w.int(ber.Integer, int(result-csta.ResultAccepted)) })
	source := ber.Tag(0xA1)
	if w.a.Source == csta.SourceProvider {
		source = 0xA2
	}
	w.element(acseWhy, func() {
		w.element(source, func() { w.int(ber.Integer, int(w.a.Diagnostic)) })
	})
	if len(w.a.Answer) > 0 {
		w.authenticationUnit(acseResponderUnit)
		w.bytes(acseResponding, w.a.Answer)
	}
	w.userInfo()
}

// head writes what AARQ and AARE begin with.
func (w *acseWriter) head() {
	if w.a.ProtocolVersion {
		w.bytes(acseProtocolVersion, []byte{7, 0x80}) // version1 of one bit
	}
	if len(w.a.Context) > 0 {
		w.element(acseContext, func() { w.bytes(ber.OID, w.a.Context) })
	}
}

// authenticationUnit says that the functional unit of authentication is used: bit 0 of two, as a
// HiPath has it.
func (w *acseWriter) authenticationUnit(tag ber.Tag) { w.bytes(tag, []byte{6, 0x80}) }

func (w *acseWriter) authentication() {
	if len(w.a.User) == 0 {
		w.bytes(acseCharacters, w.a.Password)
		return
	}
	w.element(acseOtherSyntax, func() {
		w.element(acseSingleType, func() {
			w.element(acseLogin, func() {
				w.bytes(ber.OctetString, w.a.User)
				w.bytes(ber.OctetString, w.a.Password)
			})
		})
	})
}

func (w *acseWriter) userInfo() {
	if w.a.Form == csta.UserInfoNone {
		return
	}
	w.element(acseUserInfo, func() {
		w.element(acseExternal, func() {
			if len(w.a.Reference) > 0 {
				w.bytes(ber.OID, w.a.Reference)
			}
			w.element(acseSingleType, w.form)
		})
	})
}

func (w *acseWriter) form() {
	if w.a.Form == csta.UserInfoOld {
		w.element(ber.Sequence, func() {
			w.versions()
			w.bytes(ber.Sequence, w.a.Required)
			w.bytes(ber.Sequence, w.a.Supplied)
		})
		return
	}
	w.element(acseNewForm, func() {
		w.versions()
		for i, list := range [][]byte{w.a.Required, w.a.Supplied, w.a.Private} {
			if list != nil {
				w.bytes(0xA0+ber.Tag(i), list)
			}
		}
	})
}

// versions writes CSTAVersion with as many bits as it is to have, or as it takes.
func (w *acseWriter) versions() {
	w.bits(ber.BitString, uint64(w.a.Versions), int(w.a.VersionBits))
}

// bits writes a BIT STRING of so many bits at least.
func (w *acseWriter) bits(tag ber.Tag, set uint64, count int) {
	for set>>count != 0 {
		count++
	}
	octets := (count + 7) / 8
	w.buf = ber.AppendHeader(w.buf, tag, 1+octets)
	w.buf = append(w.buf, byte(8*octets-count))
	for i := range octets {
		octet := byte(0)
		for k := range 8 {
			octet |= byte(set>>(8*i+k)&1) << (7 - k)
		}
		w.buf = append(w.buf, octet)
	}
}

func (w *acseWriter) reason() {
	if w.a.Reason != csta.ReasonNone {
		w.int(acseReason, int(w.a.Reason-csta.ReasonNormal))
	}
}

func (w *acseWriter) abort() {
	source := 0
	if w.a.Source == csta.SourceProvider {
		source = 1
	}
	w.int(acseSource, source)
	if w.a.Diagnostic != 0 {
		w.int(acseDiagnostic, int(w.a.Diagnostic))
	}
}
