package hub

// room is the memory that monitors and registrations take, all T-Servers together: what was asked, to
// be asked again after a link loss, and what was answered, for who joins.
type room struct {
	count  int
	bytes  int64
	warned bool // the operator was told that it is full
}

// shareFixed is what a monitor or registration costs beside its bytes: its tables and its state.
const shareFixed = 1 << 10

// take counts one more of so many bytes.
func (r *room) take(bytes int) {
	r.count++
	r.bytes += int64(bytes) + shareFixed
}

// grow counts what one that is there has come to hold.
func (r *room) grow(bytes int) { r.bytes += int64(bytes) }

// said returns the bytes of what was asked and answered.
func (r *room) said() int64 { return r.bytes - int64(r.count)*shareFixed }

// give forgets one of so many bytes.
func (r *room) give(bytes int) {
	r.count--
	r.bytes -= int64(bytes) + shareFixed
	r.warned = false
}

// full reports whether there is no room for one more monitor or registration of so many bytes.
func (h *Hub) full(bytes int) bool {
	if h.room.count < h.cfg.MonitorsMax &&
		h.room.bytes+int64(bytes)+shareFixed <= h.cfg.MonitorMemory {
		return false
	}
	h.counters[countMonitorsRefused]++
	if !h.room.warned {
		h.room.warned = true
		h.notice(NoticeError, Link, "no room for more monitors: %d hold %d bytes; raise monitors_max"+
			" (%d) or monitor_memory (%d bytes), or look who asks for so many", h.room.count,
			h.room.bytes, h.cfg.MonitorsMax, h.cfg.MonitorMemory)
	}
	return true
}
