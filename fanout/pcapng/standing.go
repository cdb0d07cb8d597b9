package pcapng

import (
	"strings"

	"github.com/gopacket/gopacket/pcapgo"
)

// standing ends the name of an interface that tells what stands on a leg when the capture begins, as though it had just
// been brought about: it was said before. No name of a leg has a blank.
const standing = " standing"

// StandingOf returns the name of the interface that tells what stands on a leg.
func StandingOf(leg string) string { return leg + standing }

// Stands returns the leg of which an interface tells what stands; ok is false for others, and in captures of others.
func Stands(info pcapgo.NgSectionInfo, name string) (leg string, ok bool) {
	leg, ok = strings.CutSuffix(name, standing)
	return leg, ok && info.Application == application
}
