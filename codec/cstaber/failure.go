package cstaber

import (
	"haproxy/codec/ber"
	"haproxy/codec/csta"
)

// UniversalFailure, the parameter of a ROER and the errorValue of RouteEnd:
//
//	III    A0 operation | A1 security | A2 state | A3 system resource | A4 subscribed resource
//	       | A5 performance | A6 private data: { 0A value } | A7 { 05 00 } unspecified
//	I, II  81 operation | 82 state | 83 system resource | 84 subscribed resource | 85 performance
//	       value | 86 unspecified
//
// That of phase II is from memory: as phase I, 86 being security if it has a value and 87 then
// unspecified. The two forms cannot be mistaken, so either is read in every phase.
var (
	explicitFailures = [...]csta.ErrorCategory{
		csta.ErrorOperation, csta.ErrorSecurity, csta.ErrorStateIncompatibility,
		csta.ErrorSystemResource, csta.ErrorSubscribedResource, csta.ErrorPerformance,
		csta.ErrorPrivateData, csta.ErrorUnspecified,
	}
	implicitFailures = [...]csta.ErrorCategory{
		csta.ErrorNone, csta.ErrorOperation, csta.ErrorStateIncompatibility,
		csta.ErrorSystemResource, csta.ErrorSubscribedResource, csta.ErrorPerformance,
		csta.ErrorSecurity, csta.ErrorPrivateData,
	}
)

// failed reads the failure of an error. Error values that are no UniversalFailure, and failures that
// are not known, are unspecified.
func (d *decoder) failed(within *ber.Element, c *ber.Cursor) error {
	var e ber.Element
	d.msg.Error = csta.ErrorCode{Category: csta.ErrorUnspecified}
	d.problem = csta.ProblemMistypedParameter
	if !c.More() {
		return nil
	}
	if err := c.Next(&e); err != nil {
		return err
	}
	if e.Tag == ber.Integer || e.Tag == ber.OID { // the error value
		if !c.More() {
			return nil
		}
		if err := c.Next(&e); err != nil {
			return err
		}
	}
	switch {
	case e.Tag >= 0xA0 && e.Tag <= 0xA7:
		category := explicitFailures[e.Tag-0xA0]
		inner := e.Content()
		if err := next(&inner, &e, within, "a failure of nothing"); err != nil {
			return err
		}
		return d.failure(&e, category)
	case e.Tag >= 0x81 && e.Tag <= 0x87:
		return d.failure(&e, implicitFailures[e.Tag-0x80])
	}
	return nil
}

// failure reads the value of a failure.
func (d *decoder) failure(e *ber.Element, category csta.ErrorCategory) error {
	if category == csta.ErrorUnspecified || len(e.Bytes()) == 0 {
		return nil
	}
	n, err := e.Int()
	if err != nil {
		return err
	}
	d.msg.Error.Category = category
	d.msg.Error.Value = csta.ErrorValueUnknown
	if n >= 0 && n < int32(csta.ErrorValueUnknown) {
		d.msg.Error.Value = uint16(n)
	}
	return nil
}

// failure writes a failure. An error of the vocabulary that ECMA-285 has no category for is an
// unspecified one.
func (w *writer) failure(e csta.ErrorCode) {
	if !w.dialect.wrapped {
		w.implicitFailure(e)
		return
	}
	n := numberIn(explicitFailures[:], e.Category)
	if n < 0 || e.Category == csta.ErrorUnspecified {
		outer := w.begin(0xA7)
		w.null(ber.Null)
		w.end(outer)
		return
	}
	outer := w.begin(0xA0 + ber.Tag(n))
	w.int(ber.Enumerated, int64(knownValue(e)))
	w.end(outer)
}

// knownValue is the value of an error, generic for one that has no number: 1, but 0 of the security
// errors, whose 1 is another.
func knownValue(e csta.ErrorCode) uint16 {
	switch {
	case e.Value != csta.ErrorValueUnknown:
		return e.Value
	case e.Category == csta.ErrorSecurity:
		return 0
	default:
		return 1
	}
}

// The most that the values of phases I and II count to, and what stands for two of phase III's in
// them that the proxy answers with.
var (
	lastImplicitValue = map[csta.ErrorCategory]uint16{
		csta.ErrorOperation: 19, csta.ErrorStateIncompatibility: 9, csta.ErrorSystemResource: 8,
		csta.ErrorSubscribedResource: 4, csta.ErrorPerformance: 2,
	}
	implicitInstead = map[csta.ErrorCode]uint16{
		csta.ErrServiceNotSupported:    15, // invalidFeature
		csta.ErrInvalidMonitorCrossRef: 17, // invalidCrossReferenceID
	}
)

// implicitFailure writes a failure of phases I and II. A value that they do not have is generic.
func (w *writer) implicitFailure(e csta.ErrorCode) {
	last, known := lastImplicitValue[e.Category]
	if !known {
		w.null(0x86)
		return
	}
	value := knownValue(e)
	if instead, has := implicitInstead[e]; has {
		value = instead
	} else if value > last {
		value = 1
	}
	w.int(0x80+ber.Tag(numberIn(implicitFailures[:], e.Category)), int64(value))
}
