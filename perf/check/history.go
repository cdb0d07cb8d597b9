package check

import (
	"fmt"

	"haproxy/codec/csta"
	"haproxy/perf/stamp"
)

// history reads the events of one device monitor and knows which of them are still needed: those of
// call chains in which the device has a connection that is not null, the latest state of each agent
// and of each feature. It follows the sentences of DESIGN and nothing else.
type history struct {
	chains map[string]*chain    // by the call ID that is a part of it now
	latest map[string]uint64    // the stamp of the latest event of each feature
	logOn  map[string]uint64    // the stamp of each agent's log-on
	agents map[string]agentMark // by agent
}

// agentMark is an agent's latest state event; off says it is a log-off.
type agentMark struct {
	count uint64
	off   bool
}

// chain is the events of calls joined by transfer, conference or diversion.
type chain struct {
	must []uint64
	may  []uint64 // the momentary ones among them
}

func newHistory() *history {
	return &history{
		chains: make(map[string]*chain), latest: make(map[string]uint64),
		logOn: make(map[string]uint64), agents: make(map[string]agentMark),
	}
}

// add reads one event.
func (h *history) add(msg *csta.Message) {
	mark, ok := stamp.Find(msg.Private)
	if !ok {
		return
	}
	switch msg.Event.Category() {
	case csta.CategoryCallControl:
		h.addCall(msg, mark.Count)
	case csta.CategoryCallAssociated:
		if c := h.chains[string(msg.Subject.Call)]; c != nil {
			c.may = append(c.may, mark.Count)
		}
	default:
		h.addFeature(msg, mark.Count)
	}
}

// addCall reads a call control event.
func (h *history) addCall(msg *csta.Message, count uint64) {
	olds := map[string]bool{string(msg.Subject.Call): true}
	fresh := string(msg.Subject.Call)
	if msg.Event == csta.EventTransferred || msg.Event == csta.EventConferenced {
		if len(msg.Secondary.Call) > 0 {
			olds[string(msg.Secondary.Call)] = true
		}
		for i := range msg.Connections {
			item := &msg.Connections[i]
			if len(item.Old.Call) > 0 {
				olds[string(item.Old.Call)] = true
			}
			fresh = string(item.New.Call)
		}
	}
	joined := new(chain)
	for id := range olds {
		if c := h.chains[id]; c != nil {
			joined.must = append(joined.must, c.must...)
			joined.may = append(joined.may, c.may...)
			delete(h.chains, id)
		}
	}
	joined.must = append(joined.must, count)
	if msg.Local != csta.ConnectionNull {
		h.chains[fresh] = joined
	}
}

// addFeature reads an agent, feature or maintenance event.
func (h *history) addFeature(msg *csta.Message, count uint64) {
	switch msg.Event {
	case csta.EventDoNotDisturb, csta.EventMessageWaiting:
		h.latest[msg.Event.String()] = count
	case csta.EventForwarding:
		h.latest[fmt.Sprint("Forwarding", msg.Forwarding)] = count
	case csta.EventOutOfService, csta.EventBackInService, csta.EventPartiallyInService:
		h.latest["service"] = count
	case csta.EventAgentLoggedOn:
		h.logOn[agentOf(msg)] = count
		h.agents[agentOf(msg)] = agentMark{count: count}
	case csta.EventAgentLoggedOff:
		delete(h.logOn, agentOf(msg))
		h.agents[agentOf(msg)] = agentMark{count, true}
	case csta.EventAgentReady, csta.EventAgentNotReady, csta.EventAgentBusy,
		csta.EventAgentWorkingAfterCall:
		h.agents[agentOf(msg)] = agentMark{count: count}
	default:
	}
}

func agentOf(msg *csta.Message) string {
	return string(msg.AgentID) + "/" + string(msg.Group.Number)
}

// needed returns the stamps of the events that a replay must hold and of those that it may hold.
// Two calls of one device are chains of their own until they are joined.
func (h *history) needed() (must, may map[uint64]bool) {
	must, may = make(map[uint64]bool), make(map[uint64]bool)
	need := func(count uint64) { must[count], may[count] = true, true }
	for _, c := range h.chains {
		for _, count := range c.must {
			need(count)
		}
		for _, count := range c.may {
			may[count] = true
		}
	}
	for _, count := range h.latest {
		need(count)
	}
	for _, a := range h.agents {
		may[a.count] = true
		must[a.count] = !a.off // one who is not there need not be told to have gone
	}
	for _, count := range h.logOn {
		may[count] = true
	}
	return must, may
}
