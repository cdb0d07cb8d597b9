package cstaxml

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"haproxy/codec/codectest"
	"haproxy/codec/csta"
)

var update = flag.Bool("update", false, "write what the vectors decode to into them")

// TestVectors decodes each file of testdata: what it is, its invoke ID, the document, and below a line
// of dashes the fields that it has. -update rewrites the fields; read the difference.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, fields, _ := strings.Cut(string(content), "---\n")
			what, document, _ := strings.Cut(head, "\n# invoke ")
			number, document, ok := strings.Cut(document, "\n")
			id, err := strconv.Atoi(number)
			if !ok || err != nil || !strings.HasPrefix(what, "# ") {
				t.Fatalf("%s does not begin with what it is and its invoke ID", file)
			}
			var msg csta.Message
			frm := framed(csta.InvokeID(id), document)
			if err := New().Decode(&msg, frm); err != nil {
				t.Fatal(err)
			}
			got := codectest.Describe(&msg)
			if *update {
				if err := os.WriteFile(file, []byte(head+"---\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if got != fields {
				t.Errorf("got\n%swant\n%s", got, fields)
			}
			p := newPair()
			for range 3 {
				p.feed(t, frm)
			}
		})
	}
}
