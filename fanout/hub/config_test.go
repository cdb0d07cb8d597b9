package hub

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haproxy/codec/cstaber"
)

// setConfig sets keys of the configuration.
func (r *rig) setConfig(words []string) error {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		if err := r.setKey(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) setKey(key, value string) error {
	number, _ := strconv.Atoi(value)
	span, _ := time.ParseDuration(value)
	switch c := &r.cfg; key {
	case "request_outstanding":
		c.RequestOutstanding = number
	case "request_rate":
		c.RequestRate = number
	case "monitors_max":
		c.MonitorsMax = number
	case "monitor_memory":
		c.MonitorMemory = int64(number)
	case "request_queue":
		c.RequestQueue = number
	case "request_timeout":
		c.RequestTimeout = span
	case "connect_timeout":
		c.ConnectTimeout = span
	case "heartbeat_interval":
		c.HeartbeatInterval = span
	case "monitor_linger":
		c.MonitorLinger = span
	case "call_audit":
		c.CallAudit = span
	case "backlog_max":
		for i := range c.TServers {
			c.TServers[i].BacklogMax = number
		}
	case "seed":
		c.Seed = value == "true"
	case "replay":
		c.Replay = map[string]ReplayMode{"snapshot": ReplaySnapshot, "off": ReplayOff}[value]
	case "on_link_loss":
		c.CloseOnLinkLoss = value == "close"
	case "answer":
		c.Answer = AnswerSet{
			Monitor:  strings.Contains(value, "monitor"),
			Snapshot: strings.Contains(value, "snapshot"),
			Features: strings.Contains(value, "features"),
		}
	case "association":
		c.Session = Session{Kind: SessionACSE, Association: cstaber.AssociationPanasonic()}
	case "session":
		c.Session = Session{
			Kind: SessionECMA354, Application: "proxy", Versions: strings.Split(value, ","),
			Duration: 180 * time.Second,
		}
	default:
		return fmt.Errorf("no such key: %s", key)
	}
	return nil
}
