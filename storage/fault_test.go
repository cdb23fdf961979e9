package storage_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/minio/crc64nvme"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// faulty is an embedded server with a script, and how to connect to it.
func faulty(t *testing.T, f *faultserver.Faults) storage.Config {
	t.Helper()
	d, err := demo.Start(context.Background(), demo.Options{Middleware: f.Middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Release(); _ = d.Close() })
	u, err := url.Parse(d.URL())
	if err != nil {
		t.Fatal(err)
	}
	return storage.Config{Endpoint: u, Credentials: credentials.NewStaticCredentialsProvider(d.AccessKey(), d.SecretKey(), ""), PageSize: 2}
}

var faultData = storagetest.Data(11, 400_000)

const faultBucket = "faults"

func at(key string) storage.Location { return storage.Location{Bucket: faultBucket, Key: key} }

// prepare stores what the operations need, by operations other than the row's where it matters (the rule counts matches).
func prepare(t *testing.T, s *storage.Session) {
	t.Helper()
	if err := s.MakeBucket(t.Context(), faultBucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
}

// operate runs the operation of a row and gives its error.
func operate(t *testing.T, s *storage.Session, row faultserver.Row, src storage.Written) error {
	ctx := t.Context()
	switch row.Rule.Op {
	case "ListObjectsV2":
		for _, err := range s.List(ctx, faultBucket, "", storage.ListOptions{}) {
			if err != nil {
				return err
			}
		}
		return nil
	case "GetObject":
		return get(t, s, row, src)
	case "HeadObject":
		_, err := s.Stat(ctx, at("src"))
		return err
	case "PutObject":
		_, err := s.Put(ctx, at("target"), storagetest.Body(faultData), storage.WriteOptions{})
		return err
	case "UploadPart", "CompleteMultipartUpload":
		return parts(t, s)
	case "CopyObject":
		_, err := s.Copy(ctx, at("src"), at("target"), storage.CopyOptions{})
		return err
	case "DeleteObject":
		_, err := s.Delete(ctx, at("src"))
		return err
	case "DeleteObjects":
		res, err := s.DeleteMany(ctx, faultBucket, []storage.Location{at("src"), at("b")})
		for _, r := range res {
			err = errors.Join(err, r.Err)
		}
		return err
	}
	t.Fatalf("no way to run %s", row.Rule.Op)
	return nil
}

func parts(t *testing.T, s *storage.Session) error {
	ctx := t.Context()
	u, err := s.CreateUpload(ctx, at("target"), storage.WriteOptions{})
	if err != nil {
		return err
	}
	big := storagetest.Data(12, 5<<20)
	p1, err := s.UploadPart(ctx, at("target"), u, 1, storagetest.Body(big))
	if err != nil {
		return err
	}
	p2, err := s.UploadPart(ctx, at("target"), u, 2, storagetest.Body(faultData))
	if err != nil {
		return err
	}
	_, err = s.CompleteUpload(ctx, at("target"), u, []storage.Part{p1, p2}, storage.WriteOptions{})
	return err
}

// get downloads as a transfer does: the size and the checksum that came with the answer decide.
func get(t *testing.T, s *storage.Session, row faultserver.Row, src storage.Written) error {
	o := storage.ReadOptions{Whole: true}
	want := faultData
	if row.Ranged {
		o = storage.ReadOptions{Offset: 1000, Length: 300_000, IfMatch: src.ETag}
		want = faultData[1000:301_000]
	}
	r, err := s.Read(t.Context(), at("src"), o)
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v := r.Info.Checksums.Values[storage.ChecksumCRC64NVME]; v != "" && !row.Ranged {
		h := crc64nvme.New()
		_, _ = h.Write(got)
		if base64.StdEncoding.EncodeToString(h.Sum(nil)) != v {
			return &storage.Error{Kind: storage.KindChecksum, Retryable: true}
		}
	}
	if !bytes.Equal(got, want) {
		t.Error("wrong bytes, and nothing said so")
	}
	return nil
}

// setup stores the source with a session of its own rules: a row for PutObject must meet the operation, not this.
func setup(t *testing.T, row faultserver.Row, stall time.Duration) (*storage.Session, *faultserver.Faults, storage.Written) {
	t.Helper()
	rule := row.Rule
	switch rule.Op {
	case "PutObject", "UploadPart", "CompleteMultipartUpload", "CopyObject":
		rule.Key = "target"
	case "DeleteObject", "GetObject", "HeadObject":
		rule.Key = "src"
	}
	if rule.Op == "ListObjectsV2" && row.Rule.Number == 0 {
		rule.Number = 1
	}
	f := faultserver.New(rule)
	c := faulty(t, f)
	s := storagetest.Open(t, c)
	prepare(t, s)
	var src storage.Written
	for _, k := range []string{"src", "b", "c", "d", "e"} {
		w, err := s.Put(t.Context(), at(k), storagetest.Body(faultData), storage.WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if k == "src" {
			src = w
		}
	}
	if rule.Kind == faultserver.Stall {
		c.StallAfter = stall // the others keep the usual patience: a busy machine is no fault
		s = storagetest.Open(t, c)
	}
	return s, f, src
}

func TestFaults_EveryRowIsConcludedRightly(t *testing.T) {
	for _, row := range faultserver.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			// A busy machine can stand still before the fault is met: then the patience was too short.
			for stall := 300 * time.Millisecond; ; stall *= 2 {
				s, f, src := setup(t, row, stall)
				err := operate(t, s, row, src)
				var e *storage.Error
				if f.Fired() == 0 && stall < 10*time.Second && row.Rule.Kind == faultserver.Stall && errors.As(err, &e) && e.Code == "Stalled" {
					continue
				}
				if f.Fired() == 0 {
					t.Fatal("the fault was not met")
				}
				checkConclusion(t, row, err)
				return
			}
		})
	}
}

func checkConclusion(t *testing.T, row faultserver.Row, err error) {
	t.Helper()
	if err == nil {
		proved := row.Committed && (row.Rule.Kind == faultserver.NoETag || row.Rule.Kind == faultserver.WrongETag)
		// A read that meets a kept connection which the server has closed is sent again by net/http, as RFC 9110 wants it.
		again := row.Rule.Kind == faultserver.Reset && row.Rule.At == faultserver.BeforeHeaders && row.Conclusion == faultserver.Retry
		if !proved && !again {
			t.Errorf("taken for a success: %s", row.Why)
		}
		return
	}
	var e *storage.Error
	if !errors.As(err, &e) {
		t.Fatalf("not an error of this package: %v", err)
	}
	switch row.Conclusion {
	case faultserver.Retry:
		// What is not from S3 is no reason to try again, and a foreign ETag of a part shows when the parts are put together.
		final := !e.Unknown && (e.Kind == storage.KindNotS3 || row.Rule.Kind == faultserver.WrongETag && e.Code == "InvalidPart")
		if !e.Retryable && !final {
			t.Errorf("not to be tried again: %v (kind %d)", err, e.Kind)
		}
	case faultserver.Fail:
		if e.Unknown {
			t.Errorf("in doubt, but nothing can have changed: %v", err)
		}
	case faultserver.Unknown:
		if !e.Unknown {
			t.Errorf("not in doubt: %v (kind %d)", err, e.Kind)
		}
	}
}

func TestFaults_TheRightAnswerSucceeds(t *testing.T) {
	for _, row := range faultserver.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			s, f, src := setup(t, row.Right(), 0)
			if err := operate(t, s, row.Right(), src); err != nil {
				t.Error(err)
			}
			if f.Fired() == 0 {
				t.Error("the rule was not met")
			}
		})
	}
}
