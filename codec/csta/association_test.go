package csta_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"haproxy/codec/csta"
)

func TestAssociationServices(t *testing.T) {
	for s, answered := range map[csta.Service]bool{csta.Associate: true, csta.Release: true, csta.Abort: false} {
		if s.Group() != csta.GroupSession || s.HasResponse() != answered || s.String() == "" {
			t.Errorf("%v: group %d, answered %t", s, s.Group(), s.HasResponse())
		}
	}
	for s := range csta.ServiceCount {
		if s.String() == "" || s != csta.ServiceUnknown && s.Group() == csta.GroupUnknown {
			t.Errorf("service %d has no name or group", s)
		}
	}
}

func TestVersionNames(t *testing.T) {
	all := csta.VersionECMA180 | csta.VersionECMA218 | csta.VersionECMA285Ed1 | csta.VersionISO18052 |
		csta.VersionECMA285Ed2 | csta.VersionECMA285Ed3 | csta.VersionECMA285Ed4
	var again csta.Versions
	for _, name := range (all | 1<<7).Names() {
		v, ok := csta.ParseVersion(name)
		if !ok || !slices.Equal(v.Names(), []string{name}) {
			t.Errorf("%s is %v", name, v.Names())
		}
		again |= v
	}
	if again != all {
		t.Errorf("%b came back as %b", all, again)
	}
	if _, ok := csta.ParseVersion("ecma-323"); ok {
		t.Error("ecma-323 is no version in ASN.1")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	m := csta.Message{Association: csta.Association{Password: csta.Secret("hunter2")}}
	encoded, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, m), fmt.Sprintf(verb, m.Association.Password))
	}
	for _, text := range texts {
		for _, shown := range []string{"hunter2", "68756e746572", "104 117", "aHVudGVyMg"} {
			if strings.Contains(text, shown) {
				t.Errorf("the password is shown: %.200s", text)
			}
		}
	}
}
