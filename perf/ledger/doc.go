// Package ledger records event frames in the order they were sent or received, per monitor and over
// all, so that two sides of a link can be compared byte for byte. Long runs keep a hash chain only.
//
//	l := ledger.New(ledger.Full, 0)
//	l.Add("0007", frame)
//	same := l.Chain() == other.Chain()
package ledger
