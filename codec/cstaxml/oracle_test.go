package cstaxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"haproxy/codec"
	"haproxy/codec/codectest"
	"haproxy/codec/csta"
	"haproxy/codec/frame"
)

// framed puts the header of ECMA-323 before a document.
func framed(id csta.InvokeID, document string) []byte {
	f := append(make([]byte, frame.ECMA323HeaderLen), document...)
	frame.PutECMA323(f, len(f), id)
	return f
}

// oracle decodes a frame by encoding/xml and the same rules: the scan and it must agree on what is
// accepted and on what it means. What we refuse beyond encoding/xml is refused here: a document
// type, more than one root, text outside it, too deep a nesting, and bytes that are not UTF-8, for likeCleaned to judge.
type oracle struct {
	decoder
	xml  *xml.Decoder
	text [][]byte
	body []byte
}

var errOracle = errors.New("refused")

func (o *oracle) decode(msg *csta.Message, frm []byte) error {
	o.msg, o.doc, o.body = msg, frm, frm[frame.ECMA323HeaderLen:]
	if !utf8.Valid(o.body) {
		return errOracle
	}
	o.xml = xml.NewDecoder(bytes.NewReader(o.body))
	foreign := false
	o.xml.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) {
		foreign = true
		return in, nil
	}
	for {
		before := o.xml.InputOffset()
		token, err := o.xml.Token()
		if errors.Is(err, io.EOF) && o.done {
			if foreign && !isASCII(o.body) && (o.root == nil || o.root.strict()) {
				return errOracle
			}
			o.finish()
			return nil
		}
		if err != nil {
			return err
		}
		if err := o.token(token, int(before)); err != nil {
			return err
		}
	}
}

func (o *oracle) token(token xml.Token, before int) error {
	switch t := token.(type) {
	case xml.Directive:
		return errOracle
	case xml.CharData:
		if o.depth > 0 {
			o.text[o.depth-1] = append(o.text[o.depth-1], t...)
			return nil
		}
		raw := o.body[before:o.xml.InputOffset()]
		if before == 0 {
			raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
		}
		if len(trim(raw)) > 0 {
			return errOracle
		}
	case xml.StartElement:
		return o.start(t)
	case xml.EndElement:
		o.depth--
		o.done = o.depth == 0
		e := &o.open[o.depth]
		switch {
		case e.rule.do == doNothing || e.rule.do.begins():
		case e.rule.do.raw():
			o.apply(e.rule, e.number, o.body[e.content:max(before, e.content)])
		default:
			o.apply(e.rule, e.number, trim(o.text[o.depth]))
		}
		o.text = o.text[:o.depth]
	}
	return nil
}

func (o *oracle) start(t xml.StartElement) error {
	if o.done || o.depth == codec.MaxDepth {
		return errOracle
	}
	e := &o.open[o.depth]
	*e = element{content: int(o.xml.InputOffset())}
	if o.depth == 0 {
		o.begin(nil, []byte(t.Name.Local), e)
	} else if in := o.open[o.depth-1].in; in != inNothing {
		e.rule = rules[in][symbols.find([]byte(t.Name.Local))]
		e.in = e.rule.next
		if e.rule.field == sameField {
			e.rule.field = o.open[o.depth-1].rule.field
		}
	}
	for _, a := range t.Attr {
		if a.Name.Local == "typeOfNumber" && e.rule.do == doDevice {
			e.number = formOf(trim([]byte(a.Value)))
		}
	}
	o.depth++
	o.text = append(o.text, nil)
	if e.rule.do.begins() {
		o.apply(e.rule, numberForm{}, nil)
	}
	return nil
}

// agree decodes a document by both and compares.
func agree(t *testing.T, c *Codec, id csta.InvokeID, document string) {
	t.Helper()
	if len(document)+frame.ECMA323HeaderLen > frame.ECMA323Max {
		return
	}
	frm := framed(id, document)
	var got csta.Message
	err := c.Decode(&got, frm)
	want := csta.Message{Invoke: id}
	oracleErr := (&oracle{}).decode(&want, frm)
	if r := roots[string(got.Name)]; err == nil && oracleErr != nil && r != nil && !r.strict() && !isText([]byte(document)) {
		likeCleaned(t, &got, id, document)
		return
	}
	if (err == nil) != (oracleErr == nil) {
		t.Fatalf("%q: the scan says %v, encoding/xml %v", document, err, oracleErr)
	}
	if err != nil {
		return
	}
	if diff := codectest.Diff(&got, &want); diff != "" || !bytes.Equal(got.Name, want.Name) {
		t.Fatalf("%q%s", document, diff)
	}
}

// likeCleaned checks a document that has what encoding/xml refuses as a whole: with other characters in its place it has
// to mean the same, and both have to accept that.
func likeCleaned(t *testing.T, got *csta.Message, id csta.InvokeID, document string) {
	t.Helper()
	var clean strings.Builder
	for rest := document; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && n == 1 || !isChar(r) {
			clean.WriteString(strings.Repeat("~", n))
		} else {
			clean.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	want := csta.Message{Invoke: id}
	if err := (&oracle{}).decode(&want, framed(id, clean.String())); err != nil {
		t.Fatalf("%q is accepted, and %q is not: %v", document, clean.String(), err)
	}
	if got.Kind != want.Kind || got.Event != want.Event || got.Cause != want.Cause || got.Local != want.Local ||
		len(got.CrossRef) != len(want.CrossRef) || len(got.Subject.Call) != len(want.Subject.Call) ||
		len(got.Device.Number) != len(want.Device.Number) || len(got.Private) != len(want.Private) {
		t.Fatalf("%q%s", document, codectest.Diff(got, &want))
	}
	agree(t, New(), id, clean.String())
}

// traps are documents that encoding/xml accepts or refuses for a reason worth knowing.
var traps = []string{
	`<A/>`, `<A></A>`, `<A></A >`, `< A/>`, `</A>`, `<A>`, `<A></B>`, `<A><B></A></B>`, `<A/><B/>`,
	"\uFEFF<A/>", "<A/>\uFEFF", " <A/> ", "x<A/>", "<A/>x", "&#32;<A/>", "<![CDATA[]]><A/>", "",
	`<a:A></a:A>`, `<a:A></A>`, `<:A/>`, `<A:/>`, `<a:b:c/>`, `<1/>`, `<é/>`, `<a×/>`, `<a·/>`, `<·/>`,
	`<A b="1"c='2'/>`, `<A b="1" b="1"/>`, `<A b/>`, `<A b=1/>`, `<A b = "1"/>`, `<A b="<"/>`, `<A b=">"/>`,
	`<A b="&lt;&#60;"/>`, `<A b="&x;"/>`, `<A b="]]>"/>`, `<A / >`, `<A b="1`, `<A b="1"`,
	`<A>]]></A>`, `<A>]]&gt;</A>`, `<A>]]<!-- -->></A>`, `<A>]&#93;></A>`, `<A><![CDATA[]]]]></A>`,
	`<A>&lt;&gt;&amp;&quot;&apos;</A>`, `<A>&nbsp;</A>`, `<A>&lt</A>`, `<A>&;</A>`, `<A>&#;</A>`, `<A>&#x;</A>`,
	`<A>&#0;</A>`, `<A>&#xD800;</A>`, `<A>&#x110000;</A>`, `<A>&#00000000000000000000065;</A>`, `<A>&#X41;</A>`,
	`<A>&#xFFFE;</A>`, "<A>\uFFFE</A>", "<A>\uFFFD</A>", "<A>\x01</A>", "<A>\x7f</A>", "<A b='\x01'/>", "<A><!--\x01--></A>",
	`<A><!----></A>`, `<A><!--></A>`, `<A><!---></A>`, `<A><!-- -- --></A>`, `<A><!--- --></A>`, `<A><!-x--></A>`,
	`<A><![CDATA[<&]]></A>`, `<A><![CDATA[</A>`, `<A><![cdata[]]></A>`, "<A><![CDATA[\x02]]></A>",
	`<?xml version="1.0"?><A/>`, `<?xml version="1.1"?><A/>`, `<?xml encoding="latin1"?><A/>`, `<?xml encoding="latin1"?><A>é</A>`, `<?xml encoding='UTF-8'?><A/>`,
	`<?xml encoding="US-ASCII"?><A/>`, `<A/><?xml version="2"?>`, `<?xml?><A/>`, `<??><A/>`, `<?x?><A/>`, `<?x??><A/>`, `<?x`,
	`<?xml version=?><A/>`, `<?xml version=version="7"?><A/>`, `<?xml myversion="7"?><A/>`, `<?xml version="7?><A/>`,
	`<!DOCTYPE A><A/>`, `<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>`, `<A><!B></A>`, "<A>\xff</A>", "<A><!--\xff--></A>",
	`<DeliveredEvent><monitorCrossRefID> 1<!-- -->2<![CDATA[3]]>&#52; </monitorCrossRefID></DeliveredEvent>`,
	"<DeliveredEvent><monitorCrossRefID>1\r\n2\r3&#13;\n</monitorCrossRefID></DeliveredEvent>",
	`<DeliveredEvent><device>2<x>9</x>0<deviceIdentifier>&amp;</deviceIdentifier>&lt;1</device></DeliveredEvent>`,
	`<x:DeliveredEvent><y:connection><callID>1</callID></y:connection><calledDevice><notKnown/></calledDevice></x:DeliveredEvent>`,
	`<MonitorStart><extensions> <private/> </extensions></MonitorStart>`, `<MonitorStart><extensions/></MonitorStart>`,
	`<CSTAErrorCode><x><operation>invalidDeviceID</operation></x></CSTAErrorCode>`,
	"<HeldEvent><monitorCrossRefID>\xff1</monitorCrossRefID><x>\x01</x><extensions a='\xfc'>\uFFFE</extensions></HeldEvent>",
	"<HeldEvent><x\xff/></HeldEvent>", "<HeldEvent x\xff='1'/>", "<HeldEvent><\x01/></HeldEvent>", "<HeldEvent/>\xff", "\x01<HeldEvent/>",
	"<HeldEvent><x><![CDATA[\xff\x02]]></x><!--\xff--><?x \xff?></HeldEvent>", "<HeldEvent>&\xff;</HeldEvent>", "<HeldEvent>\xff</HeldEvent\xff>",
	`<?xml encoding="latin1"?><HeldEvent>é</HeldEvent>`, "<?xml encoding='latin1'?><HeldEvent>\xe9</HeldEvent>",
	"<MonitorStop><x>\xff</x></MonitorStop>", "<MonitorStop><x>\x01</x></MonitorStop>", "<MonitorStopResponse>\x01\xff</MonitorStopResponse>",
	`<GetAgentStateResponse><agentStateList><agentStateEntry><agentID>1</agentID><agentInfo><agentInfoItem/>` +
		`<agentInfoItem><agentState>agentReady</agentState></agentInfoItem></agentInfo></agentStateEntry></agentStateList></GetAgentStateResponse>`,
}

func TestTraps(t *testing.T) {
	for _, document := range traps {
		agree(t, New(), 9999, document)
	}
	for depth := codec.MaxDepth - 1; depth <= codec.MaxDepth+1; depth++ {
		agree(t, New(), 1, strings.Repeat("<a>", depth)+strings.Repeat("</a>", depth))
	}
}

// seedDocuments adds the documents of the traps and of the table to a fuzz target.
func seedDocuments(f *testing.F) {
	f.Helper()
	for _, document := range traps {
		f.Add(document)
	}
	c := New()
	for _, m := range codectest.Messages() {
		frm, err := c.Append(nil, &m.Message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(frm[frame.ECMA323HeaderLen:]))
	}
}

// FuzzOracle compares the scan with encoding/xml.
func FuzzOracle(f *testing.F) {
	seedDocuments(f)
	f.Fuzz(func(t *testing.T, document string) { agree(t, New(), 9999, document) })
}

// FuzzDecode feeds whole frames, header and all: nothing may panic, and what cannot be decoded is a
// SyntaxError with no kind.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(framed(1, `<SystemStatus/>`))
	f.Fuzz(func(t *testing.T, frm []byte) {
		c := New()
		var msg csta.Message
		var syntax *codec.SyntaxError
		switch err := c.Decode(&msg, frm); {
		case err == nil:
			_, _ = c.SetCrossRef(nil, frm, csta.CrossRefID("12<34"))
			_, _ = c.SetRegister(nil, frm, csta.RegisterID("5"))
		case !errors.As(err, &syntax) || !errors.Is(err, codec.ErrSyntax) || msg.Kind != csta.KindUnknown:
			t.Fatalf("%v, kind %d", err, msg.Kind)
		}
	})
}
