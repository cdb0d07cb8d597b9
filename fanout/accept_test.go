package fanout

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// TestSharedListen tells T-Servers on one address apart by where they come from.
func TestSharedListen(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) {
		shared := freeAddress(t)
		c.TServers[0] = TServerConfig{
			Name: "a", Listen: shared, Allow: prefixes("127.0.0.2/32", "::1/128"),
		}
		c.TServers[1] = TServerConfig{Name: "b", Listen: shared, Allow: prefixes("127.0.0.3/32")}
	})
	for from, index := range map[string]int{"127.0.0.2": 0, "127.0.0.3": 1} {
		e := r.joinFrom(from)
		e.want("hello")
		r.core(func(s *script) {
			for _, at := range s.legs {
				if at != index {
					t.Errorf("%s is T-Server %d, want %d", from, at, index)
				}
			}
		})
		_ = e.Close()
		r.until("the leg is gone", func() (none bool) {
			r.core(func(s *script) { none = len(s.legs) == 0 })
			return none
		})
	}
}

// TestRefused sends away who is on no list, counts every call, and logs one line a peer.
func TestRefused(t *testing.T) {
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) {
		c.TServers[0].Allow = prefixes("192.0.2.0/24")
	})
	for range 5 {
		dialEnd(t, r.link.TServerAddr(0)).wantEnd()
	}
	dialFrom(t, "127.0.0.7", r.link.TServerAddr(0)).wantEnd()
	r.until("all are counted", func() bool { return r.metric("sockets_refused_total") == 6 })
	if n := r.logs.count("no T-Server's allow"); n != 2 {
		t.Errorf("%d lines, want one for each of two peers", n)
	}
	if n := r.logs.count(`"peer":"127.0.0.7:`); n != 1 {
		t.Errorf("the second peer is named %d times, want once", n)
	}
}

// TestListenServesWhatIsWritten keeps an IPv4 address from serving IPv6, and the other way round.
func TestListenServesWhatIsWritten(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:1": "tcp4", "192.0.2.1:1": "tcp4", "[::ffff:192.0.2.1]:1": "tcp4",
		"[::1]:1": "tcp6", "[fe80::1%eth0]:1": "tcp6",
		"[::]:1": "tcp", ":1": "tcp", "pbx:1": "tcp",
	} {
		if got := network(address); got != want {
			t.Errorf("%s is served by %s, want %s", address, got, want)
		}
	}
	r := newRig(t, func(c *LinkConfig, _ *limits, _ *rig) { c.TServers[0].Listen = "0.0.0.0:0" })
	port := strconv.Itoa(r.link.TServerAddr(0).(*net.TCPAddr).Port)
	if c, err := net.Dial("tcp6", "[::1]:"+port); err == nil {
		_ = c.Close()
		t.Error("0.0.0.0 serves IPv6")
	}
	c, err := net.Dial("tcp4", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	newEnd(t, c).want("hello")
}

// TestSocketCap refuses sockets above the cap of one T-Server; the other's are its own.
func TestSocketCap(t *testing.T) {
	r := newRig(t, func(_ *LinkConfig, lim *limits, _ *rig) { lim.sockets = 3 })
	var held []*end
	for range 3 {
		held = append(held, r.join(0))
	}
	dialEnd(t, r.link.TServerAddr(0)).wantEnd()
	r.join(1)
	_ = held[0].Close()
	r.until("a socket is free", func() bool { return r.link.sockets(0).Load() == 2 })
	r.join(0)
}

// TestNoDescriptors lives through a time without file descriptors.
func TestNoDescriptors(t *testing.T) {
	r := newRig(t, nil)
	sw, a := r.answer(), r.join(0)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	var callers [5]int
	for i := range callers {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Close(fd) }()
		callers[i] = fd
	}
	at := r.link.TServerAddr(1).(*net.TCPAddr).AddrPort()
	to := &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	restore := func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) }
	defer restore()
	var failed error
	for i := 0; i < len(callers) && failed == nil && r.link.beside.acceptsFailed.Load() == 0; i++ {
		restore()
		low := limit
		low.Cur = lowestFree(t)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
			t.Fatal(err)
		}
		failed = syscall.Connect(callers[i], to)
		for end := time.Now().Add(patience); r.link.beside.acceptsFailed.Load() == 0; pause() {
			if r.logs.count("refused") > i || time.Now().After(end) {
				break // something else closed a descriptor meanwhile, which it was accepted with
			}
		}
	}
	restore()
	if failed != nil || r.link.beside.acceptsFailed.Load() == 0 {
		t.Fatalf("accept did not fail (connect: %v)", failed)
	}
	r.until("the caller is served", func() (two bool) {
		r.core(func(s *script) { two = len(s.legs) == 2 })
		return two
	})
	sw.send("event")
	a.want("event")
	if n := r.logs.count("cannot accept"); n != 1 {
		t.Errorf("%d lines, want 1", n)
	}
}

// lowestFree returns the number that the next descriptor gets.
func lowestFree(t *testing.T) uint64 {
	t.Helper()
	fd, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(fd)
	return uint64(fd)
}

// TestRefusals keeps the list of refused peers bounded and tells what went unlogged.
func TestRefusals(t *testing.T) {
	r := refusals{gap: time.Minute}
	now := time.Unix(0, 0)
	for i := range 3 * refusedPeersMax {
		peer := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		if _, due := r.due(now.Add(time.Duration(i)), peer); !due {
			t.Fatalf("no line about %v", peer)
		}
	}
	if len(r.peers) != refusedPeersMax {
		t.Errorf("%d peers remembered", len(r.peers))
	}
	peer := netip.MustParseAddr("192.0.2.1")
	for i, want := range []bool{true, false, false} {
		if _, due := r.due(now, peer); due != want {
			t.Errorf("call %d: due %v", i, due)
		}
	}
	if unlogged, due := r.due(now.Add(time.Minute), peer); !due || unlogged != 2 {
		t.Errorf("got %d, %v", unlogged, due)
	}
}

// TestRepeats logs a line again when it says something new or the gap is over.
func TestRepeats(t *testing.T) {
	out := &logs{}
	log := zerolog.New(out)
	r := repeats{gap: time.Hour}
	r.log(log.Warn(), "one", "line")
	r.log(log.Warn(), "one", "line")
	r.log(log.Warn(), "two", "line")
	if n := out.count("line"); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
}

// freeAddress returns an address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l := listenLocal(t)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (r *rig) joinFrom(from string) *end {
	r.t.Helper()
	return dialFrom(r.t, from, r.link.TServerAddr(0))
}

func dialFrom(t *testing.T, from string, to net.Addr) *end {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	c, err := d.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	return newEnd(t, c)
}
