package storage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMSKey is a key of Amazon's key management service that objects can be encrypted with.
type KMSKey struct {
	ID      string
	ARN     string
	Aliases []string // like "alias/mine"
}

// ownAlias is that of the key with which S3 encrypts where none is named; the other keys of Amazon's services are not for S3.
const (
	ownAlias    = "alias/aws/s3"
	amazonAlias = "alias/aws/"
)

// maxKMSPages bounds a listing, of a hundred keys a page.
const maxKMSPages = 1000

// KMSKeys are the keys of this account in the region of a bucket (the session's region without one), first those with an alias. They
// may hold some that are switched off, or that these credentials may not use. [KindUnsupported] where there is no such service.
func (s *Session) KMSKeys(ctx context.Context, bucket string) ([]KMSKey, error) {
	region := s.Region()
	if bucket != "" {
		found, err := s.BucketRegion(ctx, bucket)
		if err != nil && KindOf(err) != KindPermission {
			return nil, err
		}
		region = cmp.Or(found, region)
	}
	q := kmsQuery{s, Location{Bucket: bucket}, cmp.Or(region, "us-east-1")}
	names, err := q.aliases(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := q.keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []KMSKey
	for _, k := range keys {
		k.Aliases = names[k.ID]
		slices.Sort(k.Aliases)
		foreign := func(a string) bool { return strings.HasPrefix(a, amazonAlias) && a != ownAlias }
		if !slices.ContainsFunc(k.Aliases, foreign) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b KMSKey) int { return cmp.Compare(a.order(), b.order()) })
	return out, nil
}

// order puts keys with a name first.
func (k KMSKey) order() string {
	if len(k.Aliases) > 0 {
		return " " + k.Aliases[0]
	}
	return k.ID
}

// kmsQuery asks the service in one region.
type kmsQuery struct {
	s      *Session
	loc    Location
	region string
}

func (q kmsQuery) at() besides {
	return besides{"kms." + q.region + ".amazonaws.com", q.s.cfg.KMS, "kms:", "NoKMS", "keys of KMS"}
}

func (q kmsQuery) client() *kms.Client {
	o := kms.Options{
		Region: q.region, HTTPClient: q.s.http, HTTPSignerV4: &clockSigner{v4.NewSigner(), q.s.now}, Retryer: aws.NopRetryer{}, Credentials: q.s.creds,
	}
	if u := q.s.cfg.KMS; u != nil {
		o.BaseEndpoint = aws.String(u.String())
	}
	return kms.New(o)
}

// aliases are the names of keys by their ids.
func (q kmsQuery) aliases(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	var marker *string
	for range maxKMSPages {
		page, err := askAside(ctx, q.s, q.at(), "ListAliases", q.loc, func(ctx context.Context) (*kms.ListAliasesOutput, error) {
			return q.client().ListAliases(ctx, &kms.ListAliasesInput{Marker: marker})
		})
		if err != nil {
			return nil, err
		}
		for _, a := range page.Aliases {
			if id := aws.ToString(a.TargetKeyId); id != "" {
				out[id] = append(out[id], aws.ToString(a.AliasName))
			}
		}
		if marker = page.NextMarker; !page.Truncated || aws.ToString(marker) == "" {
			break
		}
	}
	return out, nil
}

func (q kmsQuery) keys(ctx context.Context) ([]KMSKey, error) {
	var out []KMSKey
	var marker *string
	for range maxKMSPages {
		page, err := askAside(ctx, q.s, q.at(), "ListKeys", q.loc, func(ctx context.Context) (*kms.ListKeysOutput, error) {
			return q.client().ListKeys(ctx, &kms.ListKeysInput{Marker: marker})
		})
		if err != nil {
			return nil, err
		}
		for _, k := range page.Keys {
			out = append(out, KMSKey{ID: aws.ToString(k.KeyId), ARN: aws.ToString(k.KeyArn)})
		}
		if marker = page.NextMarker; !page.Truncated || aws.ToString(marker) == "" {
			break
		}
	}
	return out, nil
}
