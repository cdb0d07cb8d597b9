package fanout

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"haproxy/codec/frame"
	"haproxy/fanout/hub"
)

// Config is what a proxy is started with.
type Config struct {
	Links []LinkConfig
	Log   zerolog.Logger
}

// LinkConfig is one CTI link and the T-Servers that it serves. It has either Dial or Listen.
type LinkConfig struct {
	Name    string
	Hub     hub.Config
	Framing frame.Framing
	// FrameMax bounds one PDU without its framing header, in bytes.
	FrameMax int
	// Dial are the switch's CTI addresses, host:port, tried in turn.
	Dial []string
	// Listen is the address that the switch calls.
	Listen string
	// ConnectTimeout bounds one attempt to dial.
	ConnectTimeout time.Duration
	// TServers are in the hub's order: the index is the hub's.
	TServers []TServerConfig
	// Tap is told what goes over the sockets; nil is nobody.
	Tap Tap
}

// TServerConfig is where one T-Server comes in.
type TServerConfig struct {
	Name string
	// Listen is the address that the T-Server dials. Several T-Servers of a link may share one and
	// are then told apart by Allow.
	Listen string
	// Allow are the peers that are this T-Server; none means any.
	Allow []netip.Prefix
}

// check returns what is wrong with the configuration, in an operator's words.
func (c *Config) check() error {
	if len(c.Links) == 0 {
		return errors.New("no link is configured: add a [[link]]")
	}
	names := make(map[string]bool, len(c.Links))
	for i := range c.Links {
		link := &c.Links[i]
		if link.Name == "" {
			return fmt.Errorf("link %d has no name: set name", i+1)
		}
		if names[link.Name] {
			return fmt.Errorf("two links are named %q: names must differ", link.Name)
		}
		names[link.Name] = true
		if err := link.check(); err != nil {
			return fmt.Errorf("link %q: %w", link.Name, err)
		}
	}
	return nil
}

func (c *LinkConfig) check() error {
	switch {
	case len(c.Dial) == 0 && c.Listen == "":
		return errors.New("no way to the switch: set dial, or listen for a switch that calls in")
	case len(c.Dial) > 0 && c.Listen != "":
		return errors.New("both dial and listen are set: keep one")
	case c.FrameMax <= 0:
		return errors.New("frame_max must be above 0")
	case len(c.Dial) > 0 && c.ConnectTimeout <= 0:
		return errors.New("connect_timeout must be above 0")
	case len(c.TServers) != len(c.Hub.TServers):
		return fmt.Errorf("%d T-Servers have an address and %d are known to the hub",
			len(c.TServers), len(c.Hub.TServers))
	}
	for i := range c.TServers {
		if c.TServers[i].Listen == "" {
			return fmt.Errorf("T-Server %q has no address: set listen", c.TServers[i].Name)
		}
	}
	return nil
}

// limits are the bounds and times of this layer that the configuration does not set. Tests shorten
// them.
type limits struct {
	tick       time.Duration // between two ticks of a quiet link
	soon       time.Duration // between two ticks while something waits for a backlog to shrink or for its turn
	header     time.Duration // from the first byte of a framing header to its last
	frame      time.Duration // from the first byte of a frame to its last
	backoffMin time.Duration // pause after the first round of dialling that failed
	backoffMax time.Duration // longest pause between rounds
	sockets    int           // sockets of one T-Server at once, candidates included
	linkOwed   int           // bytes the switch has not taken before the link counts as dead
	refusalGap time.Duration // between two log lines about one refused peer
	stop       time.Duration // beyond Shutdown's deadline, for a loop to end
}

// defaultLimits are the product's.
var defaultLimits = limits{
	tick:       50 * time.Millisecond,
	soon:       5 * time.Millisecond,
	header:     5 * time.Second,
	frame:      10 * time.Second,
	backoffMin: 250 * time.Millisecond,
	backoffMax: 10 * time.Second,
	sockets:    16,
	linkOwed:   16 << 20,
	refusalGap: time.Minute,
	stop:       2 * time.Second,
}

const (
	readBuffer = 256 << 10 // bytes read at once: a run of frames is one write
	handMax    = 1 << 20   // bytes of one leg in the event library's buffer
	pumpMax    = 1 << 20   // bytes of one leg's backlog in one go, so that others get turns

	// The least time that bytes may stay unacknowledged, by the switch and by a T-Server, which may
	// be busy and is bounded by its backlog.
	switchTimeout  = 5 * time.Second
	tserverTimeout = 30 * time.Second

	keepIdle     = 10 * time.Second
	keepInterval = 3 * time.Second
	keepProbes   = 3
)
