package storage

import "context"

// BucketEncryption is how a bucket encrypts objects that come without a wish of their own.
type BucketEncryption struct {
	Encryption
	BucketKey bool // one key of the bucket's for many objects: fewer requests to KMS
}

type encryptionConfiguration struct {
	Rules   []encryptionRule `xml:"Rule"`
	Foreign []Foreign        `xml:",any"`
}

type encryptionRule struct {
	Default   *encryptionDefault `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKey bool               `xml:"BucketKeyEnabled,omitempty"`
	Foreign   []Foreign          `xml:",any"`
}

type encryptionDefault struct {
	Algorithm string    `xml:"SSEAlgorithm"`
	KeyID     string    `xml:"KMSMasterKeyID,omitempty"`
	Foreign   []Foreign `xml:",any"`
}

// BucketEncryption reads the default encryption of a bucket; Type "" is none.
func (s *Session) BucketEncryption(ctx context.Context, loc Location) (BucketEncryption, error) {
	var c encryptionConfiguration
	if _, err := s.readTyped(ctx, settingOf("encryption"), loc, "", &c); err != nil || len(c.Rules) == 0 {
		return BucketEncryption{}, err
	}
	b := BucketEncryption{BucketKey: c.Rules[0].BucketKey}
	if d := c.Rules[0].Default; d != nil {
		b.Encryption = Encryption{Type: d.Algorithm, KeyID: d.KeyID}
	}
	return b, nil
}

// SetBucketEncryption replaces the default encryption of a bucket. Type "" takes it away; Amazon then encrypts with its own keys.
func (s *Session) SetBucketEncryption(ctx context.Context, loc Location, b BucketEncryption) error {
	if b.Type == "" {
		return s.DeleteBucketEncryption(ctx, loc)
	}
	var c encryptionConfiguration
	if _, err := s.readTyped(ctx, settingOf("encryption"), loc, "", &c); err != nil {
		return err
	}
	if len(c.Rules) == 0 {
		c.Rules = make([]encryptionRule, 1)
	}
	d := encryptionDefault{Algorithm: b.Type, KeyID: b.KeyID}
	if old := c.Rules[0].Default; old != nil {
		d.Foreign = old.Foreign
	}
	c.Rules[0].Default, c.Rules[0].BucketKey = &d, b.BucketKey
	return s.writeTyped(ctx, settingOf("encryption"), loc, c, settingRequest{})
}

// DeleteBucketEncryption takes the default encryption of a bucket away.
func (s *Session) DeleteBucketEncryption(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("encryption"), loc, settingRequest{})
}
