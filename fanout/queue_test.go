package fanout

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestQueue pushes and pops pieces of all sizes: what comes out is what went in.
func TestQueue(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	var q queue
	var s spares
	var in, out []byte
	for range 300 {
		if chance.IntN(2) == 0 {
			b := make([]byte, chance.IntN(2*chunkSize/3))
			for i := 0; i < len(b); i += 1 + i/64 {
				b[i] = byte(chance.Uint32())
			}
			in = append(in, b...)
			q.push(&s, b)
		}
		if q.size > 0 {
			piece := q.peek()
			n := 1 + chance.IntN(len(piece))
			out = append(out, piece[:n]...)
			q.pop(&s, n)
		}
		if q.size != len(in)-len(out) {
			t.Fatalf("size %d, want %d", q.size, len(in)-len(out))
		}
	}
	for q.size > 0 {
		piece := q.peek()
		out = append(out, piece...)
		q.pop(&s, len(piece))
	}
	if !bytes.Equal(in, out) {
		t.Error("the bytes differ")
	}
	if q.peek() != nil || q.chunks != nil {
		t.Error("an empty queue holds on to something")
	}
	q.push(&s, make([]byte, 3*chunkSize))
	q.drop(&s)
	if q.size != 0 || q.peek() != nil || len(s) > spareMax {
		t.Errorf("after drop: size %d, %d spares", q.size, len(s))
	}
}

// TestCursor walks over runs in pieces, with and without room to gather, and loses nothing.
func TestCursor(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		var runs [][]byte
		for range chance.IntN(12) {
			run := make([]byte, chance.IntN([]int{10, 1000, 3 * handMax}[chance.IntN(3)]))
			for i := 0; i < len(run); i += 1 + i/8 {
				run[i] = byte(chance.Uint32())
			}
			runs = append(runs, run)
		}
		for _, room := range [][]byte{nil, make([]byte, 4096)} {
			c := cursor{runs: runs}
			var got []byte
			for piece := c.next(room); len(piece) > 0; piece = c.next(room) {
				if len(piece) > handMax {
					t.Fatalf("a piece of %d bytes", len(piece))
				}
				got = append(got, piece...)
			}
			if !bytes.Equal(got, bytes.Join(runs, nil)) {
				t.Fatal("the bytes differ")
			}
		}
	}
}
