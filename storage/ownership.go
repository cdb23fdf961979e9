package storage

import "context"

// Who owns the objects of a bucket.
const (
	OwnerEnforced  = "BucketOwnerEnforced"  // the bucket's owner; access lists are off
	OwnerPreferred = "BucketOwnerPreferred" // the bucket's owner, for what is uploaded with bucket-owner-full-control
	OwnerWriter    = "ObjectWriter"         // who uploads
)

type ownershipControls struct {
	Rules   []ownershipRule `xml:"Rule"`
	Foreign []Foreign       `xml:",any"`
}

type ownershipRule struct {
	ObjectOwnership string    `xml:"ObjectOwnership"`
	Foreign         []Foreign `xml:",any"`
}

// Ownership is who owns the objects of a bucket: OwnerEnforced, OwnerPreferred or OwnerWriter; "" where it was never said.
func (s *Session) Ownership(ctx context.Context, loc Location) (string, error) {
	var o ownershipControls
	if _, err := s.readTyped(ctx, settingOf("ownership"), loc, "", &o); err != nil || len(o.Rules) == 0 {
		return "", err
	}
	return o.Rules[0].ObjectOwnership, nil
}

// SetOwnership says who owns the objects of a bucket. OwnerEnforced switches access lists off.
func (s *Session) SetOwnership(ctx context.Context, loc Location, ownership string) error {
	if err := s.writable("PutBucketOwnershipControls", loc); err != nil {
		return err
	}
	var o ownershipControls
	if _, err := s.readTyped(ctx, settingOf("ownership"), loc, "", &o); err != nil {
		return err
	}
	if len(o.Rules) == 0 {
		o.Rules = make([]ownershipRule, 1)
	}
	o.Rules[0].ObjectOwnership = ownership
	defer s.forgetKeeps(loc.Bucket)
	return s.writeTyped(ctx, settingOf("ownership"), loc, o, settingRequest{})
}

// DeleteOwnership takes the setting away: who uploads owns.
func (s *Session) DeleteOwnership(ctx context.Context, loc Location) error {
	defer s.forgetKeeps(loc.Bucket)
	return s.deleteSetting(ctx, settingOf("ownership"), loc, settingRequest{})
}

// forgetKeeps drops what is remembered of a bucket's access lists and locks.
func (s *Session) forgetKeeps(bucket string) {
	s.mu.Lock()
	delete(s.keeps, bucket)
	s.mu.Unlock()
	s.known.forget(featureACL, bucket)
}
