package browser

import (
	"testing"
	"time"

	"pintail/storage"
)

func TestParseAddress_KeepsKeysRaw(t *testing.T) {
	t.Parallel()
	at := storage.Location{Bucket: "b", Key: "a/"}
	for _, c := range []struct {
		in          string
		bucket, key string
	}{
		{"s3://bucket/a//b/", "bucket", "a//b/"}, {"s3://bucket//a", "bucket", "/a/"}, {"/", "", ""}, {"s3://", "", ""},
		{"s3://bucket", "bucket", ""}, {"s3://bucket/a+b/../c", "bucket", "a+b/../c/"}, {"/bucket/x y", "bucket", "x y/"},
		{"arn:aws:s3:eu-west-1:123456789012:accesspoint/mine/object/a/b", "arn:aws:s3:eu-west-1:123456789012:accesspoint:mine", "a/b/"},
		{"s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/mine/a", "arn:aws:s3:eu-west-1:123456789012:accesspoint:mine", "a/"},
		{"sub", "b", "a/sub/"}, {"arn:aws:s3:::bucket/x/", "bucket", "x/"},
		{"https://bucket.s3.eu-central-1.amazonaws.com/p/q/?X-Amz-Signature=1", "bucket", "p/q/"},
		{"https://s3.example.com/bucket/p/", "bucket", "p/"},
	} {
		got, err := ParseAddress(c.in, at)
		if err != nil || got.Bucket != c.bucket || got.Key != c.key {
			t.Errorf("%q: got %+v, %v", c.in, got, err)
		}
	}
	for _, bad := range []string{"s3:///x", "arn:aws:iam::1:role/x", "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine/a", "//x"} {
		if got, err := ParseAddress(bad, at); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

func TestCrumbs_ShowEmptyFolders(t *testing.T) {
	t.Parallel()
	got := Crumbs("host", storage.Location{Bucket: "b", Key: "a//c/"})
	want := []string{"", "", "a/", "a//", "a//c/"}
	if len(got) != len(want) {
		t.Fatalf("got %d parts: %v", len(got), got)
	}
	for i, k := range want {
		if got[i].At.Key != k {
			t.Errorf("part %d: key %q, want %q", i, got[i].At.Key, k)
		}
	}
}

func TestCopyName_KeepsTheEnding(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 14, 2, 11, 0, time.UTC)
	for in, want := range map[string]string{
		"report.csv": "report (2026-11-20 14.02.11).csv", "a.tar.gz": "a (2026-11-20 14.02.11).tar.gz",
		".env": ".env (2026-11-20 14.02.11)", "folder": "folder (2026-11-20 14.02.11)",
	} {
		if got := CopyName(in, now); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestCheckName_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	at := storage.Location{Bucket: "b", Key: "f/"}
	long := make([]byte, 1023)
	for i := range long {
		long[i] = 'x'
	}
	taken := func(s string) bool { return s == "old" }
	for name, want := range map[string]NameError{"": NameEmpty, "a/b": NameSlash, string(long): NameLong, "old": NameTaken, "new": NameFine, "..": NameFine} {
		if got := CheckName(name, at, false, taken); got != want {
			t.Errorf("%.10q: got %v, want %v", name, got, want)
		}
	}
}
