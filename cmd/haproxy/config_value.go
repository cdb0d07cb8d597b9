package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// elements gives an array table, an array or a single value as a list.
func elements(value any) []any {
	switch v := value.(type) {
	case []any:
		return v
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return list
	}
	return []any{value}
}

// kindOf names the type of a TOML value for an operator.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case int64:
		return "a whole number"
	case float64:
		return "a number with a fraction"
	case bool:
		return "true or false"
	case time.Time:
		return "a date"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "an array table"
	}
	return "of another type"
}

// shown writes a value as it stands in the file where that is short, else says its kind.
func shown(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return "(" + kindOf(value) + ")"
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return strings.Join(quoted, ", ")
}

// header is the path of a table as a header names it: link[0].session is link.session there.
func header(path string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(path, ".") {
		name, _, _ := strings.Cut(part, "[")
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}

// short writes a time without the zero units that time.Duration adds: 10m, not 10m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// units of sizes, the longest suffix first.
var units = []struct {
	suffix string
	shift  uint
}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"B", 0}, {"", 0}}

var errSize = errors.New(`write bytes as a whole number, or "64KiB", "64MiB", "1GiB"`)

// sizeOf reads a number of bytes: an integer, or text with a binary unit.
func sizeOf(value any) (int64, error) {
	switch v := value.(type) {
	case int64:
		return v, nil
	case string:
		return parseSize(v)
	}
	return 0, errSize
}

func parseSize(text string) (int64, error) {
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimRight(digits, " "), 10, 64)
		if err != nil {
			return 0, errSize
		}
		if n > math.MaxInt64>>unit.shift || n < 0 {
			return 0, errors.New("write a size that fits this machine")
		}
		return n << unit.shift, nil
	}
	return 0, errSize
}

// mustSize reads a size of our own.
func mustSize(text string) int64 {
	n, err := parseSize(text)
	if err != nil {
		panic(fmt.Sprintf("size %q in the program: %v", text, err))
	}
	return n
}

// nearest gives the word that is most like a misspelt one, or "" where none is near.
func nearest(wrong string, words []string) string {
	best, least := "", 1+len(wrong)/3
	for _, word := range words {
		if d := distance(strings.ToLower(wrong), word); d <= least {
			best, least = word, d-1
		}
	}
	return best
}

// distance counts the bytes to insert, delete or replace to make one word of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
