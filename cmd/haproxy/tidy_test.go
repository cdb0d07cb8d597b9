package main

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The bounds of the house style. 100 columns are aimed at; past columns it is no matter of taste.
const (
	fileLines     = 500
	functionLines = 70
	columns       = 120
)

// A source is one file of the project, its path from the root.
type source struct {
	path string
	text []byte
}

// repository gives every file of the project, in the order of paths.
func repository(t *testing.T) []source {
	t.Helper()
	var files []source
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "testdata"}, entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(root, path)
		files = append(files, source{path, text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFilesAreShort(t *testing.T) {
	for _, file := range repository(t) {
		path, text := file.path, file.text
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		if n := bytes.Count(text, []byte("\n")); n > fileLines {
			t.Errorf("%s has %d lines: split it by concept, %d are the most", path, n, fileLines)
		}
		if strings.HasSuffix(path, "_test.go") {
			continue // tables of cases are easier to read unbroken
		}
		for n := 1; len(text) > 0; n++ {
			line, rest, _ := bytes.Cut(text, []byte("\n"))
			if width := utf8.RuneCount(line); width > columns {
				t.Errorf("%s:%d has %d columns: break it, %d are the most", path, n, width, columns)
			}
			text = rest
		}
	}
}

// vague names say nothing about what a thing does.
var vague = regexp.MustCompile(`(?i)(util|helper|manager|common)s?(_|[A-Z]|$)`)

func TestFunctionsAreShortAndNamed(t *testing.T) {
	for _, file := range repository(t) {
		path, text := file.path, file.text
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "codec/codectest/") { // tables of messages, for tests
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		if base := strings.TrimSuffix(filepath.Base(path), ".go"); vague.MatchString(base) {
			t.Errorf("%s: name the file after the concept it holds", path)
		}
		for _, declaration := range parsed.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				from, to := files.Position(d.Pos()).Line, files.Position(d.End()).Line
				if n := to - from + 1; n > functionLines {
					t.Errorf("%s:%d: %s has %d lines: keep the switch here and move its leaves to functions "+
						"of their own, %d are the most", path, from, d.Name.Name, n, functionLines)
				}
				checkName(t, files, d.Name)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if named, ok := spec.(*ast.TypeSpec); ok {
						checkName(t, files, named.Name)
					}
				}
			}
		}
	}
}

func checkName(t *testing.T, files *token.FileSet, name *ast.Ident) {
	t.Helper()
	if vague.MatchString(name.Name) {
		t.Errorf("%v: %s: name it after what it does", files.Position(name.Pos()), name.Name)
	}
}

func TestNothingIsPutOff(t *testing.T) {
	marks := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	for _, file := range repository(t) {
		path, text := file.path, file.text
		if path == ".golangci.yml" || strings.HasSuffix(path, "go.sum") {
			continue
		}
		for n := 1; len(text) > 0; n++ {
			line, rest, _ := bytes.Cut(text, []byte("\n"))
			if mark := marks.Find(line); mark != nil {
				t.Errorf("%s:%d: %s: do it now, or write down in an issue what is missing", path, n, mark)
			}
			text = rest
		}
	}
}

func TestImportTableOfArchitecture(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	written := importTable(string(text))
	if len(written) == 0 {
		t.Fatal("ARCHITECTURE.md has no block that begins with ```imports: add one, a package a line, " +
			"as fanout/hub: codec codec/csta state")
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}:{{range .Imports}} {{.}}{{end}}`,
		"./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var actual []string
	for line := range strings.Lines(string(out)) {
		name, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		row := strings.TrimPrefix(name, "haproxy/") + ":"
		for _, path := range strings.Fields(imports) {
			if ours, ok := strings.CutPrefix(path, "haproxy/"); ok {
				row += " " + ours
			}
		}
		actual = append(actual, row)
	}
	slices.Sort(written)
	slices.Sort(actual)
	if !slices.Equal(written, actual) {
		t.Errorf("the import table of ARCHITECTURE.md is not what the packages import: see that the arrows still "+
			"point one way, then write\n%s\n\nin place of\n%s",
			strings.Join(actual, "\n"), strings.Join(written, "\n"))
	}
}

// importTable gives the rows of the block imports, their packages sorted.
func importTable(text string) []string {
	var rows []string
	inside := false
	for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
		line := strings.TrimSpace(scanner.Text())
		switch {
		case line == "```imports":
			inside = true
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside && line != "":
			name, imports, _ := strings.Cut(line, ":")
			sorted := slices.Sorted(slices.Values(strings.Fields(imports)))
			rows = append(rows, strings.TrimSpace(strings.Join(append([]string{name + ":"}, sorted...), " ")))
		}
	}
	return rows
}
