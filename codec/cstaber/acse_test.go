package cstaber_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// acse is a codec of bare PDUs: what it decodes and appends is what stands in the standard.
func acse() *cstaber.Codec { return cstaber.New(cstaber.Phase3, frame.BER) }

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func associate(a csta.Association) csta.Message {
	return csta.Message{Kind: csta.KindRequest, Service: csta.Associate, Association: a}
}

// panasonicGrant is what a KX-TDE answers to cstaber.AssociationPanasonic.
func panasonicGrant() csta.Message {
	a := cstaber.AssociationPanasonic()
	a.Result, a.Source, a.Diagnostic = csta.ResultAccepted, csta.SourceUser, csta.DiagnosticNoReason
	return csta.Message{Kind: csta.KindResponse, Service: csta.Associate, Association: a}
}

// acseCases are PDUs of ACSE and what they say. Those of vendors are in the form that they have.
func acseCases() map[string]csta.Message {
	hipath := cstaber.AssociationHiPath()
	hipath.User, hipath.Password = []byte("u"), csta.Secret("p")
	granted := cstaber.AssociationHiPath()
	granted.Result, granted.Source = csta.ResultAccepted, csta.SourceUser
	granted.Answer = []byte("\xa2\x08\xa0\x06\xa1\x04\x04\x00\x04\x00")
	newForm := cstaber.AssociationPanasonic()
	newForm.VersionBits, newForm.Versions = 19, csta.VersionECMA285Ed4|csta.VersionECMA285Ed3
	newForm.Required, newForm.Supplied, newForm.Private = []byte("\x80\x01\x00"), []byte{}, []byte("\x02\x01\x05")
	return map[string]csta.Message{
		"60 0a a1 08 06 06 2b0c00813401": associate(csta.Association{
			Context: cstaber.AssociationPhase1().Context,
		}),
		"60 23 80 02 07 80 a1 07 06 05 2b0c00815a be 14 28 12 06 07 2b0c00821d8148" +
			"a0 07 a0 05 03 03 00 08 00": associate(cstaber.AssociationPanasonic()),
		"61 2f 80 02 07 80 a1 07 06 05 2b0c00815a a2 03 02 01 00 a3 05 a1 03 02 01 01" +
			"be 14 28 12 06 07 2b0c00821d8148 a0 07 a0 05 03 03 00 08 00": panasonicGrant(),
		"60 28 a1 07 06 05 2b0c00815a 8a 02 06 80 ac 0c a2 0a a0 08 a0 06 04 01 75 04 01 70" +
			"be 0b 28 09 a0 07 a0 05 03 03 00 10 00": associate(hipath),
		"61 32 a1 07 06 05 2b0c00815a a2 03 02 01 00 a3 05 a1 03 02 01 00 88 02 06 80" +
			"aa 0a a2 08 a0 06 a1 04 04 00 04 00 be 0b 28 09 a0 07 a0 05 03 03 00 10 00": {
			Kind: csta.KindResponse, Service: csta.Associate, Association: granted,
		},
		"61 15 a1 07 06 05 2b0c00815a a2 03 02 01 01 a3 05 a1 03 02 01 0d": {
			Kind: csta.KindError, Service: csta.Associate, Association: csta.Association{
				Context: hipath.Context, Result: csta.ResultRejectedPermanent, Source: csta.SourceUser,
				Diagnostic: csta.DiagnosticAuthenticationFailure,
			},
		},
		"61 0c a2 03 02 01 02 a3 05 a2 03 02 01 02": {
			Kind: csta.KindError, Service: csta.Associate, Association: csta.Association{
				Result: csta.ResultRejectedTransient, Source: csta.SourceProvider,
				Diagnostic: csta.DiagnosticProviderNoCommonVersion,
			},
		},
		"60 30 80 02 07 80 a1 07 06 05 2b0c00815a be 21 28 1f 06 07 2b0c00821d8148" +
			"a0 14 a0 12 03 04 05 00 02 20 a0 03 80 01 00 a1 00 a2 03 02 01 05": associate(newForm),
		"60 13 a1 07 06 05 2b0c00815a 8a 02 06 80 ac 04 80 02 70 77": associate(csta.Association{
			Context: hipath.Context, Password: csta.Secret("pw"),
		}),
		"62 00": {Kind: csta.KindRequest, Service: csta.Release},
		"62 03 80 01 00": {
			Kind: csta.KindRequest, Service: csta.Release,
			Association: csta.Association{Reason: csta.ReasonNormal},
		},
		"62 03 80 01 1e": {
			Kind: csta.KindRequest, Service: csta.Release,
			Association: csta.Association{Reason: csta.ReasonUserDefined},
		},
		"63 03 80 01 01": {
			Kind: csta.KindResponse, Service: csta.Release,
			Association: csta.Association{Reason: csta.ReasonNotFinished},
		},
		"64 03 80 01 00": {
			Kind: csta.KindRequest, Service: csta.Abort,
			Association: csta.Association{Source: csta.SourceUser},
		},
		"64 06 80 01 01 81 01 02": {
			Kind: csta.KindRequest, Service: csta.Abort,
			Association: csta.Association{Source: csta.SourceProvider, Diagnostic: 2},
		},
	}
}

func TestACSE(t *testing.T) {
	c := acse()
	for text, want := range acseCases() {
		frm := unhex(t, text)
		var got csta.Message
		if err := c.Decode(&got, frm); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := codectest.Diff(&got, &want); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		again, err := c.Append([]byte("kept"), &want)
		if err != nil || !bytes.Equal(again, append([]byte("kept"), frm...)) {
			t.Errorf("%s was written as %x, %v", text, again, err)
		}
	}
}

// TestACSELiberal: what other stacks may write differently says the same.
func TestACSELiberal(t *testing.T) {
	plain := associate(cstaber.AssociationPanasonic())
	bare := associate(csta.Association{ProtocolVersion: true, Context: plain.Association.Context})
	login := cstaber.AssociationHiPath()
	login.User, login.Password = []byte("user"), csta.Secret("pass")
	withLogin := associate(login)
	for name, c := range map[string]struct {
		text string
		want csta.Message
	}{
		"indefinite lengths": {
			"60 80 80 02 07 80 a1 80 06 05 2b0c00815a 00 00 be 80 28 80 06 07 2b0c00821d8148" +
				"a0 80 a0 80 03 03 00 08 00 00 00 00 00 00 00 00 00 00 00", plain,
		},
		"unknown elements": {
			"60 30 80 02 07 80 a1 07 06 05 2b0c00815a a2 03 06 01 2a a6 02 05 00 9f 1f 01 00" +
				"be 14 28 12 06 07 2b0c00821d8148 a0 07 a0 05 03 03 00 08 00", plain,
		},
		"octet-aligned": {
			"60 23 80 02 07 80 a1 07 06 05 2b0c00815a be 14 28 12 06 07 2b0c00821d8148" +
				"81 07 a0 05 03 03 00 08 00", plain,
		},
		"octets that are no elements": {
			"60 23 80 02 07 80 a1 07 06 05 2b0c00815a be 14 28 12 06 07 2b0c00821d8148" +
				"81 07 a0 05 03 04 00 08 00", bare,
		},
		"octets of elements too deep": {
			"60 80 80 02 07 80 a1 07 06 05 2b0c00815a be 80 28 80 06 07 2b0c00821d8148 81 82 00 fd" +
				"a0 80 03 03 00 08 00 a2 80" + strings.Repeat("30 80", 60) + strings.Repeat("00 00", 62) +
				"00 00 00 00 00 00", bare,
		},
		"a login in pieces": {
			"60 80 a1 07 06 05 2b0c00815a 8a 02 06 80 ac 1a a2 18 a0 16 a0 14 24 08 04 02 7573 04 02 6572" +
				"24 08 04 02 7061 04 02 7373 be 0b 28 09 a0 07 a0 05 03 03 00 10 00 00 00", withLogin,
		},
	} {
		var got csta.Message
		if err := acse().Decode(&got, unhex(t, c.text)); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := codectest.Diff(&got, &c.want); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestACSEFaults(t *testing.T) {
	for name, text := range map[string]string{
		"no context":             "60 04 80 02 07 80",
		"an empty context":       "60 04 a1 02 06 00",
		"a context of text":      "60 05 a1 03 04 01 2b",
		"no result":              "61 09 a1 07 06 05 2b0c00815a",
		"a result out of bounds": "61 05 a2 03 02 01 03",
		"a negative result":      "61 05 a2 03 02 01 ff",
		"a long diagnostic":      "61 0d a2 03 02 01 00 a3 06 a1 04 02 02 01 00",
		"a version of text":      "60 14 a1 07 06 05 2b0c00815a be 09 28 07 a0 05 a0 03 04 01 00",
		"a wrong bit string":     "60 15 a1 07 06 05 2b0c00815a be 0a 28 08 a0 06 a0 04 03 02 09 00",
		"a huge reason":          "62 03 80 01 ff",
		"a reason of 5 octets":   "62 07 80 05 01 01 01 01 01",
		"a strange abort":        "64 03 80 01 07",
		"cut within":             "62 04 80 01 00 80",
	} {
		var got csta.Message
		err := acse().Decode(&got, unhex(t, text))
		if !errors.Is(err, codec.ErrSyntax) || got.Kind != csta.KindUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text := range acseCases() {
		frm := unhex(t, text)
		for cut := range len(frm) {
			var got csta.Message
			if err := acse().Decode(&got, frm[:cut]); !errors.Is(err, codec.ErrSyntax) {
				t.Errorf("%s cut at %d: %v", text, cut, err)
			}
		}
	}
}

// TestPasswordsStayOutOfErrors: however a PDU with one is broken, nobody reads it in a log.
func TestPasswordsStayOutOfErrors(t *testing.T) {
	a := cstaber.AssociationHiPath()
	a.User, a.Password = []byte("operator"), csta.Secret("hunter2")
	msg := associate(a)
	frm, err := acse().Append(nil, &msg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frm {
		broken := bytes.Clone(frm)
		for _, octet := range []byte{0x00, 0x7F, 0xFF, broken[i] ^ 0x20} {
			broken[i] = octet
			var got csta.Message
			if err := acse().Decode(&got, broken); err != nil &&
				(strings.Contains(err.Error(), "hunter") || strings.Contains(err.Error(), "68756e")) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

func TestACSEUnsupported(t *testing.T) {
	hipath := cstaber.AssociationHiPath()
	for _, m := range []csta.Message{
		{Kind: csta.KindRequest, Service: csta.Associate},
		{Kind: csta.KindEvent, Service: csta.Associate},
		{Kind: csta.KindError, Service: csta.Release},
		{Kind: csta.KindResponse, Service: csta.Abort},
		{Kind: csta.KindReject, Service: csta.Release},
		associate(csta.Association{
			Context: hipath.Context, Form: csta.UserInfoNew, Private: []byte("\x04\x05half"),
		}),
	} {
		if out, err := acse().Append([]byte("kept"), &m); !errors.Is(err, codec.ErrUnsupported) || string(out) != "kept" {
			t.Errorf("%v of kind %d: %x, %v", m.Service, m.Kind, out, err)
		}
	}
}

// TestVendorsAssociations reads the frames of the vendors, where there are any, and writes them
// anew.
func TestVendorsAssociations(t *testing.T) {
	dir := codectest.Samples(t)
	hipath := cstaber.AssociationHiPath()
	hipath.User, hipath.Password = []byte("u"), csta.Secret("p")
	want := map[string]csta.Message{ // by how the line in front of the frame begins
		"panasonic app>pbx AARQ": associate(cstaber.AssociationPanasonic()),
		"panasonic pbx>app AARE": panasonicGrant(),
		"phase1 app>pbx AARQ": associate(csta.Association{
			Context: cstaber.AssociationPhase1().Context,
		}),
		"oxe app>pbx AARQ":              associate(cstaber.AssociationOXE()),
		"app>sw AARQ (with length)":     associate(cstaber.AssociationOXE()),
		"app>pbx AARQ {1 3 12 0 218}, ": associate(hipath),
	}
	found := 0
	for _, name := range []string{
		"aarq-aare-and-framing.txt", "oxe-phase2-other.txt", "siemens-hipath-phase3-client-frames.txt",
	} {
		text, err := os.ReadFile(filepath.Join(dir, "hex", name))
		if err != nil {
			text, err = os.ReadFile(filepath.Join(dir, name))
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i := range lines[1:] {
			for prefix, msg := range want {
				if strings.HasPrefix(lines[i], prefix) {
					found++
					checkVendor(t, lines[i], bare(unhex(t, lines[i+1])), msg)
				}
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d associations of %d were found", found, len(want))
	}
}

// bare drops the header of a frame that has one.
func bare(frm []byte) []byte {
	switch frm[0] {
	case 0:
		return frame.Length16.PDU(frm)
	case 0x26:
		return frame.HiPath26.PDU(frm)
	default:
		return frm
	}
}

func checkVendor(t *testing.T, name string, frm []byte, want csta.Message) {
	t.Helper()
	var got csta.Message
	if err := acse().Decode(&got, frm); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if diff := codectest.Diff(&got, &want); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
	if again, err := acse().Append(nil, &want); err != nil || !bytes.Equal(again, frm) {
		t.Errorf("%s: %x, %v", name, again, err)
	}
}

// FuzzACSE: decoding never panics, and what can be written of a PDU reads the same.
func FuzzACSE(f *testing.F) {
	for text := range acseCases() {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, frm []byte) {
		if len(frm) == 0 || frm[0] < 0x60 || frm[0] > 0x64 {
			return
		}
		var first, second csta.Message
		if acse().Decode(&first, frm) != nil {
			return
		}
		if first.Association.Result == csta.ResultNone && first.Kind == csta.KindError {
			t.Fatal("a rejection without a result")
		}
		once, err := acse().Append(nil, &first)
		if err != nil {
			t.Fatalf("%x cannot be written: %v", frm, err)
		}
		if err = acse().Decode(&second, once); err != nil {
			t.Fatalf("%x became %x: %v", frm, once, err)
		}
		twice, err := acse().Append(nil, &second)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x and %x, %v", frm, once, twice, err)
		}
	})
}
