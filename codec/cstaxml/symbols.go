package cstaxml

import "encoding/binary"

// symbol numbers a name that a table knows; symbol 0 is every other name.
type symbol uint16

// symbolTable finds the symbols of names: open addressing over a hash of a name's length and of its
// first and last bytes: an element costs one probe and one comparison.
type symbolTable struct {
	names []string
	slots [2048]symbol
}

func newSymbolTable() *symbolTable { return &symbolTable{names: []string{""}} }

// symbols are the element names of the rules.
var symbols = func() *symbolTable {
	t := newSymbolTable()
	for _, content := range grammar {
		for name := range content {
			t.add(name)
		}
	}
	return t
}()

func (t *symbolTable) add(name string) {
	if t.find([]byte(name)) != 0 {
		return
	}
	t.names = append(t.names, name)
	i := t.slot([]byte(name))
	for t.slots[i] != 0 {
		i = (i + 1) % uint(len(t.slots))
	}
	t.slots[i] = symbol(len(t.names) - 1)
}

// find returns the symbol of a name, 0 for a name that no rule knows.
func (t *symbolTable) find(name []byte) symbol {
	for i := t.slot(name); ; i = (i + 1) % uint(len(t.slots)) {
		s := t.slots[i]
		if s == 0 || string(name) == t.names[s] {
			return s
		}
	}
}

// slot returns where to look for a name first.
func (t *symbolTable) slot(name []byte) uint {
	n := len(name)
	h := uint64(n)
	if n >= 8 {
		h += binary.LittleEndian.Uint64(name)*0x9E3779B97F4A7C15 ^
			binary.LittleEndian.Uint64(name[n-8:])*0xC2B2AE3D27D4EB4F
	} else {
		for _, c := range name {
			h = (h ^ uint64(c)) * 0x9E3779B97F4A7C15
		}
	}
	return uint(h>>40^h>>20) % uint(len(t.slots))
}
