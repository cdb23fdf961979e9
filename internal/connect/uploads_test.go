package connect_test

import (
	"errors"
	"maps"
	"testing"

	"pintail/internal/connect"
	"pintail/preferences"
	"pintail/storage"
)

func TestUploadDefaults_FillInWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	p, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(preferences.S3StorageClass.Set(p, "STANDARD_IA"), preferences.S3Encryption.Set(p, "AES256"), preferences.S3ACL.Set(p, "public-read"),
		preferences.S3Metadata.Set(p, "Cache-Control=max-age=60 x-amz-meta-Team=red from=pref"))
	if err != nil {
		t.Fatal(err)
	}
	var w storage.WriteOptions
	connect.UploadDefaults(&w, p, "s3.example.com", "b")
	if w.Class != "STANDARD_IA" || w.Encryption.Type != "AES256" || w.ACL != "public-read" || w.Headers.CacheControl != "max-age=60" ||
		!maps.Equal(w.Metadata, map[string]string{"team": "red", "from": "pref"}) {
		t.Errorf("%+v", w)
	}
	given := map[string]string{"From": "line"}
	w = storage.WriteOptions{Class: "GLACIER", ACL: "private", Encryption: storage.Encryption{Type: "aws:kms"}, Metadata: given,
		Headers: storage.Headers{CacheControl: "no-cache"}}
	connect.UploadDefaults(&w, p, "s3.example.com", "b")
	if w.Class != "GLACIER" || w.Encryption.Type != "aws:kms" || w.ACL != "private" || w.Headers.CacheControl != "no-cache" ||
		!maps.Equal(w.Metadata, map[string]string{"team": "red", "from": "line"}) || len(given) != 1 {
		t.Errorf("%+v", w)
	}
	if err := preferences.S3Metadata.Set(p, "no-equals-sign"); err == nil {
		t.Error("a word without = is taken")
	}
}

func TestUploadDefaults_OfOneBucketWin(t *testing.T) {
	t.Parallel()
	p, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := []preferences.BucketDefaults{
		{Host: preferences.AmazonHost, Bucket: "archive", Class: "GLACIER", Encryption: "aws:kms", Key: "alias/k"},
		{Host: "lab.example.com:9000", Bucket: "archive", Class: "STANDARD", Encryption: preferences.NoEncryption},
	}
	err = errors.Join(preferences.S3StorageClass.Set(p, "STANDARD_IA"), preferences.S3Encryption.Set(p, "AES256"), preferences.S3Buckets.Set(p, list),
		preferences.S3Checksum.Set(p, "SHA256"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ host, bucket, class, encryption, key string }{
		{"s3.eu-west-1.amazonaws.com", "archive", "GLACIER", "aws:kms", "alias/k"},
		{"s3.amazonaws.com:443", "archive", "GLACIER", "aws:kms", "alias/k"},
		{"s3.amazonaws.com", "other", "STANDARD_IA", "AES256", ""},
		{"Lab.example.com:9000", "archive", "", "", ""},
		{"lab.example.com", "archive", "STANDARD_IA", "AES256", ""},
		{"s3.amazonaws.com.example.com", "archive", "STANDARD_IA", "AES256", ""},
	}
	for _, tt := range tests {
		var w storage.WriteOptions
		connect.UploadDefaults(&w, p, tt.host, tt.bucket)
		if w.Class != tt.class || w.Encryption.Type != tt.encryption || w.Encryption.KeyID != tt.key || w.Checksum != storage.ChecksumSHA256 {
			t.Errorf("%s/%s: %+v", tt.host, tt.bucket, w)
		}
	}
}
