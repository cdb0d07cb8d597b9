package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"haproxy/codec/csta"
	"haproxy/perf/ledger"
	"haproxy/perf/protocols"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// Options is what the demonstration is made of. StartProxy and Protocol are required.
type Options struct {
	// StartProxy starts a proxy that dials the switch, and returns where T-Server 1 and 2 connect.
	StartProxy func(switchAddr string) (addrs [2]string, stop func(), err error)
	// Protocol is what everybody speaks.
	Protocol protocols.Protocol

	Seed     uint64
	Stations int           // default 60
	Calls    int           // alive at once; default a third of the stations
	Act      time.Duration // length of each of the three acts; default 2 s
	Color    bool          // for a terminal
}

// ErrFailed is a demonstration in which something was not as it has to be; the report says what.
var ErrFailed = errors.New("the demonstration failed")

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Stations == 0 {
		o.Stations = 60
	}
	if o.Calls == 0 {
		o.Calls = max(o.Stations/3, 1)
	}
	if o.Act == 0 {
		o.Act = 2 * time.Second
	}
	return o
}

// stage is everything that plays.
type stage struct {
	opts    Options
	report  *report
	plant   switchsim.Plant
	sw      *switchsim.Server
	addrs   [2]string
	ts      [2]*tserversim.Client
	load    switchsim.Load
	joining map[csta.Service]int // requests the switch saw while the backup returned
	sync    time.Duration        // the time that took
	alive   int                  // calls alive when the backup returned
}

// Run plays the demonstration and writes the report to out. It returns ErrFailed where a check
// failed, and any other error where it could not be played to its end.
func Run(ctx context.Context, opts Options, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	opts = opts.withDefaults()
	s := &stage{opts: opts, report: newReport(out, opts.Color)}
	defer s.close()
	for _, act := range []func(context.Context) error{
		s.curtain, s.together, s.alone, s.reunion, s.still,
	} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return s.verdict()
}

// curtain starts the switch, the proxy and both T-Servers.
func (s *stage) curtain(ctx context.Context) error {
	s.plant = switchsim.Plant{Stations: s.opts.Stations, Agents: s.opts.Stations / 5, Groups: 2}
	s.load = switchsim.Load{
		Calls: s.opts.Calls, Features: 8, EventLen: 600, Pace: 150 * time.Millisecond,
	}
	core := switchsim.New(s.opts.Protocol.Switch(switchsim.Options{
		Seed: s.opts.Seed, Plant: s.plant, MonitorLimit: 1, Log: ledger.Full,
	}))
	var err error
	if s.sw, err = switchsim.Listen(ctx, "127.0.0.1:0", core, s.opts.Protocol.Wire()); err != nil {
		return err
	}
	var stop func()
	if s.addrs, stop, err = s.opts.StartProxy(s.sw.Addr()); err != nil {
		return fmt.Errorf("the proxy did not start: %w", err)
	}
	s.report.atEnd = append(s.report.atEnd, stop)
	s.report.say("a switch at %s, one CTI link, one monitor a device; %v", s.sw.Addr(), s.opts.Protocol)
	s.report.say("the proxy; T-Server 1 at %s, T-Server 2 at %s", s.addrs[0], s.addrs[1])
	devices := s.plant.Numbers()
	for i := range s.ts {
		s.ts[i] = tserversim.NewClient(tserversim.New(s.opts.Protocol.TServer(tserversim.Options{
			Seed: s.opts.Seed + uint64(i), Devices: devices, Ask: tserversim.AskAll, Log: ledger.Full,
			Heartbeat: time.Second,
		})), s.opts.Protocol.Wire())
		if err := s.join(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// join connects a T-Server and waits until it is in step.
func (s *stage) join(ctx context.Context, i int) error {
	if err := s.ts[i].Connect(ctx, s.addrs[i]); err != nil {
		return fmt.Errorf("T-Server %d: %w", i+1, err)
	}
	short, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	if err := s.ts[i].WaitInStep(short); err != nil {
		return fmt.Errorf("T-Server %d: %w", i+1, err)
	}
	s.ts[i].With(func(core *tserversim.TServer) {
		s.sync = core.Sync()
		s.report.say("T-Server %d in step with %d devices in %s", i+1,
			len(core.Model().Devices()), round(s.sync))
	})
	return nil
}
