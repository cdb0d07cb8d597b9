package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rs/zerolog"

	"haproxy/fanout"
)

func TestHungTServerIsNoFailure(t *testing.T) {
	hung := func(link string) error {
		return errors.Join(nil, fmt.Errorf("link %q: 180162 %w", link, fanout.ErrUndrained))
	}
	stuck := errors.New("its event loop is stuck")
	for _, c := range []struct {
		err   error
		want  error
		lines int
	}{
		{nil, nil, 0},
		{hung("a"), nil, 1},
		{errors.Join(hung("a"), hung("b")), nil, 2},
		{errors.Join(hung("a"), stuck), stuck, 1},
		{fmt.Errorf("link %q: %w", "a", errors.Join(stuck)), stuck, 0},
	} {
		out := &logBuffer{lines: make(chan string, 10)}
		got := failures(c.err, zerolog.New(out))
		if !errors.Is(got, c.want) {
			t.Errorf("%v: got %v", c.err, got)
		}
		if len(out.lines) != c.lines {
			t.Errorf("%v: %d lines, want %d", c.err, len(out.lines), c.lines)
		}
		for range c.lines {
			if fields := out.await(t, "a T-Server did not read to the end"); fields["level"] != "warn" {
				t.Errorf("logged at level %v", fields["level"])
			}
		}
	}
}
