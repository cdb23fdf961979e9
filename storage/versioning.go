package storage

import (
	"context"
	"strings"
)

// Versioning says what a bucket keeps. Status is "" (never switched on), "Enabled" or "Suspended"; MFADelete is "", "Enabled" or "Disabled".
type Versioning struct {
	Status    string    `xml:"Status,omitempty"`
	MFADelete string    `xml:"MfaDelete,omitempty"`
	Foreign   []Foreign `xml:",any"`
}

// Versioning reads whether a bucket keeps versions.
func (s *Session) Versioning(ctx context.Context, loc Location) (Versioning, error) {
	var v Versioning
	_, err := s.readTyped(ctx, settingOf("versioning"), loc, "", &v)
	return v, err
}

// SetVersioning switches versions on or, for what has none yet, off: S3 calls that suspended. Changing MFA delete needs the serial
// number of the owner's device and its code, "SERIAL CODE"; otherwise mfa is "".
func (s *Session) SetVersioning(ctx context.Context, loc Location, v Versioning, mfa string) error {
	if mfa != "" && len(strings.Fields(mfa)) != 2 {
		return invalid("PutBucketVersioning", loc, "InvalidMFA", "MFA is the serial number of a device and its code")
	}
	err := s.writeTyped(ctx, settingOf("versioning"), loc, v, settingRequest{mfa: optional(mfa)})
	if err == nil {
		s.known.set(featureVersioning, loc.Bucket, true)
	}
	return err
}

// BucketLocation is what a bucket says of where it is: a region, in S3's own way ("" is us-east-1).
func (s *Session) BucketLocation(ctx context.Context, loc Location) (string, error) {
	e, err := s.readSetting(ctx, settingOf("location"), loc, "")
	if err != nil || e == nil {
		return "", err
	}
	if in := e.child("LocationConstraint"); in != nil {
		e = in
	}
	return strings.TrimSpace(e.text), nil
}
