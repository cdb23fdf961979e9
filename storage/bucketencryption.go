package storage

import "context"

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

// BucketEncryption reads how a bucket encrypts objects that come without a wish of their own; Type "" is not at all.
func (s *Session) BucketEncryption(ctx context.Context, loc Location) (Encryption, error) {
	var c encryptionConfiguration
	if _, err := s.readTyped(ctx, settingOf("encryption"), loc, "", &c); err != nil || len(c.Rules) == 0 {
		return Encryption{}, err
	}
	e := Encryption{BucketKey: c.Rules[0].BucketKey}
	if d := c.Rules[0].Default; d != nil {
		e.Type, e.KeyID = d.Algorithm, d.KeyID
	}
	return e, nil
}

// SetBucketEncryption replaces the default encryption of a bucket. Type "" takes it away; Amazon then encrypts with its own keys.
func (s *Session) SetBucketEncryption(ctx context.Context, loc Location, e Encryption) error {
	if err := s.writable("PutBucketEncryption", loc); err != nil {
		return err
	}
	if e.Type == "" {
		return s.DeleteBucketEncryption(ctx, loc)
	}
	var c encryptionConfiguration
	if _, err := s.readTyped(ctx, settingOf("encryption"), loc, "", &c); err != nil {
		return err
	}
	if len(c.Rules) == 0 {
		c.Rules = make([]encryptionRule, 1)
	}
	d := encryptionDefault{Algorithm: e.Type, KeyID: e.KeyID}
	if old := c.Rules[0].Default; old != nil {
		d.Foreign = old.Foreign
	}
	c.Rules[0].Default, c.Rules[0].BucketKey = &d, e.BucketKey
	return s.writeTyped(ctx, settingOf("encryption"), loc, c, settingRequest{})
}

// DeleteBucketEncryption takes the default encryption of a bucket away.
func (s *Session) DeleteBucketEncryption(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("encryption"), loc, settingRequest{})
}
