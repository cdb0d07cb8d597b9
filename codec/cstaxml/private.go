package cstaxml

import (
	"bytes"
	"unicode/utf8"
)

// private writes private data as they stood in a frame of another peer, if they mean the same in this one and are XML
// throughout; else they are left out.
func (w *writer) private(name string, content []byte) {
	if w.fits(content) && isText(content) {
		w.raw(name, content)
	}
}

// isText reports whether XML allows every character.
func isText(content []byte) bool {
	for len(content) > 0 {
		r, n := utf8.DecodeRune(content)
		if r == utf8.RuneError && n == 1 || !isChar(r) {
			return false
		}
		content = content[n:]
	}
	return true
}

// fits reports whether the names in raw content mean under the writer's prefix what they meant where they were read:
// the outermost elements are of the standard and have its prefix, and each other prefix is declared within.
//
//	<privateData><private><v:x xmlns:v="urn:v"/></private></privateData>    fits a writer without a prefix
//	<n:privateData><n:string>00</n:string></n:privateData>                  fits one whose prefix is n
//	<privateData><private><v:x/></private></privateData>                    fits none
func (w *writer) fits(content []byte) bool {
	var (
		room     [8][]byte
		rooms    [8]int
		declared = room[:0]  // the prefixes of the open elements, an empty one for a default namespace
		opened   = rooms[:0] // how many of them each open element found
	)
	for {
		at := bytes.IndexByte(content, '<')
		if at < 0 {
			return len(opened) == 0
		}
		tag := markupAt(content[at:])
		content = content[at+len(tag):]
		switch {
		case len(tag) < 3:
			return false
		case tag[1] == '!' || tag[1] == '?':
			continue
		case tag[1] != '/':
			opened = append(opened, len(declared))
			name, attributes := cutName(bytes.TrimSuffix(tag[1:len(tag)-1], []byte("/")))
			names, ok := attributeNames(attributes)
			declared = appendDeclared(declared, names)
			if !ok || !w.knows(name, declared, len(opened) == 1) || !w.knowAll(names, declared) {
				return false
			}
		}
		if tag[1] == '/' || tag[len(tag)-2] == '/' {
			last := len(opened) - 1
			if last < 0 {
				return false
			}
			declared, opened = declared[:opened[last]], opened[:last]
		}
	}
}

// knows reports whether the prefix of an element is the writer's or declared; one without a prefix is of the standard,
// and so has to be as the writer's, only if it is an outermost one.
func (w *writer) knows(name []byte, declared [][]byte, outermost bool) bool {
	prefix, _, _ := localName(name)
	return len(prefix) == 0 && !outermost || bytes.Equal(prefix, w.prefix) || isIn(declared, prefix)
}

// knowAll is knows for the names of attributes.
func (w *writer) knowAll(names, declared [][]byte) bool {
	for _, name := range names {
		prefix, _, _ := localName(name)
		reserved := string(prefix) == "xmlns" || string(prefix) == "xml"
		if !reserved && !w.knows(name, declared, false) {
			return false
		}
	}
	return true
}

// appendDeclared appends the prefixes that the attributes of an element declare.
func appendDeclared(declared, names [][]byte) [][]byte {
	for _, name := range names {
		switch prefix, local, _ := localName(name); {
		case string(prefix) == "xmlns":
			declared = append(declared, local)
		case len(prefix) == 0 && string(local) == "xmlns":
			declared = append(declared, nil)
		}
	}
	return declared
}

func isIn(names [][]byte, name []byte) bool {
	for _, n := range names {
		if bytes.Equal(n, name) {
			return true
		}
	}
	return false
}

// markupAt returns the tag, comment, CDATA section or instruction that text begins with; nothing where it has no end.
func markupAt(text []byte) []byte {
	for _, kind := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if bytes.HasPrefix(text, []byte(kind.begin)) {
			n := bytes.Index(text[len(kind.begin):], []byte(kind.end))
			if n < 0 {
				return nil
			}
			return text[:len(kind.begin)+n+len(kind.end)]
		}
	}
	quoted := byte(0)
	for i, c := range text {
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '"' || c == '\'':
			quoted = c
		case c == '>':
			return text[:i+1]
		}
	}
	return nil
}

// cutName cuts the name off the start of a tag, or of an attribute.
func cutName(text []byte) (name, rest []byte) {
	n := 0
	for n < len(text) && nameClass[text[n]] != 0 {
		n++
	}
	return text[:n], trimLeft(text[n:])
}

// attributeNames returns the names of the attributes of a tag.
func attributeNames(text []byte) (names [][]byte, ok bool) {
	for text = trimLeft(text); len(text) > 0; text = trimLeft(text) {
		name, rest := cutName(text)
		value, found := bytes.CutPrefix(rest, []byte("="))
		value = trimLeft(value)
		if !found || len(name) == 0 || len(value) == 0 {
			return nil, false
		}
		end := bytes.IndexByte(value[1:], value[0])
		if end < 0 {
			return nil, false
		}
		names, text = append(names, name), value[end+2:]
	}
	return names, true
}
