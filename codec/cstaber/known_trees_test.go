package cstaber_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"haproxy/codec/ber"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/cstaber"
	"haproxy/codec/frame"
)

// tree is an element that can be changed and written again.
type tree struct {
	tag        byte
	indefinite bool
	content    []byte // of one that has no children
	children   []*tree
}

// planted reads the elements of a frame.
func planted(t *testing.T, c ber.Cursor) []*tree {
	t.Helper()
	var all []*tree
	for c.More() {
		var e ber.Element
		if err := c.Next(&e); err != nil {
			t.Fatal(err)
		}
		of := &tree{tag: byte(e.Tag)}
		if e.Tag.Constructed() {
			of.children = planted(t, e.Content())
		} else {
			of.content = e.Bytes()
		}
		all = append(all, of)
	}
	return all
}

func (n *tree) append(dst []byte) []byte {
	content := bytes.Clone(n.content)
	for _, child := range n.children {
		content = child.append(content)
	}
	switch size := len(content); {
	case n.indefinite:
		return append(append(append(dst, n.tag, 0x80), content...), 0, 0)
	case size < 0x80:
		return append(append(dst, n.tag, byte(size)), content...)
	default:
		return append(append(dst, n.tag, 0x82, byte(size>>8), byte(size)), content...)
	}
}

// grow changes a tree somewhere: an element more, or twice, one less, or one that is written otherwise.
func (n *tree) grow(r *rand.Rand) {
	for len(n.children) > 0 && r.IntN(3) > 0 {
		n = n.children[r.IntN(len(n.children))]
	}
	switch at := r.IntN(len(n.children) + 1); r.IntN(6) {
	case 0, 1:
		tags := []byte{0x02, 0x04, 0x0A, 0x10, 0x16, 0x24, 0x30, 0x4E, 0x61, 0x6B, 0x7E, 0x80, 0x83, 0xA0, 0xA5, 0xA8, 0xA9}
		added := &tree{tag: tags[r.IntN(len(tags))], indefinite: r.IntN(3) == 0}
		if added.indefinite || r.IntN(2) == 0 {
			added.tag |= 0x20
			added.children = []*tree{{tag: 0x04, content: []byte("inner text")}}
		} else {
			added.content = []byte("outer")
		}
		n.children = append(n.children[:at:at], append([]*tree{added}, n.children[at:]...)...)
	case 2:
		n.indefinite = len(n.children) > 0
	case 3:
		if n.tag ^= 0x20; n.tag&0x20 == 0 {
			n.indefinite = false
		}
	case 4:
		if at < len(n.children) {
			n.children = append(n.children, n.children[at])
		}
	default:
		if at < len(n.children) {
			n.children = append(n.children[:at:at], n.children[at+1:]...)
		}
	}
}

// change overwrites some octets, most as a peer that wants to deceive would.
func change(r *rand.Rand, frm []byte) []byte {
	out := bytes.Clone(frm)
	for range 1 + r.IntN(2) {
		with := [][]byte{
			{0, 0},
			{0, 0, 0, 0},
			{0x30, 0x80},
			{0x24, 0x80, 0, 0},
			{0x80, 1},
			{0xFF, 0xFF, 0xFF},
			{4, 2},
			[]byte("text"),
			{byte(r.IntN(256))},
		}
		copy(out[r.IntN(len(out)):], with[r.IntN(len(with))])
	}
	return out
}

// Whatever a peer says after it has taught a leg an event, the outcome is that of a leg that knows none.
func TestKnownLikeTheScan(t *testing.T) {
	const seed, frames = 20261128, 500
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var got csta.Message
	for i := range frames {
		phase := cstaber.Phase1 + cstaber.Phase(i%3)
		c := cstaber.New(phase, frame.BER)
		event := csta.EventUnknown + 1 + csta.Event(r.IntN(int(csta.EventCount-csta.EventUnknown-1)))
		frm, err := c.Append(nil, &csta.Message{
			Kind: csta.KindEvent, Event: event, Invoke: 300, CrossRef: csta.CrossRefID("4711"),
			Subject: codectest.Connection("call", "20021"), Secondary: codectest.Connection("cal2", "20022"),
			Device: codectest.Number("20023"), Calling: codectest.Number("2001555"), Called: codectest.Number("20024"),
			LastRedirection: codectest.Number("20031"), Destination: codectest.Number("20032"), AgentID: []byte("agent"),
			Group: codectest.Number("777"), Pending: csta.AgentReady, On: csta.SwitchOn, Local: csta.ConnectionAlerting,
			Cause: csta.CauseNewCall, Forwarding: csta.ForwardBusy, ForwardTo: codectest.Number("888"),
		})
		if err != nil {
			continue // the phase has no such event
		}
		root := planted(t, ber.Read(frm, 0))[0]
		for range r.IntN(4) {
			root.grow(r)
		}
		frm = root.append(nil)
		for range 3 {
			likeTheScan(t, phase, c, &got, frm)
		}
		for range 40 {
			likeTheScan(t, phase, c, &got, change(r, frm))
		}
	}
}
