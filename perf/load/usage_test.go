package load

import (
	"os"
	"testing"
	"time"
)

// The processor time of a process is told finer than in ticks, and goes on while it works.
func TestUsageOf(t *testing.T) {
	first, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for next, began := first, time.Now(); next.CPU <= first.CPU; {
		if next, err = UsageOf(os.Getpid()); err != nil || time.Since(began) > 10*time.Second {
			t.Fatalf("%+v: %v", next, err)
		}
	}
	if first.Resident < 1<<20 || first.Peak < first.Resident/2 {
		t.Errorf("%+v", first)
	}
	if _, err = UsageOf(1 << 30); err == nil {
		t.Error("a process that is not there has used something")
	}
}
