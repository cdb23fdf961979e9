package storage

import "context"

// PublicAccessBlock is the four switches that overrule access lists and policies. The zero value blocks nothing.
type PublicAccessBlock struct {
	BlockPublicAcls       bool      `xml:"BlockPublicAcls"`
	IgnorePublicAcls      bool      `xml:"IgnorePublicAcls"`
	BlockPublicPolicy     bool      `xml:"BlockPublicPolicy"`
	RestrictPublicBuckets bool      `xml:"RestrictPublicBuckets"`
	Foreign               []Foreign `xml:",any"`
}

// All tells whether everything is blocked.
func (b PublicAccessBlock) All() bool {
	return b.BlockPublicAcls && b.IgnorePublicAcls && b.BlockPublicPolicy && b.RestrictPublicBuckets
}

// PublicAccessBlock reads the switches of a bucket. The account has switches of its own, which are not in it.
func (s *Session) PublicAccessBlock(ctx context.Context, loc Location) (PublicAccessBlock, error) {
	var b PublicAccessBlock
	_, err := s.readTyped(ctx, settingOf("public-access"), loc, "", &b)
	return b, err
}

// SetPublicAccessBlock replaces the switches of a bucket.
func (s *Session) SetPublicAccessBlock(ctx context.Context, loc Location, b PublicAccessBlock) error {
	return s.writeTyped(ctx, settingOf("public-access"), loc, b, settingRequest{})
}

// DeletePublicAccessBlock takes the switches of a bucket away: nothing is blocked then but by the account.
func (s *Session) DeletePublicAccessBlock(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("public-access"), loc, settingRequest{})
}
