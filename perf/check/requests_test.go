package check

import (
	"strings"
	"testing"

	"haproxy/codec/csta"
	"haproxy/perf/switchsim"
	"haproxy/perf/tserversim"
)

// What was asked is drawn as a letter a request, capital where it is marked: with + granted, - refused,
// x its leg ended, ? never answered, 2 answered twice. What reached the switch is drawn as the letters.
func TestOnce(t *testing.T) {
	for _, c := range []struct {
		asked, reached string
		incomplete     bool
		want           string
	}{
		{asked: "A+ B- Cx", reached: "A"},
		{asked: "A+ Bx", reached: "B A"},
		{asked: "a+ a+ a-", reached: "a a"},
		{asked: "A+", reached: "A B", incomplete: true},
		{asked: "a+", reached: "a a", incomplete: true},
		{asked: "A+ B?", reached: "A B", want: "had 0 answers"},
		{asked: "A2", reached: "A", want: "had 2 answers"},
		{asked: "A+", reached: "A A", want: "2. time"},
		{asked: "A+", reached: "A A", incomplete: true, want: "2. time"},
		{asked: "A+", reached: "A B B", incomplete: true, want: "2. time"},
		{asked: "a+ a-", reached: "a a a", want: "3. time"},
		{asked: "A+", reached: "A B", want: "nobody asked"},
		{asked: "A+ B+", reached: "A", want: "granted 1 times"},
		{asked: "a+ a+", reached: "a", want: "granted 2 times"},
	} {
		_, err := Once(reached(c.reached), asked(c.asked), !c.incomplete)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s reached as %s: %v, want %q", c.asked, c.reached, err, c.want)
		}
	}
}

func asked(drawn string) (list []tserversim.Asked) {
	for word := range strings.FieldsSeq(drawn) {
		a := tserversim.Asked{
			Key: word[:1], Marked: isCapital(word), Service: csta.MakeCall,
			Gone: word[1] == 'x', Granted: word[1] == '+',
		}
		switch word[1] {
		case '+', '-':
			a.Answers = 1
		case '2':
			a.Answers = 2
		}
		list = append(list, a)
	}
	return list
}

func reached(drawn string) (list []switchsim.Reached) {
	for word := range strings.FieldsSeq(drawn) {
		list = append(list, switchsim.Reached{Key: word, Marked: isCapital(word), Service: csta.MakeCall})
	}
	return list
}

func isCapital(word string) bool { return strings.ToUpper(word[:1]) == word[:1] }
