package cstaber

import "haproxy/codec/csta"

// The object identifiers of associations, as content octets.
const (
	contextECMA180 = "\x2b\x0c\x00\x81\x34"         // {1 3 12 0 180}
	contextPhase1  = "\x2b\x0c\x00\x81\x34\x01"     // {1 3 12 0 180 1}
	contextECMA218 = "\x2b\x0c\x00\x81\x5a"         // {1 3 12 0 218}
	infoECMA218    = "\x2b\x0c\x00\x81\x5a\x81\x48" // {1 3 12 0 218 200}
	infoECMA285    = "\x2b\x0c\x00\x82\x1d\x81\x48" // {1 3 12 0 285 200}
	wideVersions   = 16                             // bits of CSTAVersion that two vendors write
	oxeVersionBits = 5                              // those of an OXE
)

// AssociationPhase1 is what is asked of a switch of phase I: the application context alone.
func AssociationPhase1() csta.Association {
	return csta.Association{Context: []byte(contextPhase1), Versions: csta.VersionECMA180}
}

// AssociationOXE is what is asked of an OmniPCX Enterprise, and of other switches of phase II.
func AssociationOXE() csta.Association {
	return csta.Association{
		ProtocolVersion: true,
		Context:         []byte(contextECMA180),
		Form:            csta.UserInfoOld,
		Reference:       []byte(infoECMA218),
		Versions:        csta.VersionECMA180 | csta.VersionECMA218,
		VersionBits:     oxeVersionBits,
		Required:        requiredOfOXE(),
		Supplied:        suppliedToOXE(),
	}
}

// AssociationPanasonic is what is asked of a KX-TDE, and of other switches of phase III.
func AssociationPanasonic() csta.Association {
	return csta.Association{
		ProtocolVersion: true,
		Context:         []byte(contextECMA218),
		Form:            csta.UserInfoNew,
		Reference:       []byte(infoECMA285),
		Versions:        csta.VersionECMA285Ed2,
		VersionBits:     wideVersions,
	}
}

// AssociationHiPath is what is asked of a HiPath; User and Password are to be added.
func AssociationHiPath() csta.Association {
	return csta.Association{
		Context:     []byte(contextECMA218),
		Form:        csta.UserInfoNew,
		Versions:    csta.VersionISO18052,
		VersionBits: wideVersions,
	}
}

// The lists of CSTAFunctionality, each a BIT STRING of its full width (ECMA-218, and the old form
// of ECMA-285).
const (
	listServices      = 0x80 // 21 bits
	listEvents        = 0x81 // 38
	listComputing     = 0x82 // 5
	listBidirectional = 0x83 // 2
	listStatus        = 0x84 // 5
)

// requiredOfOXE lists what the switch is to do.
func requiredOfOXE() []byte {
	var w acseWriter
	// alternateCall answerCall associateData, clearConnection conferenceCall consultationCall
	// divertCall, makeCall makePredictiveCall, queryDevice reconnectCall, setFeature, transferCall
	w.bits(listServices, bitSet(0, 1, 2, 5, 6, 7, 8, 10, 11, 13, 14, 17, 20), 21)
	// conferenced, delivered to transferred without connectionCleared; callInformation; the agents';
	// backInService outOfService private; record stop
	w.bits(listEvents, bitSet(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 22, 23, 24, 25, 26, 27, 28, 29, 30,
		32, 34), 38)
	w.bits(listBidirectional, bitSet(0, 1), 2) // escapeService systemStatus
	w.bits(listStatus, bitSet(0, 1, 2, 3), 5)  // all but snapshotCall
	return w.buf
}

// suppliedToOXE lists what the computing function can do.
func suppliedToOXE() []byte {
	var w acseWriter
	w.bits(listComputing, bitSet(0, 1, 3, 4), 5) // all of routeing but routeSelect
	w.bits(listBidirectional, bitSet(0, 1), 2)
	return w.buf
}

func bitSet(bits ...int) (set uint64) {
	for _, bit := range bits {
		set |= 1 << bit
	}
	return set
}
