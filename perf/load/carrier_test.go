package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Events are found in what a broker delivers however the network cuts it, and its other lines are passed over.
func TestDelivered(t *testing.T) {
	const prefix = "MSG c 1 "
	var stream []byte
	var want [][]byte
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 200 {
		if i%7 == 0 {
			stream = append(stream, "INFO {}\r\n+OK\r\nMSG\r\n"...)
		}
		event := bytes.Repeat([]byte{'\r', '\n', byte(i)}, rnd.IntN(300))
		want = append(want, event)
		stream = fmt.Appendf(stream, "%s%d\r\n%s\r\n", prefix, len(event), event)
	}
	d := delivered{prefix: []byte(prefix)}
	got := 0
	for len(stream) > 0 {
		n := min(1+rnd.IntN(500), len(stream))
		d.Feed(bytes.Clone(stream[:n]))
		stream = stream[n:]
		for {
			f, err := d.Next()
			if err != nil {
				t.Fatal(err)
			}
			if f == nil {
				break
			}
			if !bytes.Equal(f, want[got]) {
				t.Fatalf("event %d has %d bytes, want %d", got, len(f), len(want[got]))
			}
			got++
		}
	}
	if got != len(want) {
		t.Errorf("%d events of %d", got, len(want))
	}
	d.Feed([]byte(prefix + "many\r\n"))
	if _, err := d.Next(); err == nil {
		t.Error("a length that is no number is taken")
	}
}
