package cstaxml

import (
	"os"
	"path/filepath"
	"testing"

	"haproxy/codec/csta"
)

// TestSamples decodes the real messages that HAPROXY_SAMPLES names, field by field.
func TestSamples(t *testing.T) {
	dir := os.Getenv("HAPROXY_SAMPLES")
	if dir == "" {
		t.Skip("HAPROXY_SAMPLES does not name the folder of the real messages")
	}
	files, err := filepath.Glob(filepath.Join(dir, "xml", "openscape-ed4", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages under %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var msg csta.Message
			if err := New().Decode(&msg, framed(7, string(document))); err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", msg)
		})
	}
}
