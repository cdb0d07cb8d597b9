package cstaber

import (
	"encoding/hex"
	"strconv"
	"strings"

	"haproxy/codec/ber"
)

// layout is how an argument, result or event stands on the wire: its elements in their order, within
// a SEQUENCE or by themselves.
type layout struct {
	root  ber.Tag // 0 where the elements stand by themselves
	parts []part
}

// part is one element of a layout.
type part struct {
	tag      ber.Tag // as it stands on the wire, or anyDevice
	inner    ber.Tag // of the element that an explicit tag holds; 0 where there is none
	key      ber.Tag // tag with a primitive content
	do       effect
	field    field
	must     bool   // written even if the message does not say it
	read     bool   // read, never written
	doubtful bool   // an earlier part may have its tag
	fixed    []byte // the content of an element that is never read
}

// Tags that no element has: that of a device identifier of phases I and II, whose form is its tag,
// and that of an element of any tag.
const (
	anyDevice  ber.Tag = 0x1FFF
	anyElement ber.Tag = 0x1FFE
)

// parseLayout reads a layout as the tables draw it, separated by spaces:
//
//	30:device     an element by its tag, and the field it holds
//	A1.30:device  an element within an explicit tag
//	8x:device     a device identifier of phases I and II: 80 to 86
//	**:private    an element of any tag
//	0A:cause!     an element that has to be there
//	30:private?   one that is read and never written
//	01=00         one that is written with this content and never read
//	=             before all: the elements stand by themselves
//	(A0)          before all: they stand in this element, not in a SEQUENCE
func parseLayout(text string) *layout {
	l := &layout{root: ber.Sequence}
	for word := range strings.FieldsSeq(text) {
		switch {
		case word == "=":
			l.root = 0
		case word[0] == '(':
			l.root = parseTag(strings.Trim(word, "()"))
		default:
			p := parsePart(word)
			p.doubtful = doubtful(&p, l.parts)
			l.parts = append(l.parts, p)
		}
	}
	return l
}

// doubtful reports whether an element of a part may be read as one of the parts before it.
func doubtful(p *part, before []part) bool {
	for i := range before {
		if before[i].matches(p.key) || p.tag == anyElement || p.tag == anyDevice {
			return true
		}
	}
	return false
}

func parsePart(word string) part {
	var p part
	tags, name, held := strings.Cut(word, ":")
	if !held {
		var content string
		tags, content, _ = strings.Cut(word, "=")
		fixed, err := hex.DecodeString(content)
		if err != nil {
			panic("a layout has " + word)
		}
		p.fixed = append([]byte{}, fixed...)
		p.do = doNothing
	} else {
		p.must = strings.HasSuffix(name, "!")
		p.read = strings.HasSuffix(name, "?")
		rule, known := fieldNames[strings.TrimRight(name, "!?")]
		if !known {
			panic("a layout has " + word)
		}
		p.do, p.field = rule.do, rule.field
	}
	outer, inner, nested := strings.Cut(tags, ".")
	p.tag = parseTag(outer)
	p.key = p.tag.Primitive()
	if nested {
		p.inner = parseTag(inner)
	}
	return p
}

func parseTag(text string) ber.Tag {
	switch text {
	case "8x":
		return anyDevice
	case "**":
		return anyElement
	}
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil {
		panic("a layout has the tag " + text)
	}
	return ber.Tag(n)
}

// matches reports whether an element, known by its tag with a primitive content, is that of the
// part.
func (p *part) matches(key ber.Tag) bool {
	return p.key == key || p.tag == anyDevice && key >= 0x80 && key <= 0x86 || p.tag == anyElement
}

// fieldRule is what an element of a layout does to the message.
type fieldRule struct {
	do    effect
	field field
}

// fieldNames are the names that the layouts use.
var fieldNames = map[string]fieldRule{
	"skip":          {do: doNothing},
	"ack":           {do: doAck},
	"crossRef":      {do: doCrossRef},
	"register":      {do: doRegister},
	"ref":           {do: doServiceRef},
	"agentID":       {do: doAgentID},
	"item":          {do: doItem},
	"itemDevice":    {do: doItemDevice},
	"version":       {do: doVersion},
	"subject":       {do: doConnection, field: subject},
	"secondary":     {do: doConnection, field: secondary},
	"object":        {do: doObject, field: subject},
	"device":        {do: doDevice, field: theDevice},
	"objectDevice":  {do: doObjectDevice, field: theDevice},
	"origin":        {do: doOrigin, field: theDevice},
	"calling":       {do: doDevice, field: calling},
	"called":        {do: doDevice, field: called},
	"redirection":   {do: doRedirection, field: lastRedirection},
	"destination":   {do: doDevice, field: destination},
	"group":         {do: doDevice, field: group},
	"forwardTo":     {do: doDevice, field: forwardTo},
	"local":         {do: doLocal},
	"cause":         {do: doCause},
	"status":        {do: doStatus},
	"pending":       {do: doPending},
	"pendingWork":   {do: doPendingWork},
	"requestAgent":  {do: doRequestAgent},
	"forwarding":    {do: doForwarding},
	"on":            {do: doOn},
	"existing":      {do: doExisting},
	"last":          {do: doLastSegment},
	"monitorType":   {do: doMonitorType},
	"media":         {do: doMedia},
	"filter":        {do: doFilter},
	"private":       {do: doPrivate},
	"privateData":   {do: doPrivateData},
	"connections":   {do: doConnections},
	"snapshot":      {do: doSnapshot},
	"callSnapshot":  {do: doCallSnapshot},
	"agents":        {do: doAgents},
	"forwards":      {do: doForwards},
	"error":         {do: doError},
	"primaryCall":   {do: doPrimaryCall},
	"secondaryCall": {do: doSecondaryCall},
	"details":       {do: doDetails},
	"forwardParam":  {do: doForwardParameter},
	"forwardParams": {do: doForwardParameters},
	"agentParam":    {do: doAgentParameter},
	"agentState":    {do: doAgentState},
}
