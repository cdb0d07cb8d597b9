package main

import (
	"slices"
	"time"

	"haproxy/fanout/hub"
)

// protocols are the values of protocol that the project knows, and the framings each goes over.
var protocols = map[string][]string{
	"csta3-xml": {"ecma323"},
	"csta3-ber": berFramings,
	"csta2-ber": berFramings,
	"csta1-ber": berFramings,
}

var (
	protocolNames = []string{"csta3-xml", "csta3-ber", "csta2-ber", "csta1-ber"}
	berFramings   = []string{"length16", "oxe", "hipath26", "tpkt", "ber"}
	framingNames  = append([]string{"ecma323"}, berFramings...)
)

// protocolNow is the one that this version speaks.
const protocolNow = "csta3-xml"

func readLink(t *table) Link {
	l := Link{Name: t.name("name")}
	l.Profile = t.oneOf("profile", "", "", "generic")
	l.Protocol, l.Framing = readProtocol(t)
	readAddresses(t, &l)

	l.ConnectTimeout = t.duration("connect_timeout", 2*time.Second, 100*time.Millisecond, 5*time.Minute)
	l.HeartbeatInterval = t.duration("heartbeat_interval", 3*time.Second, 100*time.Millisecond, time.Hour)
	l.HeartbeatMisses = t.integer("heartbeat_misses", 3, 1, 100)

	l.RequestRate = t.integer("request_rate", 0, 0, 1_000_000)
	l.RequestOutstanding = t.integer("request_outstanding", 30, 1, 9998)
	l.RequestQueue = t.integer("request_queue", 65536, 1, 1<<24)
	l.RequestTimeout = t.duration("request_timeout", 30*time.Second, 100*time.Millisecond, time.Hour)

	l.FrameMax = readFrameMax(t, l.Framing)
	l.MonitorLinger = t.duration("monitor_linger", 10*time.Minute, 0, 24*time.Hour)
	l.Replay = Replay(t.oneOf("replay", string(ReplayEvents),
		string(ReplayEvents), string(ReplaySnapshot), string(ReplayOff)))
	l.Answer = readAnswer(t)
	l.Seed = t.flag("seed", false)
	l.OnLinkLoss = LinkLoss(t.oneOf("on_link_loss", string(LinkLossStatus),
		string(LinkLossStatus), string(LinkLossClose)))
	l.JournalMax = t.size("journal_max", "1GiB", "1MiB", "1TiB")
	l.MonitorsMax = t.integer("monitors_max", hub.DefaultMonitorsMax, 1, 1<<24)
	l.MonitorMemory = t.size("monitor_memory", "512MiB", "1MiB", "1TiB")
	l.CallAudit = t.duration("call_audit", 4*time.Hour, time.Minute, 168*time.Hour)
	l.RouteTimeout = t.duration("route_timeout", 3*time.Second, 0, 5*time.Minute)

	l.Session = readSession(t.table("session"), l.Protocol)
	names := map[string]int{}
	for _, sub := range t.tables("tserver") {
		server := readTServer(sub, l.FrameMax)
		sub.unique(names, "T-Server", server.Name)
		l.TServers = append(l.TServers, server)
	}
	if !t.has("tserver") {
		t.fault("", "no T-Server: add a [[link.tserver]] with name and listen below this link")
	}
	t.close()
	return l
}

// readProtocol gives protocol and framing; the default framing is the first of the protocol.
func readProtocol(t *table) (protocol, framing string) {
	protocol = t.text("protocol", "")
	framings, known := protocols[protocol]
	switch {
	case !t.has("protocol"):
		t.fault("", "protocol is missing: add protocol = %q", protocolNow)
	case !known:
		t.fault("protocol", "protocol = %q is not known: write one of %s", protocol, quoteAll(protocolNames))
	case protocol != protocolNow:
		t.fault("protocol", "protocol = %q comes with a later version: this one speaks %q over %q",
			protocol, protocolNow, protocols[protocolNow][0])
	}
	if !known {
		protocol, framings = protocolNow, framingNames
	}
	return protocol, t.oneOf("framing", framings[0], framings...)
}

func readAddresses(t *table, l *Link) {
	l.Dial = t.texts("dial", nil, dialFault)
	l.Listen = t.listen("listen", "")
	switch {
	case t.filled("dial") && t.filled("listen"):
		t.fault("listen", "dial and listen exclude each other: keep dial to call the switch, "+
			"or listen where the switch calls in")
	case !t.filled("dial") && !t.filled("listen"):
		t.fault("dial", `dial is missing: add dial = ["host:port"] with the switch's CTI address, `+
			`or listen = "host:port" where the switch calls in`)
	}
}

// readFrameMax lets the default pass, although a frame of ECMA-323 ends 9 bytes below it.
func readFrameMax(t *table, framing string) int {
	most := "16MiB"
	if framing == "ecma323" {
		most = "64KiB" // its length field has 16 bits
	}
	return int(t.size("frame_max", "64KiB", "1KiB", most))
}

func readAnswer(t *table) Answer {
	all := []string{"monitor", "snapshot", "features"}
	words := t.texts("answer", all, func(word string) string {
		if !slices.Contains(all, word) {
			return "write any of " + quoteAll(all) + ", or [] for none"
		}
		return ""
	})
	return Answer{
		Monitor:  slices.Contains(words, "monitor"),
		Snapshot: slices.Contains(words, "snapshot"),
		Features: slices.Contains(words, "features"),
	}
}

func readTServer(t *table, frameMax int) TServer {
	s := TServer{Name: t.name("name")}
	s.Listen = t.listen("listen", "")
	if !t.filled("listen") {
		t.fault("listen", `listen is missing: add listen = "host:port", where this T-Server connects to`)
	}
	s.Allow = readAllow(t)
	s.BacklogMax = t.size("backlog_max", "64MiB", "64KiB", "16GiB")
	if s.BacklogMax < 4*int64(frameMax) {
		t.fault("backlog_max", "backlog_max is under four times frame_max: write \"%dKiB\" or more",
			(4*frameMax+1023)/1024)
	}
	t.close()
	return s
}
