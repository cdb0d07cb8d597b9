package record

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"haproxy/fanout/pcapng"
)

// LinkName is the name of the leg towards the switch in a record. Those of the T-Servers have their own.
const LinkName = "switch"

// Config is where and how much is recorded.
type Config struct {
	Dir       string   // made where it is missing
	Link      string   // the link's name, which the files' names begin with
	TServers  []string // the names of the T-Servers, in their order
	FileBytes int64    // of one file, about
	Files     int      // that are kept
	Comment   string   // stands in every file
}

// Recorder records one link. Its methods Open, Due and Recount and those of the wires are the loop's alone; the others
// may be called from anywhere.
type Recorder struct {
	cfg     Config
	log     zerolog.Logger
	spool   *spool
	recount recount

	// The loop's.
	clock clock
	wires uint64
	one   [1][]byte
	// offered is the bytes that went on the spool, as they will be in files, about.
	offered int64

	lost    atomic.Uint64 // bytes that found no room
	written atomic.Uint64 // bytes in files
	failed  atomic.Uint64 // files that could not be written
	began   atomic.Int64  // of offered, those before the file that is written, less what it begins by

	quit chan struct{}
	done sync.WaitGroup

	// The goroutine's.
	files  *ring
	taken  int64 // of offered
	talks  map[uint64]*talk
	room   []byte
	broken time.Time // when a file failed last
	looked time.Time // at whether the file is in its place
	gone   time.Time // when it was found not to be; zero while it is
}

// talk is a socket as the goroutine knows it.
type talk struct {
	pcapng.Conversation
	peerCalled bool
	amid       bool // what was heard so far ends amid a message
}

const (
	portion       = 64 << 10         // bytes that are written at once, so that none is kept waiting for a processor
	pollLeast     = time.Millisecond // and how long they are waited for
	pollMost      = 20 * time.Millisecond
	lookInterval  = time.Second      // at the file; and how long it is written on where it is gone, at the most
	retryInterval = 10 * time.Second // after a file that could not be written
	talksMax      = 1 << 12          // sockets at once
	spare         = 4                // of a file, a 4th: for what stands, and to put off an end amid a message
)

// Start opens the first file. An error is the operator's.
func Start(cfg Config, log zerolog.Logger) (*Recorder, error) {
	r := &Recorder{
		cfg: cfg, log: log.With().Str("link", cfg.Link).Logger(), spool: newSpool(spoolSize),
		quit: make(chan struct{}), talks: make(map[uint64]*talk), files: newRing(&cfg),
	}
	if err := r.files.next(time.Now()); err != nil {
		return nil, fmt.Errorf("link %q: cannot record: %w", cfg.Link, err)
	}
	r.done.Go(r.run)
	return r, nil
}

// Stop writes what is left and closes the file. The loop must have ended.
func (r *Recorder) Stop() error {
	close(r.quit)
	r.done.Wait()
	return r.files.close()
}

// Stats are the counters of a Recorder, all in bytes but for Failed.
type Stats struct {
	Written uint64 // in files, headers included
	Lost    uint64 // of legs, for which there was no room, and of files that failed
	Failed  uint64 // files that could not be written
}

// Stats returns the counters so far.
func (r *Recorder) Stats() Stats {
	return Stats{Written: r.written.Load(), Lost: r.lost.Load(), Failed: r.failed.Load()}
}

// run brings the spool to the files.
func (r *Recorder) run() {
	timer := time.NewTimer(pollMost)
	defer timer.Stop()
	for last := time.Now(); ; {
		before, now := r.spool.tail.Load(), time.Now()
		r.step()
		timer.Reset(pause(r.spool.tail.Load()-before, now.Sub(last)))
		last = now
		select {
		case <-r.quit:
			r.drain()
			return
		case <-timer.C:
		}
	}
}

// pause returns how long it takes until a portion is there, at the pace of bytes that came in a time. The loop and this
// goroutine may share few processors: much at once is what events then wait for.
func pause(bytes uint64, came time.Duration) time.Duration {
	next := time.Duration(portion * float64(came) / float64(max(bytes, 1)))
	return min(max(next, pollLeast), pollMost)
}

// step does what there is to do.
func (r *Recorder) step() {
	r.drain()
	r.look(time.Now())
	r.recount.makeRoom(r.cfg.recountLimit())
}

// look sees to a file that was removed, or put elsewhere: as with a full one, the next begins by what stands.
func (r *Recorder) look(now time.Time) {
	if !r.gone.IsZero() || now.Sub(r.looked) < lookInterval {
		return
	}
	if r.looked = now; !r.files.gone() {
		return
	}
	r.gone = now
	r.recount.phase.CompareAndSwap(recountIdle, recountDue)
	r.log.Warn().Str("file", r.files.file.Name()).
		Msg("the file that is recorded into is no longer in its place: another is begun")
}

// drain writes what is on the spool.
func (r *Recorder) drain() {
	before := r.files.written()
	for {
		h, payload, ok := r.spool.take(r.room)
		r.room = payload[:0]
		if !ok {
			break
		}
		if err := r.write(&h, payload); err != nil {
			r.fail(err)
		}
		if h.kind == kindHeard || h.kind == kindSaid {
			r.taken += inFile(len(payload))
		}
	}
	if err := r.files.flush(); err != nil {
		r.fail(err)
	}
	r.written.Add(uint64(r.files.written() - before))
}

// fail gives the file up. Until another is made what comes is left out, and counted.
func (r *Recorder) fail(err error) {
	r.failed.Add(1)
	r.broken = time.Now()
	r.lost.Add(uint64(r.files.abandon()))
	r.log.Error().Err(err).Dur("retry", retryInterval).
		Msg("recording failed: make room for it, or take record out of the configuration")
}

// write writes one record.
func (r *Recorder) write(h *header, payload []byte) error {
	at := time.Unix(0, h.at)
	if h.kind == kindRecount {
		return r.beginFile(at)
	}
	if h.kind == kindOpen {
		r.learn(h.wire, payload)
	}
	t := r.talks[h.wire]
	if t == nil {
		return nil
	}
	if h.kind == kindClose {
		delete(r.talks, h.wire)
	}
	byCaller := t.peerCalled == (h.kind == kindHeard)
	t.Miss(byCaller, int(h.missing))
	if t.amid = h.kind == kindAmid || t.amid && h.kind != kindHeard; h.kind == kindAmid {
		return nil // it has no time
	}
	ready, err := r.ready(at)
	switch {
	case err != nil:
		return err
	case !ready && (h.kind == kindHeard || h.kind == kindSaid):
		t.Miss(byCaller, len(payload))
		r.lost.Add(uint64(len(payload)))
	case !ready:
	case h.kind == kindOpen:
		return r.files.writer.Open(&t.Conversation, at)
	case h.kind == kindClose:
		return r.files.writer.Close(&t.Conversation, at)
	default:
		return r.files.writer.Say(&t.Conversation, byCaller, at, payload, "")
	}
	return nil
}

// ready makes a file that can be written to, a further one where the last is full: it should have ended by what stands
// for the next. It reports whether there is one.
func (r *Recorder) ready(at time.Time) (bool, error) {
	n := r.files.bytes()
	switch {
	case r.files.writer == nil && time.Since(r.broken) < retryInterval:
		return false, nil
	case r.files.writer == nil, (n >= r.cfg.FileBytes || r.isOverdue()) && !r.isAmid(),
		n >= r.cfg.FileBytes+r.cfg.FileBytes/spare:
		failed := r.files.writer == nil && !r.broken.IsZero()
		err := r.next(at)
		if r.recount.passed(); failed && err == nil { // what stands was not to be had: the next file begins by it, soon
			r.recount.phase.CompareAndSwap(recountIdle, recountDue)
		}
		return err == nil, err
	default:
		return true, nil
	}
}

// isOverdue reports whether what stands was not told in time for the successor of a file that is gone.
func (r *Recorder) isOverdue() bool { return !r.gone.IsZero() && time.Since(r.gone) >= lookInterval }

// next begins a file.
func (r *Recorder) next(at time.Time) error {
	err := r.files.next(at)
	r.fileBegan()
	return err
}

// fileBegan tells the loop where the file began, by what it has so far.
func (r *Recorder) fileBegan() {
	r.began.Store(r.taken - r.files.bytes())
	r.gone = time.Time{}
}

// inFile returns how many bytes a record of so many takes in a file, about.
func inFile(payload int) int64 {
	const headers = 90 // of the packet and of the block around it
	return int64(payload) + headers
}

// isAmid reports whether any socket is amid a message, so that a file had better not end here.
func (r *Recorder) isAmid() bool {
	for _, t := range r.talks {
		if t.amid {
			return true
		}
	}
	return false
}

// learn reads what begins a socket. Where the ends of others found no room, one of them is forgotten.
func (r *Recorder) learn(wire uint64, payload []byte) {
	for old := range r.talks {
		if len(r.talks) < talksMax {
			break
		}
		delete(r.talks, old)
	}
	parts := strings.Split(string(payload), "\n")
	t := &talk{}
	t.Name = parts[0]
	t.Caller, _ = netip.ParseAddrPort(parts[1]) // one that is not known is made up
	t.Called, _ = netip.ParseAddrPort(parts[2])
	t.peerCalled = parts[3] == "peer"
	r.talks[wire] = t
}
