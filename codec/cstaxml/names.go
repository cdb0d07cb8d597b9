package cstaxml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// The bytes of names. encoding/xml lets any of them but digits, '.' and '-' begin a name; every
// byte of a multi-byte character passes here and is judged by isName.
const (
	nameInner = 1 << iota // may stand in a name
	nameFirst             // may begin one
)

var nameClass = func() (class [256]uint8) {
	for c := range class {
		switch {
		case c >= utf8.RuneSelf, c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '_', c == ':':
			class[c] = nameInner | nameFirst
		case c >= '0' && c <= '9', c == '.', c == '-':
			class[c] = nameInner
		}
	}
	return class
}()

// isName reports whether a name with characters beyond ASCII is one by XML 1.0, appendix B. Its
// ASCII part was checked.
func isName(name []byte) bool {
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRune(name[i:])
		if r >= utf8.RuneSelf && !inRanges(startRanges, r) &&
			(i == 0 || !inRanges(innerRanges, r)) {
			return false // a broken character too: U+FFFD is in no range
		}
		i += n
	}
	return true
}

// inRanges reports whether one of the sorted ranges holds r.
func inRanges(ranges []rune, r rune) bool {
	i, found := slices.BinarySearch(ranges, r)
	return found || i%2 == 1 // the first of a range has an even index
}

// localName cuts the prefix off a name. Like encoding/xml it takes a name with an empty part for
// one without a prefix, and refuses one with two colons.
func localName(name []byte) (prefix, local []byte, ok bool) {
	colon := bytes.IndexByte(name, ':')
	if colon < 0 {
		return nil, name, true
	}
	if bytes.IndexByte(name[colon+1:], ':') >= 0 {
		return nil, nil, false
	}
	if colon == 0 || colon == len(name)-1 {
		return nil, name, true
	}
	return name[:colon], name[colon+1:], true
}
