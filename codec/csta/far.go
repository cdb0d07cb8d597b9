package csta

// farStates holds every list of two further connection states, so that a compound call state
// of the usual length needs no memory of its own. Nothing writes to it: a longer list is a copy,
// which is its item's own.
var farStates = func() (lists [8][8][]ConnectionState) {
	for a := range lists {
		for b := range lists[a] {
			lists[a][b] = []ConnectionState{ConnectionState(a), ConnectionState(b)}
		}
	}
	return lists
}()

// AppendFar returns a ConnectionItem's Far with one more state, without an allocation up to the second.
// One that is not known keeps its place as ConnectionNone. The result may be shared and is not to be written to.
func AppendFar(far []ConnectionState, s ConnectionState) []ConnectionState {
	switch len(far) {
	case 0:
		return farStates[s][ConnectionNone][:1:1]
	case 1:
		return farStates[far[0]][s]
	default:
		return append(far, s) // the lists of the table have no room to append to
	}
}
