package preferences_test

import (
	"errors"
	"slices"
	"testing"

	"pintail/preferences"
)

func TestBuckets_AreKeptByHostAndBucket(t *testing.T) {
	t.Parallel()
	p, file := fresh(t)
	archive := preferences.BucketDefaults{Host: "s3.amazonaws.com", Bucket: "archive", Class: "DEEP_ARCHIVE", Encryption: "aws:kms", Key: "arn:aws:kms:eu-west-1:1:key/2"}
	plain := preferences.BucketDefaults{Host: "lab.example.com:9000", Bucket: "archive", Encryption: preferences.NoEncryption}
	list := preferences.SetDefaults(preferences.SetDefaults(nil, archive), plain)
	if err := preferences.S3Buckets.Set(p, list); err != nil {
		t.Fatal(err)
	}
	q := open(t, file)
	for _, want := range []preferences.BucketDefaults{archive, plain, {Host: "lab.example.com:9000", Bucket: "other"}, {Host: "lab.example.com", Bucket: "archive"}} {
		if got := preferences.DefaultsOf(preferences.S3Buckets.Get(q), want.Host, want.Bucket); got != want {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
	}
	list = preferences.SetDefaults(preferences.S3Buckets.Get(q), preferences.BucketDefaults{Host: "S3.amazonaws.com", Bucket: "archive"})
	if !slices.Equal(list, []preferences.BucketDefaults{plain}) {
		t.Errorf("after removing one: %+v", list)
	}
	for _, bad := range []string{"archive class=GLACIER", "h/b/c class=GLACIER", "h/b colour=red", "h/b class=", "h/b encryption=rot13", "h/b key=k", "h/b class=A,H/b class=B"} {
		if err := p.SetString("s3.bucket.defaults", bad); !errors.Is(err, preferences.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
