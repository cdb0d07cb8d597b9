package cstaxml

import "bytes"

// style is how a peer writes its messages: what Append does after it.
type style struct {
	declared  bool   // an XML declaration comes first
	prefix    []byte // of every element; empty for none
	namespace []byte // of prefix, or the default one; empty for none
}

// The bounds of what is learned from a peer: a longer name is no name but an attack on our frames.
const (
	prefixMax    = 64
	namespaceMax = 512
)

// equal reports whether two styles write alike.
func (s *style) equal(other *style) bool {
	return s.declared == other.declared && bytes.Equal(s.prefix, other.prefix) &&
		bytes.Equal(s.namespace, other.namespace)
}

// The namespaces of the standards.
const (
	// Edition3, Edition4, Edition5 and Edition6 are the namespaces of ECMA-323 by edition, which
	// are also the protocol versions that a session negotiates.
	Edition3 = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
	Edition4 = "http://www.ecma-international.org/standards/ecma-323/csta/ed4"
	Edition5 = "http://www.ecma-international.org/standards/ecma-323/csta/ed5"
	Edition6 = "http://www.ecma-international.org/standards/ecma-323/csta/ed6"
	// SessionNamespace is the namespace of ECMA-354.
	SessionNamespace = "http://www.ecma-international.org/standards/ecma-354/appl_session"
)
