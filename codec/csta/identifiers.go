package csta

import "bytes"

// InvokeID correlates a request and its answer on one leg (ECMA-269, and X.219 for ROSE). Each
// direction of a leg has its own number space.
type InvokeID int32

// CrossRefID is a monitor cross reference ID: the switch's name for a monitor. Opaque bytes.
type CrossRefID []byte

// RegisterID names a registration: sysStatRegisterID, routeRegisterReqID, escapeRegisterID or
// ioRegisterReqID. Opaque bytes.
type RegisterID []byte

// ServiceCrossRefID ties the segments of an answer to their request, and a routeing dialogue
// (crossRefIdentifier) together. Opaque bytes.
type ServiceCrossRefID []byte

// SessionID names an application session of ECMA-354. Opaque bytes.
type SessionID []byte

// CallID is the call's part of a connection identifier. It is unique only while the call lives and
// the switch may use it again. Opaque bytes.
type CallID []byte

// DeviceForm says how a device identifier is to be read (ECMA-269, DeviceID and its extensions).
type DeviceForm uint8

// The forms of device identifiers. DeviceAbsent is an element that was not there.
const (
	DeviceAbsent DeviceForm = iota
	DeviceDialingNumber
	DeviceNumber
	DeviceImplicitPublic
	DeviceExplicitPublic
	DeviceImplicitPrivate
	DeviceExplicitPrivate
	DeviceOther
	DeviceDynamic // a dynamic local device ID, valid for one connection
	DeviceNotKnown
	DeviceNotRequired
	DeviceNotSpecified
	DeviceRestricted
)

// DeviceID identifies a device. Number is opaque, borrowed, and empty for the forms that carry
// none.
type DeviceID struct {
	Form   DeviceForm
	Type   NumberType // of explicit numbers
	Number []byte
}

// NumberType is the type of number of an explicit public or private number, in the order of
// ECMA-285; 0 is unknown.
type NumberType uint8

// Known reports whether the identifier names a device.
func (d DeviceID) Known() bool { return len(d.Number) > 0 }

// Equal reports whether two identifiers name a device by the same bytes. The forms are not
// compared: switches name one device by several.
func (d DeviceID) Equal(other DeviceID) bool {
	return d.Known() && bytes.Equal(d.Number, other.Number)
}

// ConnectionID identifies a connection: one call at one device. Either part may be absent.
type ConnectionID struct {
	Call   CallID
	Device DeviceID
}

// Present reports whether the connection was in the message.
func (c ConnectionID) Present() bool { return len(c.Call) > 0 || c.Device.Known() }

// Equal reports whether two identifiers name the same connection.
func (c ConnectionID) Equal(other ConnectionID) bool {
	return bytes.Equal(c.Call, other.Call) && c.Device.Equal(other.Device)
}
