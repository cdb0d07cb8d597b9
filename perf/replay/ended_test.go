package replay_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"haproxy/perf/replay"
)

// Who takes a call and hangs up at once, as a port of something else may, is no far side that a capture was played to.
func TestFarSideOnlyHangsUp(t *testing.T) {
	for name, events := range map[string]int{"amid the capture": 40, "at its end": 1} {
		var config net.ListenConfig
		listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
		must(t, err)
		go func() {
			for socket, failed := listener.Accept(); failed == nil; socket, failed = listener.Accept() {
				_ = socket.Close() // at once
			}
		}()
		result, err := replay.Run(t.Context(), replay.Options{
			Files: []string{amid(t, events)}, To: listener.Addr().String(), Patience: 5 * time.Second,
		}, t.Output())
		if !errors.Is(err, replay.ErrNobody) || result.Ended == 0 || result.Ended > 3 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		must(t, listener.Close())
	}
}
