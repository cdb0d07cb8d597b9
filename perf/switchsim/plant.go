package switchsim

import (
	"fmt"
	"strconv"

	"haproxy/codec/csta"
)

// deviceKind is what a device is.
type deviceKind uint8

const (
	station deviceKind = iota
	queue
	trunk
	routePoint
)

// device is one device of the switch.
type device struct {
	number    string
	id        csta.DeviceID
	kind      deviceKind
	conns     []*conn
	monitors  []*monitor
	agent     *agent
	group     *group // of a queue
	outside   string // the number at the far end of a busy trunk
	forwards  [csta.ForwardTypeCount]string
	dnd       bool
	mwi       bool
	outOfServ bool
}

// agent is a person at a station who takes the calls of one group.
type agent struct {
	id    string
	dev   *device
	group *group
	state csta.AgentState // AgentNull is logged off
}

// group is an ACD group; its calls wait at the queue device.
type group struct {
	queue  *device
	agents []*agent
	next   int // who is asked first: round robin
}

// plant is all devices by kind, and by number.
type plant struct {
	byNumber    map[string]*device
	all         []*device
	stations    []*device
	queues      []*device
	trunks      []*device
	routePoints []*device
	agents      []*agent
}

// Numbers returns the numbers of the plant's devices, as a computing function would be configured
// with them: stations, then queues and route points.
func (p Plant) Numbers() []string {
	return p.numbers(func(kind deviceKind) bool { return kind != trunk })
}

// TrunkNumbers returns the numbers of the trunks. Few computing functions monitor them: their
// connections are known from other devices' events only by the calls' far ends.
func (p Plant) TrunkNumbers() []string {
	return p.numbers(func(kind deviceKind) bool { return kind == trunk })
}

func (p Plant) numbers(wanted func(kind deviceKind) bool) []string {
	var numbers []string
	full := Options{Plant: p}.withDefaults().Plant
	for _, row := range full.rows() {
		for i := range row.count {
			if wanted(row.kind) {
				numbers = append(numbers, strconv.Itoa(row.first+i))
			}
		}
	}
	return numbers
}

// row is a run of devices with adjacent numbers.
type row struct {
	kind         deviceKind
	first, count int
}

// rows returns the numbering plan: four digits while they last, else seven.
func (p Plant) rows() [4]row {
	scale := 1
	if max(p.Stations, p.Groups, p.Trunks, p.RoutePoints) > 999 {
		scale = 1000
	}
	return [4]row{
		{station, 2000*scale + 1, p.Stations},
		{queue, 7000*scale + 1, p.Groups},
		{routePoint, 6000*scale + 1, p.RoutePoints},
		{trunk, 8000*scale + 1, p.Trunks},
	}
}

// build makes the devices and agents.
func (s *Switch) build() {
	p := &s.plant
	p.byNumber = make(map[string]*device)
	for _, row := range s.opts.Plant.rows() {
		for i := range row.count {
			s.addDevice(row.kind, strconv.Itoa(row.first+i))
		}
	}
	if len(p.queues) == 0 {
		return
	}
	for i := range min(s.opts.Plant.Agents, len(p.stations)) {
		g := p.queues[i%len(p.queues)].group
		a := &agent{
			id: fmt.Sprintf("A%d", 4001+i), dev: p.stations[i], group: g, state: csta.AgentNull,
		}
		if s.chance(0.8) {
			a.state = csta.AgentReady
		}
		p.stations[i].agent = a
		g.agents = append(g.agents, a)
		p.agents = append(p.agents, a)
	}
}

// addDevice makes one device.
func (s *Switch) addDevice(kind deviceKind, number string) {
	p := &s.plant
	d := &device{number: number, kind: kind, id: dialing(number)}
	p.byNumber[number] = d
	p.all = append(p.all, d)
	switch kind {
	case station:
		p.stations = append(p.stations, d)
	case queue:
		d.group = &group{queue: d}
		p.queues = append(p.queues, d)
	case trunk:
		p.trunks = append(p.trunks, d)
	case routePoint:
		p.routePoints = append(p.routePoints, d)
	}
}

// dialing returns the device identifier of a number.
func dialing(number string) csta.DeviceID {
	return csta.DeviceID{Form: csta.DeviceDialingNumber, Number: []byte(number)}
}

// notKnown is a device element without a device.
var notKnown = csta.DeviceID{Form: csta.DeviceNotKnown}

// idle returns a random station without calls, or nil where chance found none.
func (s *Switch) idle() *device {
	for range 12 {
		d := s.plant.stations[s.rnd.IntN(len(s.plant.stations))]
		if len(d.conns) == 0 && !d.outOfServ {
			return d
		}
	}
	return nil
}

// freeTrunk returns a random trunk without a call, or nil.
func (s *Switch) freeTrunk() *device {
	for range 12 {
		d := s.plant.trunks[s.rnd.IntN(len(s.plant.trunks))]
		if len(d.conns) == 0 {
			return d
		}
	}
	return nil
}

// outsideNumber invents a number that nobody has.
func (s *Switch) outsideNumber() string {
	return fmt.Sprintf("+1%03d55501%02d", 200+s.rnd.IntN(790), s.rnd.IntN(100))
}
