package cstaber

// Version returns nothing: on the ASN.1 links the association says what is spoken, not the messages.
// See codec.Codec.
func (c *Codec) Version() string { return "" }
