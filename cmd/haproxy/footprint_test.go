package main

import (
	"hash/crc32"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/font/liberation"

	"haproxy/perf/load"
)

func TestMappings(t *testing.T) {
	const smaps = `00400000-00d56000 r-xp 00000000 fe:00 99        /usr/bin/haproxy
Size:               9560 kB
Rss:                7640 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me sd
00d56000-01772000 r--p 00956000 fe:00 99        /usr/bin/haproxy
Anonymous:             0 kB
01772000-01780000 r--p 01372000 fe:00 99        /usr/bin/haproxy
Anonymous:           240 kB
01780000-01cc1000 rw-p 01380000 fe:00 99        /usr/bin/haproxy
Anonymous:             0 kB
01cc1000-0423a000 rw-p 00000000 00:00 0
Anonymous:          5488 kB
7f75f2d4f000-7f75f2d75000 r--p 00000000 fe:00 98        /opt/usr/bin/haproxy
Anonymous:             0 kB
7fe40d39e000-7fe40d3a0000 r-xp 00000000 00:00 0         [vdso]
Anonymous:             0 kB
`
	want := []mapping{
		{0x400000, 0xd56000, false, false},
		{0xd56000, 0x1772000, false, false},
		{0x1772000, 0x1780000, false, true},
		{0x1780000, 0x1cc1000, true, false},
	}
	if got := mappings(strings.NewReader(smaps), "/usr/bin/haproxy"); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// What the start needed is no longer resident, and the program goes on out of its file.
func TestGiveBack(t *testing.T) {
	before, err := load.UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	fonts := fontSums(t)
	giveBack()
	after, err := load.UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after.Resident >= before.Resident {
		t.Errorf("%d KiB resident before, %d after", before.Resident>>10, after.Resident>>10)
	}
	if !maps.Equal(fontSums(t), fonts) {
		t.Error("the fonts of plots are not what they were")
	}
}

// fontSums returns a checksum of every font that a plot may be drawn with.
func fontSums(t *testing.T) map[string]uint32 {
	t.Helper()
	sums := make(map[string]uint32)
	for _, face := range liberation.Collection() {
		sum := crc32.NewIEEE()
		if _, err := face.Face.WriteSourceTo(nil, sum); err != nil {
			t.Fatal(err)
		}
		sums[face.Name()] = sum.Sum32()
	}
	return sums
}
