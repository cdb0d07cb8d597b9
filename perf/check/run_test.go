package check_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"haproxy/codec"
	"haproxy/codec/cstaxml"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// The two simulators run against each other over TCP and report what they did.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	plant := switchsim.Plant{Stations: 30}
	r, w := io.Pipe()
	switchErr := make(chan error, 1)
	var heard bytes.Buffer
	go func() {
		err := switchsim.Run(ctx, switchsim.RunOptions{
			Options: switchsim.Options{
				Codec: cstaxml.New(), Seed: 4, Plant: plant,
				Load: switchsim.Load{Calls: 10, Pace: 20 * time.Millisecond},
			},
			Listen: "127.0.0.1:0", Every: 200 * time.Millisecond,
		}, w)
		w.CloseWithError(errors.Join(err, io.EOF))
		switchErr <- err
	}()
	lines := bufio.NewReader(r)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(first, "listening on ")
	addr, _, _ := strings.Cut(rest, ",")
	read := make(chan struct{})
	go func() {
		_, _ = io.Copy(&heard, lines)
		close(read)
	}()
	var out bytes.Buffer
	err = tserversim.Run(ctx, tserversim.RunOptions{
		Options: tserversim.Options{
			Seed: 5, Devices: plant.Numbers(), Ask: tserversim.AskAll,
			Requests: tserversim.Requests{Rate: 200, Control: true},
		},
		NewCodec: func() codec.Codec { return cstaxml.New() },
		Addrs:    []string{addr}, Duration: 1200 * time.Millisecond, Every: 200 * time.Millisecond,
	}, &out)
	cancel()
	<-read
	t.Logf("%s\n%s%s", out.String(), first, heard.String())
	if err = errors.Join(err, <-switchErr); err != nil {
		t.Fatal(err)
	}
}
