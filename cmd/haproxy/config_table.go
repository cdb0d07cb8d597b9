package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A table is one table of a configuration file. Each getter names a key with its default, reports
// what is wrong with its value, and then gives the default, so that one check finds every fault.
type table struct {
	doc    *document
	path   string // "" is the file
	values map[string]any
	asked  []string
}

func (t *table) fault(key, format string, args ...any) {
	t.doc.faultAt(join(t.path, key), format, args...)
}

func (t *table) has(key string) bool {
	_, ok := t.values[key]
	return ok
}

// filled tells whether the file gives the key a value other than nothing.
func (t *table) filled(key string) bool {
	value, ok := t.values[key]
	return ok && value != "" && len(elements(value)) > 0
}

// get gives the value of a key and remembers that there is such a key.
func (t *table) get(key string) (value any, ok bool) {
	t.asked = append(t.asked, key)
	value, ok = t.values[key]
	return value, ok
}

func (t *table) mistyped(key string, value any, wanted string) {
	t.fault(key, "%s is %s: write %s", key, kindOf(value), wanted)
	t.doc.mistype(join(t.path, key))
}

func (t *table) settle(key, value string) { t.doc.settings[join(t.path, key)] = value }

// text gives a string.
func (t *table) text(key, otherwise string) string {
	result := otherwise
	if value, ok := t.get(key); ok {
		if result, ok = value.(string); !ok {
			t.mistyped(key, value, `text in quotes, `+key+` = "…"`)
			result = otherwise
		}
	}
	t.settle(key, result)
	return result
}

// oneOf gives one of the allowed strings.
func (t *table) oneOf(key, otherwise string, allowed ...string) string {
	value := t.text(key, otherwise)
	if !slices.Contains(allowed, value) {
		t.fault(key, "%s = %q is not known: write one of %s", key, value, quoteAll(allowed))
		return otherwise
	}
	return value
}

// name gives a required name, fit for logs, metrics and commands.
func (t *table) name(key string) string {
	value := t.text(key, "")
	switch {
	case !t.has(key):
		t.fault("", "%s is missing: add %s = \"…\"", key, key)
	case len(value) > 64 || !isWord(value):
		t.fault(key, "%s = %q is no name: write 1 to 64 letters, digits, dots, hyphens or underscores",
			key, value)
		return ""
	}
	return value
}

// isWord tells whether text is letters, digits, dots, hyphens and underscores, one at least.
func isWord(text string) bool {
	const others = "0123456789._-"
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return text != ""
}

// unique reports a name that another table of its kind has already.
func (t *table) unique(seen map[string]int, kind, name string) {
	if name == "" {
		return
	}
	if line, taken := seen[name]; taken {
		t.fault("name", "%s %q stands on line %d already: give each %s a name of its own",
			kind, name, line, kind)
		return
	}
	seen[name] = t.doc.lines.line(join(t.path, "name"))
}

// integer gives a whole number from least to most.
func (t *table) integer(key string, otherwise, least, most int) int {
	result := otherwise
	if value, ok := t.get(key); ok {
		switch n, isInt := value.(int64); {
		case !isInt:
			t.mistyped(key, value, fmt.Sprintf("a whole number without quotes, as %s = %d", key, otherwise))
		case n < int64(least) || n > int64(most):
			t.fault(key, "%s = %d is out of bounds: write %d to %d", key, n, least, most)
		default:
			result = int(n)
		}
	}
	t.settle(key, strconv.Itoa(result))
	return result
}

// size gives a number of bytes from least to most, all three written as in the file.
func (t *table) size(key, otherwise, least, most string) int64 {
	result := mustSize(otherwise)
	if value, ok := t.get(key); ok {
		switch n, err := sizeOf(value); {
		case err != nil:
			t.fault(key, "%s = %v is no size: %v", key, shown(value), err)
		case n < mustSize(least) || n > mustSize(most):
			t.fault(key, "%s = %v is out of bounds: write %q to %q", key, shown(value), least, most)
		default:
			result = n
		}
	}
	t.settle(key, strconv.FormatInt(result, 10))
	return result
}

// duration gives a time from least to most.
func (t *table) duration(key string, otherwise, least, most time.Duration) time.Duration {
	result := otherwise
	if value, ok := t.get(key); ok {
		text, isText := value.(string)
		d, err := time.ParseDuration(text)
		switch {
		case !isText:
			t.mistyped(key, value, fmt.Sprintf("a time with its unit in quotes, as %s = %q",
				key, short(otherwise)))
		case err != nil:
			t.fault(key, "%s = %q is no time: write it as \"10s\", \"500ms\", \"10m\" or \"4h\"", key, text)
		case d < least || d > most:
			t.fault(key, "%s = %q is out of bounds: write %q to %q", key, text, short(least), short(most))
		default:
			result = d
		}
	}
	t.settle(key, short(result))
	return result
}

// flag gives true or false.
func (t *table) flag(key string, otherwise bool) bool {
	result := otherwise
	if value, ok := t.get(key); ok {
		if result, ok = value.(bool); !ok {
			t.mistyped(key, value, "true or false without quotes")
			result = otherwise
		}
	}
	t.settle(key, strconv.FormatBool(result))
	return result
}

// texts gives a list of strings without repeats. check says what is wrong with one of them, or "".
func (t *table) texts(key string, otherwise []string, check func(string) string) []string {
	result := otherwise
	if value, ok := t.get(key); ok {
		items, isList := value.([]any)
		if !isList {
			t.mistyped(key, value, `a list, `+key+` = ["…", "…"]`)
		}
		result = make([]string, 0, len(items))
		for i, item := range items {
			text, isText := item.(string)
			reason := "it stands there twice: remove one"
			if !slices.Contains(result, text) {
				reason = check(text)
			}
			switch {
			case !isText:
				t.fault(key+element(i), "%s has an element that is %s: write each in quotes, [\"…\", \"…\"]",
					key, kindOf(item))
			case reason != "":
				t.fault(key+element(i), "%s has %q: %s", key, text, reason)
			default:
				result = append(result, text)
			}
		}
	}
	t.settle(key, quoteAll(result))
	return result
}

// table gives the table of a name, an empty one where the file has none.
func (t *table) table(key string) *table {
	sub := &table{doc: t.doc, path: join(t.path, key)}
	if value, ok := t.get(key); ok {
		if sub.values, ok = value.(map[string]any); !ok {
			t.mistyped(key, value, "a table, ["+header(sub.path)+"]")
		}
	}
	return sub
}

// tables gives the array tables of a name.
func (t *table) tables(key string) []*table {
	value, ok := t.get(key)
	if !ok {
		return nil
	}
	var result []*table
	path := join(t.path, key)
	_, single := value.(map[string]any)
	for i, item := range elements(value) {
		values, isTable := item.(map[string]any)
		if single || !isTable {
			t.mistyped(key, value, "an array table, [["+header(path)+"]]")
			return nil
		}
		result = append(result, &table{doc: t.doc, path: path + element(i), values: values})
	}
	return result
}

// close reports the keys that nothing asked for.
func (t *table) close() {
	for key := range t.values {
		if slices.Contains(t.asked, key) {
			continue
		}
		if near := nearest(key, t.asked); near != "" {
			t.fault(key, "unknown key %q: did you mean %s?", key, near)
			continue
		}
		t.fault(key, "unknown key %q: remove it; known here are %s", key, strings.Join(t.asked, ", "))
	}
}
