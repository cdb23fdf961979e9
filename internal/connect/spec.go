package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"pintail/keychain"
	"pintail/storage"
)

// Spec is what the user gave to name a connection; the zero value is "what the AWS environment and files say". The first of
// Bookmark, Profile, Endpoint that is set decides the server; Anonymous decides only how requests are signed.
type Spec struct {
	Bookmark   string             // identifier or nickname
	Profile    string             // connection profile: vendor, name, or path of a file
	Endpoint   string             // URL, or host[:port] (https); with Profile: the host that the profile leaves open
	Amazon     bool               // Amazon S3 itself, whatever endpoint the environment names
	Region     string             // to sign for; "" = bookmark, profile, AWS configuration, else found out
	Addressing storage.Addressing // AddressingAuto = by profile, AWS configuration, then by the host
	AWSProfile string             // profile of the AWS files; "" = AWS_PROFILE, then "default"
	RoleARN    string             // role that the key is exchanged for; "" = the bookmark's or profile's, if any
	MFASerial  string             // device whose code is asked for, for the role or, without one, for a session; "" as RoleARN
	KeyID      string             // access key id; "" = from the bookmark or wherever credentials are found
	Anonymous  bool
	ReadOnly   bool            // refuse everything that would change something; a bookmark's own mark holds as well
	Production bool            // marked so; a bookmark's own mark holds as well
	Network    Network         // proxy and certificates; what it leaves open is the bookmark's, then the environment's
	Signature  string          // AWS2 or AWS4HMACSHA256; "" = by bookmark and profile
	Buckets    []string        // shown instead of asking for the list of buckets; nil = the bookmark's, if any
	Path       string          // where to begin, "bucket/folder/"; "" = the bookmark's or profile's path
	From       keychain.Source // only credentials of this source; "" = any. Set in references of the journal
	// Typed are credentials in hand. They are never part of a reference.
	Typed keychain.Typed
	Save  bool // store Typed in the keychain once the server took it
}

// refPrefix makes a reference recognisable in the journal, with a version for later forms.
const refPrefix = "connection:1:"

// ErrBadRef says that a reference is not one of ours.
var ErrBadRef = errors.New("not a connection reference")

// reference is the form of a Spec in the journal.
type reference struct {
	Bookmark   string             `json:"bookmark,omitempty"`
	Profile    string             `json:"profile,omitempty"`
	Endpoint   string             `json:"endpoint,omitempty"`
	Amazon     bool               `json:"amazon,omitempty"`
	Region     string             `json:"region,omitempty"`
	Addressing storage.Addressing `json:"addressing,omitempty"`
	AWSProfile string             `json:"aws_profile,omitempty"`
	RoleARN    string             `json:"role,omitempty"`
	MFASerial  string             `json:"mfa,omitempty"`
	KeyID      string             `json:"key,omitempty"`
	Anonymous  bool               `json:"anonymous,omitempty"`
	From       keychain.Source    `json:"from,omitempty"`
	ReadOnly   bool               `json:"read_only,omitempty"`
	Production bool               `json:"production,omitempty"`
	Signature  string             `json:"signature,omitempty"`
	Buckets    []string           `json:"buckets,omitempty"`
	Network    Network            `json:"network,omitzero"`
}

// Ref is the reference of s for the journal: enough to open the same connection again, without any secret and without Path.
// Use [Connection.Ref], which pins what was found out when the connection was opened.
func (s Spec) Ref() string {
	b, err := json.Marshal(reference{
		Bookmark: s.Bookmark, Profile: s.Profile, Endpoint: s.Endpoint, Amazon: s.Amazon, Region: s.Region, Addressing: s.Addressing,
		AWSProfile: s.AWSProfile, RoleARN: s.RoleARN, MFASerial: s.MFASerial, KeyID: s.KeyID, Anonymous: s.Anonymous, From: s.From,
		ReadOnly: s.ReadOnly, Production: s.Production, Signature: s.Signature, Buckets: s.Buckets, Network: s.Network,
	})
	if err != nil { // strings and bools always encode
		return refPrefix
	}
	return refPrefix + string(b)
}

// ParseRef reads what Ref wrote; the error matches [ErrBadRef].
func ParseRef(ref string) (Spec, error) {
	body, ok := strings.CutPrefix(ref, refPrefix)
	if !ok {
		return Spec{}, fmt.Errorf("%w: %.40q", ErrBadRef, ref)
	}
	var r reference
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return Spec{}, fmt.Errorf("%w: %w", ErrBadRef, err)
	}
	return Spec{
		Bookmark: r.Bookmark, Profile: r.Profile, Endpoint: r.Endpoint, Amazon: r.Amazon, Region: r.Region, Addressing: r.Addressing,
		AWSProfile: r.AWSProfile, RoleARN: r.RoleARN, MFASerial: r.MFASerial, KeyID: r.KeyID, Anonymous: r.Anonymous, From: r.From,
		ReadOnly: r.ReadOnly, Production: r.Production, Signature: r.Signature, Buckets: r.Buckets, Network: r.Network,
	}, nil
}
