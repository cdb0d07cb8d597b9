package main

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// listen gives an address to listen on, "" where there is none.
func (t *table) listen(key, otherwise string) string {
	address := t.text(key, otherwise)
	if address == "" {
		return ""
	}
	host, reason := splitAddress(address)
	if reason == "" && host != "" && !isHost(host) {
		reason = "write the host as an IP address or a name of this machine"
	}
	if reason != "" {
		t.fault(key, "%s = %q: %s", key, address, reason)
		return ""
	}
	return address
}

// dialFault says what is wrong with an address to call, or "".
func dialFault(address string) string {
	host, reason := splitAddress(address)
	if reason == "" && !isHost(host) {
		return `write it as "host:port", with an IP address or a name for the host`
	}
	return reason
}

// splitAddress takes host:port apart. Ports are numbers: a name would ask the machine's tables.
func splitAddress(address string) (host, reason string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", `write it as "host:port", an IPv6 host in brackets: "[2001:db8::1]:port"`
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return host, "write the port as a number from 1 to 65535"
	}
	return host, ""
}

// isHost tells a host from a slip of the pen; whether it can be reached is seen at run time.
func isHost(host string) bool {
	host, zone, zoned := strings.Cut(host, "%")
	if addr, err := netip.ParseAddr(host); err == nil {
		return !zoned || addr.Is6() && zone != ""
	}
	return !zoned && len(host) <= 253 && isWord(host)
}

// readAllow gives the networks that a T-Server may call from.
func readAllow(t *table) []netip.Prefix {
	var prefixes []netip.Prefix
	t.texts("allow", nil, func(text string) string {
		prefix, reason := parseAllow(text)
		if reason == "" {
			prefixes = append(prefixes, prefix)
		}
		return reason
	})
	return prefixes
}

// parseAllow reads a network or a single address.
func parseAllow(text string) (prefix netip.Prefix, reason string) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), ""
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Addr().Is4In6() {
		return prefix, `write a network as "192.0.2.0/24" or an address as "192.0.2.7"`
	}
	if prefix != prefix.Masked() {
		return prefix, "bits are set behind the prefix length: write " + prefix.Masked().String() +
			" or the address alone, " + prefix.Addr().String()
	}
	return prefix, ""
}

// A listener is one place of the file that has the proxy listen.
type listener struct {
	address string
	key     string // where the file says so
	label   string
	link    int // -1 is not of a link
	server  *TServer
}

// checkAddresses looks across the whole file: who listens where, and whether a peer that connects
// there can be told from the others.
func checkAddresses(doc *document, cfg *Config) {
	all := listeners(cfg)
	for i, b := range all {
		for _, a := range all[:i] {
			if overlap(a.address, b.address) {
				checkPair(doc, a, b)
			}
		}
	}
	for i := range cfg.Links {
		for n, address := range cfg.Links[i].Dial {
			for _, l := range all {
				if l.link == i && l.address == address {
					doc.faultAt(join("link"+element(i), "dial"+element(n)),
						"dial has %q, where %s listens: write the switch's address", address, l.label)
				}
			}
		}
	}
}

func listeners(cfg *Config) []listener {
	all := []listener{{cfg.Admin.Listen, "admin.listen", "[admin]", -1, nil}}
	for i := range cfg.Links {
		link := &cfg.Links[i]
		key := "link" + element(i)
		all = append(all, listener{link.Listen, key + ".listen", "link " + strconv.Quote(link.Name), -1, nil})
		for j := range link.TServers {
			server := &link.TServers[j]
			label := "T-Server " + strconv.Quote(server.Name)
			all = append(all, listener{
				server.Listen, key + ".tserver" + element(j) + ".listen", label, i, server,
			})
		}
	}
	return all
}

// checkPair looks at two listeners that take the same port. Only T-Servers of one link may share an
// address, and only if allow tells them apart.
func checkPair(doc *document, a, b listener) {
	other := a.label + " (its default)"
	if line, inFile := doc.lines[a.key]; inFile {
		other = fmt.Sprintf("%s on line %d", a.label, line)
	}
	switch {
	case a.server == nil || b.server == nil || a.link != b.link:
		doc.faultAt(b.key, "listen = %q is taken by %s: give one of them another port",
			b.address, other)
	case a.address != b.address:
		doc.faultAt(b.key, "listen = %q overlaps %q of %s: write the same address in both, "+
			"or another port", b.address, a.address, other)
	case len(a.server.Allow) == 0 || len(b.server.Allow) == 0:
		doc.faultAt(b.key, "listen = %q is shared with %s: give each a port of its own, "+
			"or an allow list that tells them apart", b.address, other)
	default:
		checkAllow(doc, a, b)
	}
}

func checkAllow(doc *document, a, b listener) {
	for _, p := range b.server.Allow {
		for _, q := range a.server.Allow {
			if p.Overlaps(q) {
				key := strings.TrimSuffix(b.key, "listen") + "allow"
				doc.faultAt(key, "allow has %s, which overlaps %s of %s on the same listen: "+
					"a peer must match one T-Server alone", p, q, a.label)
			}
		}
	}
}

// overlap tells whether two addresses want the same port of the same interface.
func overlap(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || number(portA) != number(portB) {
		return false
	}
	return wildcard(hostA) || wildcard(hostB) || canonical(hostA) == canonical(hostB)
}

func number(port string) string { return strings.TrimLeft(port, "0") }

func wildcard(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "" || err == nil && addr.IsUnspecified()
}

func canonical(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String()
	}
	if strings.EqualFold(host, "localhost") {
		return "127.0.0.1"
	}
	return strings.ToLower(host)
}
