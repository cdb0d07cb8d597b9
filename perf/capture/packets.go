package capture

import (
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"haproxy/fanout/pcapng"
)

// nestedMax bounds the tunnels of a packet that are each in fragments.
const nestedMax = 4

// packet takes the TCP segment of a packet, in the innermost of what carries it.
func (r *Reader) packet(data []byte, link layers.LinkType, at time.Time, name string) {
	packet := gopacket.NewPacket(data, link, gopacket.DecodeOptions{NoCopy: true})
	tcp, ends := innermost(packet, gopacket.Flow{})
	for range nestedMax {
		key, part, inPart := fragmentOf(packet)
		if tcp != nil || !inPart {
			break
		}
		if packet.Metadata().Truncated {
			r.cut++
		}
		whole, lost := r.fragments.join(key, part, at)
		if r.sum.Ignored += lost; whole == nil {
			return
		}
		packet = gopacket.NewPacket(whole, key.protocol.LayerType(), gopacket.DecodeOptions{NoCopy: true})
		tcp, ends = innermost(packet, key.hosts)
	}
	if tcp == nil {
		if packet.ErrorLayer() != nil {
			r.sum.Ignored++
		}
		return
	}
	if port := layers.TCPPort(r.opts.Port); port != 0 && tcp.SrcPort != port && tcp.DstPort != port {
		return
	}
	s := &segment{from: ends[0], to: ends[1], tcp: tcp, at: at, cut: packet.Metadata().Truncated}
	if section := r.file.section(); pcapng.Made(section) { // else the name is that of a network card
		s.name, s.record = name, section.Comment
		if of, stands := pcapng.Stands(section, name); stands {
			r.file.stands, s.standing = true, of
		} else {
			r.spoke[interfaceOf{s.record, name}] = true
		}
	}
	if s.cut {
		r.cut++
	}
	r.segment(s)
}

// innermost returns the TCP layer of a packet between hosts, with the ends that the layer below it names; nil where it
// has none.
func innermost(packet gopacket.Packet, hosts gopacket.Flow) (tcp *layers.TCP, ends [2]netip.AddrPort) {
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case gopacket.NetworkLayer:
			hosts = l.NetworkFlow()
		case *layers.TCP:
			from, ok := netip.AddrFromSlice(hosts.Src().Raw())
			to, also := netip.AddrFromSlice(hosts.Dst().Raw())
			if ok && also {
				tcp = l
				ends = [2]netip.AddrPort{
					netip.AddrPortFrom(from, uint16(l.SrcPort)), netip.AddrPortFrom(to, uint16(l.DstPort)),
				}
			}
		}
	}
	return tcp, ends
}

// interfaceOf is an interface of a record.
type interfaceOf struct{ record, name string }
