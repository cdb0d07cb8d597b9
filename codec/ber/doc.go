// Package ber reads and writes the Basic Encoding Rules of ASN.1 (X.690): a cursor that advances over
// the elements of a frame, and functions that append elements. It takes what BER allows, as long and
// indefinite lengths and strings in pieces, and writes what DER asks. Nothing it does allocates but
// an error, nothing recurses, and every value borrows the frame.
//
//	c := ber.Read(frame, 0)
//	var e ber.Element
//	for c.More() {
//		if err := c.Next(&e); err != nil {
//			return err
//		}
//		if e.Tag == ber.Integer {
//			id, err = e.Int()
//		}
//	}
package ber
