package endtoend

import (
	"fmt"
	"haproxy/codec/cstaxml"
	"haproxy/codec/csta"
	"haproxy/perf/ledger"
)

func dump(l *ledger.Ledger, ref string, call string) {
	c := cstaxml.New()
	for _, f := range l.Frames(ref) {
		var m csta.Message
		if c.Decode(&m, f) == nil {
			fmt.Printf("%v call=%s/%s sec=%s dev=%s local=%v cause=%v\n", m.Event, m.Subject.Call, m.Subject.Device.Number, m.Secondary.Call, m.Device.Number, m.Local, m.Cause)
		}
	}
	fmt.Println("----")
}
