package pcapng

import (
	"strings"

	"github.com/gopacket/gopacket/pcapgo"
)

// application names who writes the captures of this package.
const application = "haproxy"

// Speaking returns a comment for NewWriter that also says what all legs of the capture speak, so that a reader need not
// find out by trying. The names are the configuration's.
func Speaking(comment, protocol, framing string) string {
	return comment + ", " + protocol + " over " + framing
}

// Spoken returns what the legs of a capture speak whose Writer was told by Speaking. Other captures do not say.
func Spoken(info pcapgo.NgSectionInfo) (protocol, framing string, ok bool) {
	words := strings.Fields(info.Comment)
	n := len(words)
	if info.Application != application || n < 3 || words[n-2] != "over" {
		return "", "", false
	}
	return words[n-3], words[n-1], true
}

// Made reports whether a capture was written by a Writer, so that its interfaces are legs.
func Made(info pcapgo.NgSectionInfo) bool { return info.Application == application }
