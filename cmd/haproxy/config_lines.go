package main

import (
	"strconv"
	"strings"
)

// A lineIndex tells the line of each key of a TOML file, which the TOML package forgets. Keys are
// written as link[0].tserver[1].listen; the elements of an array as link[0].dial[1].
type lineIndex map[string]int

// line of the key, or of the nearest table around it, or 1.
func (x lineIndex) line(key string) int {
	for key != "" {
		if n, ok := x[key]; ok {
			return n
		}
		cut := max(strings.LastIndexByte(key, '.'), strings.LastIndexByte(key, '['))
		if cut < 0 {
			break
		}
		key = key[:cut]
	}
	return 1
}

// nestingMax ends the index, not the check, in a file of brackets.
const nestingMax = 64

// indexLines scans text that the TOML package has accepted; of other text it makes a poor index,
// but returns.
func indexLines(text string) lineIndex {
	s := lineScanner{text: text, line: 1, index: lineIndex{}, tables: map[string]int{}}
	for s.blank(); s.pos < len(s.text); s.blank() {
		if s.peek() == '[' {
			s.header()
			continue
		}
		s.keyValue(s.table, 0)
	}
	return s.index
}

// lineScanner walks over a file once, byte for byte.
type lineScanner struct {
	text   string
	pos    int
	line   int
	table  string // of the last header
	index  lineIndex
	tables map[string]int // array tables and how many of each so far
}

func (s *lineScanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *lineScanner) next() {
	if s.peek() == '\n' {
		s.line++
	}
	s.pos++
}

// take passes over word if it stands here.
func (s *lineScanner) take(word string) bool {
	if !strings.HasPrefix(s.text[min(s.pos, len(s.text)):], word) {
		return false
	}
	s.pos += len(word) // no word holds a line feed
	return true
}

// blank passes over white space, line ends, comments and a byte order mark.
func (s *lineScanner) blank() {
	for s.pos < len(s.text) {
		switch c := s.peek(); {
		case c == '#':
			for s.pos < len(s.text) && s.peek() != '\n' {
				s.next()
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			s.next()
		case !s.take("\ufeff"):
			return
		}
	}
}

func (s *lineScanner) note(key string) {
	if _, known := s.index[key]; !known {
		s.index[key] = s.line
	}
}

// header reads [a.b] or [[a.b]]. A name of an array table stands for its last element so far.
func (s *lineScanner) header() {
	s.next()
	array := s.take("[")
	names := s.names(']')
	s.table = ""
	for i, name := range names {
		s.table = join(s.table, name)
		s.note(s.table)
		n := s.tables[s.table]
		if array && i == len(names)-1 {
			s.tables[s.table]++
			n++
		}
		if n > 0 {
			s.table += element(n - 1)
		}
	}
	s.note(s.table)
	s.take("]")
	if array {
		s.take("]")
	}
}

// keyValue reads a.b = value in the table given.
func (s *lineScanner) keyValue(table string, depth int) {
	for _, name := range s.names('=') {
		table = join(table, name)
		s.note(table)
	}
	s.take("=")
	s.value(table, depth)
}

// names reads a dotted key up to the byte end, and always moves on.
func (s *lineScanner) names(end byte) []string {
	var names []string
	for s.pos < len(s.text) && s.peek() != end && s.peek() != '\n' {
		switch c := s.peek(); c {
		case ' ', '\t', '.', '\r':
			s.next()
		case '"', '\'':
			names = append(names, s.quoted())
		default:
			start := s.pos
			for s.pos < len(s.text) && s.peek() != end && strings.IndexByte(" \t.\r\n", s.peek()) < 0 {
				s.next()
			}
			names = append(names, s.text[start:s.pos])
		}
	}
	if s.peek() == '\n' {
		s.next()
	}
	return names
}

// value passes over a value and notes the lines of what is inside.
func (s *lineScanner) value(key string, depth int) {
	if depth > nestingMax {
		s.pos = len(s.text)
		return
	}
	for s.peek() == ' ' || s.peek() == '\t' {
		s.next()
	}
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.array(key, depth)
	case '{':
		s.inlineTable(key, depth)
	default:
		for s.pos < len(s.text) && strings.IndexByte(",]}#\n", s.peek()) < 0 {
			s.next()
		}
	}
}

func (s *lineScanner) array(key string, depth int) {
	s.next()
	for n := 0; ; {
		s.blank()
		switch s.peek() {
		case ']', 0:
			s.next()
			return
		case ',', '}':
			s.next()
		default:
			s.note(key + element(n))
			s.value(key+element(n), depth+1)
			n++
		}
	}
}

func (s *lineScanner) inlineTable(key string, depth int) {
	s.next()
	for {
		s.blank()
		switch s.peek() {
		case '}', 0:
			s.next()
			return
		case ',':
			s.next()
		default:
			s.keyValue(key, depth+1)
		}
	}
}

// quoted passes over a string of any of the four kinds and gives its content as written, with the
// escapes of the simple kinds undone.
func (s *lineScanner) quoted() string {
	quote := s.text[s.pos : s.pos+1]
	start := s.pos
	if s.take(strings.Repeat(quote, 3)) {
		s.until(strings.Repeat(quote, 3), quote == `"`)
		for s.take(quote) { // up to two quotes may stand before the closing three
		}
		return ""
	}
	s.next()
	s.until(quote, quote == `"`)
	raw := s.text[start:min(s.pos, len(s.text))]
	if name, err := strconv.Unquote(raw); err == nil && quote == `"` {
		return name
	}
	return strings.Trim(raw, quote)
}

func (s *lineScanner) until(end string, escapes bool) {
	for s.pos < len(s.text) && !s.take(end) {
		if escapes && s.peek() == '\\' {
			s.next()
		}
		s.next()
	}
}

func join(table, name string) string {
	if table == "" {
		return name
	}
	return table + "." + name
}

func element(n int) string { return "[" + strconv.Itoa(n) + "]" }
