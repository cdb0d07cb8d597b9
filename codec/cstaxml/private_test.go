package cstaxml

import (
	"bytes"
	"strings"
	"testing"

	"haproxy/codec/csta"
)

// TestPrivateDataOfAnotherLeg: what one leg's codec read, another writes. Private data are passed as they stand where
// their names mean the same there, and are left out where they do not.
func TestPrivateDataOfAnotherLeg(t *testing.T) {
	const (
		root     = `<MonitorStartResponse xmlns="urn:csta">`
		prefixed = `<n:MonitorStartResponse xmlns:n="urn:csta">`
	)
	for _, tc := range []struct {
		name, from, private string
		plain, under        bool // whether it is written by a leg without a prefix, and by one with n
	}{
		{"of the standard", root, `<privateData><string>00</string></privateData>`, true, false},
		{"of the standard, with a prefix", prefixed, `<n:privateData><n:string>00</n:string></n:privateData>`, false, true},
		{"a vendor's, declared", root, `<privateData><private><v:x xmlns:v="urn:v" v:y='>'/></private></privateData>`, true, false},
		{"a vendor's by default", root, `<privateData><private><x xmlns = "urn:v">1</x></private></privateData>`, true, false},
		{"a vendor's within n", prefixed, `<n:privateData><n:private><x>1</x></n:private></n:privateData>`, false, true},
		{"declared by itself", root, `<n:privateData xmlns:n="urn:csta"/>`, true, true},
		{"declared on the root", `<MonitorStartResponse xmlns="urn:csta" xmlns:v="urn:v">`, `<privateData><private><v:x/></private></privateData>`, false, false},
		{"an attribute declared there", `<MonitorStartResponse xmlns="urn:csta" xmlns:v="urn:v">`, `<privateData><private v:a="1"/></privateData>`, false, false},
		{"declared by a sibling", `<MonitorStartResponse xmlns="urn:csta" xmlns:v="urn:v">`, `<privateData><a xmlns:v="urn:w"/><v:x/></privateData>`, false, false},
		{"in no tag", root, `<privateData xml:lang="de"><!-- <v:x> --><![CDATA[<v:y>]]><?v <v:z>?></privateData>`, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var m csta.Message
			end := strings.Replace(strings.Fields(tc.from)[0], "<", "</", 1) + ">"
			name := strings.TrimSuffix(strings.TrimPrefix(end, "</"), "MonitorStartResponse>") + "extensions>"
			document := tc.from + "<" + name + tc.private + "</" + name + end
			if err := New().Decode(&m, framed(3, document)); err != nil || string(m.Private) != tc.private {
				t.Fatalf("%v, %s", err, m.Private)
			}
			for shown, want := range map[string]bool{`<SystemStatus xmlns="urn:csta"/>`: tc.plain, `<n:SystemStatus xmlns:n="urn:csta"/>`: tc.under} {
				leg := New()
				var seen csta.Message
				if err := leg.Decode(&seen, framed(1, shown)); err != nil {
					t.Fatal(err)
				}
				frm, err := leg.Append(nil, &m)
				if err != nil || bytes.Contains(frm, []byte(tc.private)) != want || bytes.Contains(frm, []byte("extensions")) != want {
					t.Errorf("after %s: %s, %v", shown, frm, err)
				}
			}
		})
	}
}
