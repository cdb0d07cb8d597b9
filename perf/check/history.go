package check

import (
	"fmt"

	"haproxy/codec/csta"
)

// history reads the events of one device monitor and knows which of them are still needed: those of
// call chains in which the device has a connection that is not null, the latest state of each agent
// and of each feature. It follows the sentences of DESIGN and nothing else. Events are known by their
// places in the stream.
type history struct {
	chains map[string]*chain    // by the call ID that is a part of it now
	latest map[string]int       // the latest event of each feature
	logOn  map[string]int       // each agent's log-on
	agents map[string]agentMark // by agent
	read   map[int]bool         // what is an event that it knows
}

// agentMark is an agent's latest state event; off says it is a log-off.
type agentMark struct {
	at  int
	off bool
}

// chain is the events of calls joined by transfer, conference or diversion.
type chain struct {
	must []int
	may  []int // the momentary ones among them
}

func newHistory() *history {
	return &history{
		chains: make(map[string]*chain), latest: make(map[string]int),
		logOn: make(map[string]int), agents: make(map[string]agentMark),
		read: make(map[int]bool),
	}
}

// add reads the event at a place of the stream.
func (h *history) add(msg *csta.Message, at int) {
	h.read[at] = true
	switch msg.Event.Category() {
	case csta.CategoryCallControl:
		h.addCall(msg, at)
	case csta.CategoryCallAssociated:
		if c := h.chains[string(msg.Subject.Call)]; c != nil {
			c.may = append(c.may, at)
		}
	default:
		h.addFeature(msg, at)
	}
}

// addCall reads a call control event.
func (h *history) addCall(msg *csta.Message, at int) {
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
	joined.must = append(joined.must, at)
	if msg.Local != csta.ConnectionNull {
		h.chains[fresh] = joined
	}
}

// addFeature reads an agent, feature or maintenance event.
func (h *history) addFeature(msg *csta.Message, at int) {
	switch msg.Event {
	case csta.EventDoNotDisturb, csta.EventMessageWaiting:
		h.latest[msg.Event.String()] = at
	case csta.EventForwarding:
		h.latest[fmt.Sprint("Forwarding", msg.Forwarding)] = at
	case csta.EventOutOfService, csta.EventBackInService, csta.EventPartiallyInService:
		h.latest["service"] = at
	case csta.EventAgentLoggedOn:
		h.logOn[agentOf(msg)] = at
		h.agents[agentOf(msg)] = agentMark{at: at}
	case csta.EventAgentLoggedOff:
		delete(h.logOn, agentOf(msg))
		h.agents[agentOf(msg)] = agentMark{at, true}
	case csta.EventAgentReady, csta.EventAgentNotReady, csta.EventAgentBusy,
		csta.EventAgentWorkingAfterCall:
		h.agents[agentOf(msg)] = agentMark{at: at}
	default:
	}
}

// agentOf returns the agent of an event. The group is not in all events of phases I and II, and the
// agents of the simulated switch are in one each.
func agentOf(msg *csta.Message) string { return string(msg.AgentID) }

// needed returns the places of the events that a replay must hold and of those that it may hold.
// Two calls of one device are chains of their own until they are joined.
func (h *history) needed() (must, may map[int]bool) {
	must, may = make(map[int]bool), make(map[int]bool)
	need := func(at int) { must[at], may[at] = true, true }
	for _, c := range h.chains {
		for _, at := range c.must {
			need(at)
		}
		for _, at := range c.may {
			may[at] = true
		}
	}
	for _, at := range h.latest {
		need(at)
	}
	for _, a := range h.agents {
		may[a.at] = true
		must[a.at] = !a.off // one who is not there need not be told to have gone
	}
	for _, at := range h.logOn {
		may[at] = true
	}
	return must, may
}
