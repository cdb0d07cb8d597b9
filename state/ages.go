package state

// aged is a record that lies in a list by age.
type aged[T any] interface {
	*T
	ages() (next, prev *uint32)
}

// ages is a list of records in the order they were put in, the oldest first.
type ages[T any, P aged[T]] struct {
	records     *slab[T]
	first, last uint32
}

// push puts record i at the young end.
func (a *ages[T, P]) push(i uint32) {
	next, prev := P(a.records.at(i)).ages()
	*next, *prev = 0, a.last
	if a.last == 0 {
		a.first = i
	} else {
		next, _ = P(a.records.at(a.last)).ages()
		*next = i
	}
	a.last = i
}

// remove takes record i out and returns the next younger one.
func (a *ages[T, P]) remove(i uint32) uint32 {
	next, prev := P(a.records.at(i)).ages()
	younger, older := *next, *prev
	*next, *prev = 0, 0
	if older == 0 {
		a.first = younger
	} else {
		next, _ = P(a.records.at(older)).ages()
		*next = younger
	}
	if younger == 0 {
		a.last = older
	} else {
		_, prev = P(a.records.at(younger)).ages()
		*prev = older
	}
	return younger
}

func (c *chain) ages() (next, prev *uint32) { return &c.ageNext, &c.agePrev }

func (it *item) ages() (next, prev *uint32) { return &it.ageNext, &it.agePrev }

func (m *mark) ages() (next, prev *uint32) { return &m.ageNext, &m.agePrev }
