package state

import "testing"

// checkState checks that everything the tables hold is accounted for, in all directions.
func checkState(t *testing.T, s *State) {
	t.Helper()
	entries, bytes, used, watches, chains := 0, int64(0), uint32(0), 0, 0
	for i := uint32(1); i <= s.monitors.top; i++ {
		m := s.monitors.at(i)
		if !m.open {
			continue
		}
		n, size := 0, int64(0)
		prev := uint32(0)
		for e := m.first; e != 0; {
			rec := s.entries.at(e)
			if rec.prev != prev {
				t.Fatalf("monitor %d: broken journal", i)
			}
			n++
			size += int64(rec.size)
			used += s.cells.need(int(rec.size))
			prev, e = e, rec.next
		}
		if n != int(m.entries) || size != m.bytes || prev != m.last {
			t.Fatalf("monitor %d: %d entries of %d bytes, says %d of %d", i, n, size, m.entries, m.bytes)
		}
		entries, bytes = entries+n, bytes+size
		owned, seen := checkWatches(t, s, m)
		watches += seen
		for k := m.items; k != 0; k = s.items.at(k).listNext {
			it := s.items.at(k)
			for _, e := range [...]uint32{it.logOn, it.latest} {
				if e != 0 {
					owned++
				}
			}
		}
		if owned != n {
			t.Fatalf("monitor %d: %d entries, of which chains and items own %d", i, n, owned)
		}
		chains += int(m.chains)
	}
	st := s.Stats()
	if entries != st.JournalEntries || bytes != st.JournalBytes || int64(used)*cellSize != st.JournalUsed {
		t.Fatalf("journal: %d entries %d bytes %d cells, says %+v", entries, bytes, used, st)
	}
	if st.JournalUsed > s.limits.JournalMax && s.cells.limit > 1 {
		t.Fatalf("journal beyond its limit: %+v", st)
	}
	if watches != s.watches.live || chains != s.chains.live {
		t.Fatalf("%d watches of %d, %d chains of %d", watches, s.watches.live, chains, s.chains.live)
	}
	checkModel(t, s)
}

// checkWatches checks the calls of a monitor and returns the journal entries of its chains.
func checkWatches(t *testing.T, s *State, m *monitor) (owned, seen int) {
	t.Helper()
	done := map[uint32]bool{}
	for w := m.watches; w != 0; w = s.watches.at(w).monNext {
		wt := s.watches.at(w)
		seen++
		if s.findWatch(wt.monitor, wt.call) != w {
			t.Fatalf("watch %d is not found", w)
		}
		if wt.ownConn != 0 && s.conns.at(wt.ownConn).owner != w {
			t.Fatalf("watch %d does not own its connection", w)
		}
		if done[wt.chain] {
			continue
		}
		done[wt.chain] = true
		for e := s.chains.at(wt.chain).first; e != 0; e = s.entries.at(e).chainNext {
			owned++
		}
	}
	if len(done) != int(m.chains) {
		t.Fatalf("%d chains, says %d", len(done), m.chains)
	}
	return owned, seen
}

// checkModel checks the calls, connections and names.
func checkModel(t *testing.T, s *State) {
	t.Helper()
	calls, conns, watches := 0, 0, 0
	for i := uint32(1); i <= s.calls.top; i++ {
		c := s.calls.at(i)
		if c.watches == 0 {
			continue
		}
		calls++
		if s.names.records.at(c.id).head != i {
			t.Fatalf("call %d is not found by its ID", i)
		}
		checkPlaces(t, s, c)
		for k := c.conns; k != 0; k = s.conns.at(k).next {
			conns++
			if rec := s.conns.at(k); rec.call != i || rec.owner != 0 && s.watches.at(rec.owner).ownConn != k {
				t.Fatalf("call %d: broken connection %d", i, k)
			}
		}
		for k := c.departed; k != 0; k = s.conns.at(k).next {
			conns++
			if rec := s.conns.at(k); rec.call != i || !s.isTold(c, rec) {
				t.Fatalf("call %d: connection %d departed, and no stream tells of it", i, k)
			}
		}
		for w := c.watches; w != 0; w = s.watches.at(w).callNext {
			watches++
		}
	}
	if calls != s.calls.live || conns != s.conns.live || watches != s.watches.live {
		t.Fatalf("%d calls of %d, %d connections of %d, %d watches of %d",
			calls, s.calls.live, conns, s.conns.live, watches, s.watches.live)
	}
	if int(s.names.index.count) != s.names.records.live || int(s.keyed.count) != s.items.live {
		t.Fatalf("the indexes hold %d names of %d, %d items of %d", s.names.index.count,
			s.names.records.live, s.keyed.count, s.items.live)
	}
	for i := uint32(1); i <= s.names.records.top; i++ {
		rec := s.names.records.at(i)
		if rec.refs != 0 && s.names.find(rec.kind, s.names.device(i)) != i {
			t.Fatalf("name %d is not found", i)
		}
	}
}

// checkEmpty checks that nothing is left once every monitor closed and no request is under way.
func checkEmpty(t *testing.T, s *State) {
	t.Helper()
	checkState(t, s)
	if n := s.Stats(); n.Calls+n.Connections+n.Chains+n.Monitors+n.JournalEntries+n.Marks != 0 ||
		n.JournalUsed != 0 {
		t.Fatalf("left over: %+v", n)
	}
	for i := uint32(1); i <= s.items.top; i++ {
		if it := s.items.at(i); it.kind == itemModel || it.kind == itemDoubt {
			s.dropItem(i)
		}
	}
	if s.items.live != 0 || s.names.records.live != 0 || s.names.long64.live+s.names.long256.live+
		s.names.long1k.live != 0 {
		t.Fatalf("left over: %d items, %d names", s.items.live, s.names.records.live)
	}
}

// checkPlaces checks that no two connections of a call share their place in what streams told, and that those that
// departed have one, and a name.
func checkPlaces(t *testing.T, s *State, c *call) {
	t.Helper()
	var taken [places + 1]bool
	for _, first := range [...]uint32{c.conns, c.departed} {
		for k := first; k != 0; k = s.conns.at(k).next {
			rec := s.conns.at(k)
			if rec.place != 0 && taken[rec.place] {
				t.Fatalf("connection %d has the place of another", k)
			}
			taken[rec.place] = true
			if first == c.departed && (rec.place == 0 || rec.dev == 0 && rec.party == 0) {
				t.Fatalf("connection %d departed without a place or a name", k)
			}
		}
	}
}
