package main

import (
	"path/filepath"
	"slices"
	"time"

	"haproxy/fanout/hub"
	"haproxy/fanout/record"
)

// protocols are the values of protocol, and the framings each goes over, the default first.
var protocols = map[string][]string{
	protocolXML: {"ecma323"},
	"csta3-ber": berFramings,
	"csta2-ber": berFramings,
	"csta1-ber": berFramings,
}

var (
	protocolNames = []string{protocolXML, "csta3-ber", "csta2-ber", "csta1-ber"}
	berFramings   = []string{"length16", "oxe", "hipath26", "tpkt", "ber"}
	framingNames  = append([]string{"ecma323"}, berFramings...)
)

// protocolXML is the one protocol that is not in ASN.1.
const protocolXML = "csta3-xml"

func readLink(t *table) Link {
	l := Link{Name: t.name("name")}
	l.Profile = t.oneOf("profile", "", profileNames...)
	known := profileOf(l.Profile)
	l.Protocol, l.Framing = readProtocol(t, &known)
	readAddresses(t, &l)

	l.ConnectTimeout = t.duration("connect_timeout", 2*time.Second, 100*time.Millisecond, 5*time.Minute)
	l.HeartbeatInterval = t.duration("heartbeat_interval", known.heartbeatInterval, 100*time.Millisecond,
		time.Hour)
	l.HeartbeatMisses = t.integer("heartbeat_misses", known.heartbeatMisses, 1, 100)

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

	l.Session = readSession(t.table("session"), l.Protocol, &known)
	names := map[string]int{}
	for _, sub := range t.tables("tserver") {
		server := readTServer(sub, l.FrameMax)
		sub.unique(names, "T-Server", server.Name)
		l.TServers = append(l.TServers, server)
	}
	if !t.has("tserver") {
		t.fault("", "no T-Server: add a [[link.tserver]] with name and listen below this link")
	}
	readRecord(t, &l)
	t.close()
	return l
}

// readRecord reads where the legs are recorded.
func readRecord(t *table, l *Link) {
	l.Record = t.text("record", "")
	l.RecordSize = t.size("record_size", "64MiB", "1MiB", "1TiB")
	l.RecordFiles = t.integer("record_files", 8, 2, 10_000)
	if l.Record == "" {
		return
	}
	if !filepath.IsAbs(l.Record) {
		l.Record = filepath.Join(filepath.Dir(t.doc.path), l.Record)
	}
	for i := range l.TServers {
		if l.TServers[i].Name == record.LinkName {
			t.fault("record", "a T-Server is named %q, as the switch's leg is in a record: name it otherwise",
				record.LinkName)
		}
	}
}

// readProtocol gives protocol and framing. Where the protocol is not known any framing passes, so
// that one mistake is one fault.
func readProtocol(t *table, known *profile) (protocol, framing string) {
	protocol = t.text("protocol", known.protocol)
	framings, ok := protocols[protocol]
	switch {
	case protocol == "" && !t.has("protocol") && t.filled("profile") && t.values["profile"] != "generic":
		// the profile is not known, which is said there
	case protocol == "" && !t.has("protocol"):
		t.fault("", "protocol is missing: add protocol = %q, or a profile that has one", protocolXML)
	case !ok:
		t.fault("protocol", "protocol = %q is not known: write one of %s", protocol, quoteAll(protocolNames))
	}
	if !ok {
		protocol, framings = protocolXML, framingNames
	}
	otherwise := known.framingFor(protocol)
	framing = t.oneOf("framing", otherwise, framingNames...)
	if slices.Contains(framings, framing) {
		return protocol, framing
	}
	if protocol == protocolXML {
		t.fault("framing", "framing = %q is for the ASN.1 protocols: %q goes over %s", framing, protocol,
			quoteAll(framings))
	} else {
		t.fault("framing", "framing = %q is for XML: %q goes over one of %s", framing, protocol,
			quoteAll(framings))
	}
	return protocol, otherwise
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

// readFrameMax bounds frame_max by what the framing's length field can say, rounded up to a figure
// that reads well: the last bytes of it are never met.
func readFrameMax(t *table, framing string) int {
	otherwise, most := "64KiB", "64KiB" // 16 bits
	switch framing {
	case "hipath26":
		otherwise, most = "32KiB", "32KiB" // 15 bits
	case "ber":
		most = "16MiB"
	}
	return int(t.size("frame_max", otherwise, "1KiB", most))
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
	if least := leastBacklog(frameMax); s.BacklogMax < least {
		t.fault("backlog_max", "backlog_max is under four times frame_max: write \"%dKiB\" or more", (least+1023)/1024)
	}
	t.close()
	return s
}

// leastBacklog is the smallest backlog_max, in bytes, with frames of up to so many.
func leastBacklog(frameMax int) int64 { return max(64<<10, 4*int64(frameMax)) }
