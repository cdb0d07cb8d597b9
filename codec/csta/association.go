package csta

import (
	"fmt"
	"slices"
)

// Association is what the PDUs of ACSE say (X.227; ECMA-285, clause 8 and the module
// CSTA-application-context-information). They carry no invoke ID: Invoke is 0 and means nothing, and
// an answer is told from others by its Service.
//
//	AARQ  KindRequest  Associate   Context, Versions …, User, Password
//	AARE  KindResponse Associate   accepted: Context, Versions … as granted, Answer
//	AARE  KindError    Associate   rejected: Result says for how long, Source and Diagnostic why
//	RLRQ  KindRequest  Release     Reason
//	RLRE  KindResponse Release     Reason
//	ABRT  KindRequest  Abort       Source, Diagnostic; it is not answered
//
// Byte slices are borrowed like all of a Message.
type Association struct {
	// Context is the application context name: the content octets of an OBJECT IDENTIFIER. Switches
	// do not agree which phase has which, so the phase is told by Versions.
	Context []byte
	// ProtocolVersion says that the protocol version is written, although it is the default one.
	ProtocolVersion bool

	// Result, Source and Diagnostic are those of an answer; an abort has the latter two.
	Result     AssociateResult
	Source     DiagnosticSource
	Diagnostic Diagnostic
	// Reason is why an association is released.
	Reason ReleaseReason

	// Form is how the user information is written, and Reference the direct reference in front of
	// it: the content octets of an OBJECT IDENTIFIER, empty where it has none.
	Form      UserInfoForm
	Reference []byte
	// Versions are the CSTA versions offered, or the one granted. VersionBits is how many bits their
	// BIT STRING has; 0 is as few as it takes.
	Versions    Versions
	VersionBits uint8
	// Required and Supplied are the contents of the two lists of services, CSTAFunctionality, and
	// Private that of the list of private data versions, as they stand in the frame. The new form
	// can do without them, which is nil.
	Required, Supplied, Private []byte

	// User and Password authenticate the caller. A Password without User is one in plain characters.
	User     []byte
	Password Secret
	// Answer is the content of the responder's authentication value, as it stands in the frame.
	Answer []byte
}

// Granted returns the association that answers one that is asked for: the same, accepted, without the login. Its byte
// slices are those of a.
func (a Association) Granted() Association {
	a.Result, a.User, a.Password = ResultAccepted, nil, nil
	return a
}

// UserInfoForm is a form of ACSEUserInformationForCSTA.
type UserInfoForm uint8

// The forms.
const (
	UserInfoNone UserInfoForm = iota // there is no user information
	UserInfoOld                      // a SEQUENCE with both lists of services
	UserInfoNew                      // [0], in which only the version has to be
)

// Versions is a set of CSTA versions: bit n is the bit n of CSTAVersion.
type Versions uint32

// The versions of CSTAVersion that are in ASN.1; those between them are in XML.
const (
	VersionECMA180    Versions = 1 << 0  // versionOne, phase I
	VersionECMA218    Versions = 1 << 1  // versionTwo, phase II
	VersionECMA285Ed1 Versions = 1 << 2  // versionThree, phase III
	VersionISO18052   Versions = 1 << 3  // versionFour
	VersionECMA285Ed2 Versions = 1 << 4  // versionFive
	VersionECMA285Ed3 Versions = 1 << 14 // versionFifteen
	VersionECMA285Ed4 Versions = 1 << 18 // versionNineteen
)

// asn1Versions names them, for people and configurations.
var asn1Versions = []struct {
	version Versions
	name    string
}{
	{VersionECMA180, "ecma-180"},
	{VersionECMA218, "ecma-218"},
	{VersionECMA285Ed1, "ecma-285-ed1"},
	{VersionISO18052, "iso-18052"},
	{VersionECMA285Ed2, "ecma-285-ed2"},
	{VersionECMA285Ed3, "ecma-285-ed3"},
	{VersionECMA285Ed4, "ecma-285-ed4"},
}

// ParseVersion returns the version of a name, as in "ecma-285-ed2".
func ParseVersion(name string) (Versions, bool) {
	for _, v := range asn1Versions {
		if v.name == name {
			return v.version, true
		}
	}
	return 0, false
}

// Names returns the names of the versions, the oldest first. Those without a name are left out.
func (v Versions) Names() []string {
	var names []string
	for _, known := range asn1Versions {
		if v&known.version != 0 {
			names = append(names, known.name)
		}
	}
	return slices.Clip(names)
}

// AssociateResult is whether an association was accepted (X.227, Associate-result), one more than
// its number so that 0 is an absent one.
type AssociateResult uint8

// The results.
const (
	ResultNone AssociateResult = iota // not said
	ResultAccepted
	ResultRejectedPermanent
	ResultRejectedTransient
)

var associateResultNames = [...]string{"", "accepted", "rejected-permanent", "rejected-transient"}

// String returns the name of the standard, empty for ResultNone.
func (r AssociateResult) String() string { return nameOf(associateResultNames[:], int(r)) }

// DiagnosticSource is who a diagnostic or an abort comes from.
type DiagnosticSource uint8

// The sources.
const (
	SourceNone     DiagnosticSource = iota // not said
	SourceUser                             // the application, or the switch
	SourceProvider                         // the layer of ACSE
)

var sourceNames = [...]string{"", "service-user", "service-provider"}

// String returns the name of the standard, empty for SourceNone.
func (s DiagnosticSource) String() string { return nameOf(sourceNames[:], int(s)) }

// Diagnostic is why an association was rejected, of Associate-source-diagnostic. An ABRT counts
// otherwise.
type Diagnostic uint8

// The diagnostics of a service user that a link meets.
const (
	DiagnosticNull                    Diagnostic = 0
	DiagnosticNoReason                Diagnostic = 1
	DiagnosticContextNotSupported     Diagnostic = 2
	DiagnosticMechanismNotRecognized  Diagnostic = 11
	DiagnosticMechanismRequired       Diagnostic = 12
	DiagnosticAuthenticationFailure   Diagnostic = 13
	DiagnosticAuthenticationRequired  Diagnostic = 14
	DiagnosticProviderNoCommonVersion Diagnostic = 2 // of a service provider
)

// ReleaseReason is why an association is released (X.227, Release-request-reason and -response-
// reason), one more than its number so that 0 is an absent one.
type ReleaseReason uint8

// The reasons. In an answer 1 says that the peer has not finished.
const (
	ReasonNone        ReleaseReason = 0
	ReasonNormal      ReleaseReason = 1
	ReasonUrgent      ReleaseReason = 2
	ReasonNotFinished ReleaseReason = 2
	ReasonUserDefined ReleaseReason = 31
)

// Secret is a password. No verb of fmt and no encoder of text shows it; a conversion to []byte
// does.
type Secret []byte

const hidden = "***"

// Format writes stars, or nothing for no secret.
func (s Secret) Format(f fmt.State, _ rune) {
	if len(s) > 0 {
		_, _ = f.Write([]byte(hidden)) // fmt keeps the error
	}
}

// MarshalText gives stars, or nothing for no secret.
func (s Secret) MarshalText() ([]byte, error) {
	if len(s) == 0 {
		return nil, nil
	}
	return []byte(hidden), nil
}
