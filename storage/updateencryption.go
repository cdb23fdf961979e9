package storage

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// updateEncryption changes the encryption where the object is, where the server is known to be able to: no copy, no new version.
// False: a copy must do it. Only a KMS key that is named in full can be set so, in place of the server's own key or another of KMS.
func (s *Session) updateEncryption(ctx context.Context, loc Location, e Edit, k *kept) (Rewritten, bool, error) {
	if e.Encryption == nil || e.tags() || e.ACL != nil || !s.known.sure(featureUpdateEncryption, loc.Bucket) || k.info.Lock != (Lock{}) {
		return Rewritten{}, false, nil
	}
	from, to := k.info.Encryption.Type, *e.Encryption
	rest := e
	rest.Encryption = nil
	if to.Type != "aws:kms" || !strings.HasPrefix(to.KeyID, "arn:") || from != "AES256" && from != "aws:kms" || len(differing(k.info, k.wanted(rest))) > 0 {
		return Rewritten{}, false, nil
	}
	at := k.info.Location
	_, _, err := do(ctx, s, "UpdateObjectEncryption", at, func(ctx context.Context, c *s3.Client, _ *call) (*s3.UpdateObjectEncryptionOutput, error) {
		return c.UpdateObjectEncryption(ctx, &s3.UpdateObjectEncryptionInput{Bucket: &at.Bucket, Key: &at.Key, VersionId: optional(at.Version),
			ObjectEncryption: &types.ObjectEncryptionMemberSSEKMS{Value: types.SSEKMSEncryption{KMSKeyArn: aws.String(to.KeyID), BucketKeyEnabled: aws.Bool(to.BucketKey)}}})
	})
	switch KindOf(err) {
	case KindUnsupported, KindInvalid: // also: not of this object, not with this key
		return Rewritten{}, false, nil
	}
	if err != nil {
		return Rewritten{}, false, err
	}
	now, err := s.Stat(ctx, at)
	if err != nil {
		return Rewritten{}, false, err
	}
	r := Rewritten{Changed: true, Written: Written{Version: now.Location.Version, ETag: now.ETag, Size: now.Size, Checksums: now.Checksums, RequestID: now.RequestID}}
	for range differing(now, k.wanted(e)) {
		r.Ignored = []string{PartEncryption}
	}
	return r, true, nil
}
