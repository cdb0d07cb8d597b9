package codec

import "haproxy/codec/csta"

// Codec translates the frames of one leg. It may learn from what it decodes (the peer's namespace,
// prefix or version) so that what it appends is in the peer's own style; a leg therefore has a
// Codec of its own. A Codec is not safe for concurrent use.
type Codec interface {
	// Decode resets msg and fills it from one whole frame. msg borrows frame until it is reused.
	// A message whose name is not known is no error: it has a Kind and no Service or Event. Where
	// the frame cannot be decoded, the error is a *SyntaxError, and msg.Invoke is set if the envelope could be read;
	// msg.Kind is KindRequest if that says that the ID is the sender's own, and not of what is answered, else
	// KindUnknown. Where the encoding has rejects, msg.Problem is
	// what is to be said of the frame.
	Decode(msg *csta.Message, frame []byte) error

	// Append appends the frame of msg to dst and returns the extended slice. Fields that the message
	// does not have are ignored. It fails with ErrUnsupported for a message the encoding cannot
	// express and with ErrTooLong for a frame its framing cannot carry; dst is then returned as it
	// was.
	Append(dst []byte, msg *csta.Message) ([]byte, error)

	// SetInvokeID appends a copy of frame under another invoke ID to dst; every other byte stays
	// as it is but for lengths.
	SetInvokeID(dst, frame []byte, id csta.InvokeID) ([]byte, error)

	// SetCrossRef appends a copy of frame to dst in which the message's own monitor cross reference
	// ID is another; every other byte stays as it is but for lengths.
	SetCrossRef(dst, frame []byte, id csta.CrossRefID) ([]byte, error)

	// SetRegister is SetCrossRef for the registration (routeRegisterReqID, escapeRegisterID,
	// ioRegisterReqID, sysStatRegisterID).
	SetRegister(dst, frame []byte, id csta.RegisterID) ([]byte, error)

	// Version returns the protocol version that the peer showed by what it sent, as sessions name it;
	// empty where it has shown none.
	Version() string

	// InvokeIDs returns the bounds, both included, of the invoke IDs a request of ours may have.
	InvokeIDs() (first, last csta.InvokeID)

	// EventInvokeID returns the invoke ID of messages that get no answer, and whether the encoding
	// has a fixed one; where it has none, events take fresh invoke IDs.
	EventInvokeID() (id csta.InvokeID, fixed bool)
}
