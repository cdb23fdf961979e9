package storage_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// askedOf lists the operations that do makes.
func askedOf(t *testing.T, c storage.Config, do func(s *storage.Session)) []string {
	t.Helper()
	var ops []string
	c.Trace = func(e storage.Event) { ops = append(ops, e.Op) }
	s := storagetest.Open(t, c)
	if _, err := s.Keeps(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	ops = nil
	do(s)
	return ops
}

// Step by step an edit asks for nothing twice: what must be kept, the copy, the proof.
func TestRewrite_StepByStep(t *testing.T) {
	var config storage.Config
	f := startFront(t, func(c *storage.Config) { config = *c })
	loc := f.put(t, "a", storage.WriteOptions{Metadata: map[string]string{"m": "n"}})
	tagged := f.put(t, "b", storage.WriteOptions{Tags: map[string]string{"k": "v"}})
	sealed := f.put(t, "c", storage.WriteOptions{Encryption: storage.Encryption{Type: "aws:kms", KeyID: "key-1"}})
	for _, c := range []struct {
		name string
		loc  storage.Location
		own  string
		want map[storage.RewriteStep][]string
	}{
		{"with access lists", loc, "ObjectWriter", map[storage.RewriteStep][]string{storage.RewriteRead: {"HeadObject", "GetObjectAcl"},
			storage.RewriteCopy: {"CopyObject"}, storage.RewriteProve: {"HeadObject"}}},
		{"without", loc, "BucketOwnerEnforced", map[storage.RewriteStep][]string{storage.RewriteRead: {"HeadObject"},
			storage.RewriteCopy: {"CopyObject"}, storage.RewriteProve: {"HeadObject"}}},
		{"tagged", tagged, "BucketOwnerEnforced", map[storage.RewriteStep][]string{storage.RewriteRead: {"HeadObject", "GetObjectTagging"},
			storage.RewriteCopy: {"CopyObject"}, storage.RewriteProve: {"GetObjectTagging", "HeadObject"}}},
		{"by a key of KMS, whose ETag proves nothing", sealed, "BucketOwnerEnforced", map[storage.RewriteStep][]string{storage.RewriteRead: {"HeadObject"},
			storage.RewriteCopy: {"CopyObject"}, storage.RewriteProve: {"HeadObject"}}},
	} {
		if err := f.s.SetOwnership(t.Context(), storage.Location{Bucket: "bucket"}, c.own); err != nil {
			t.Fatal(err)
		}
		edit := storage.Edit{Metadata: map[string]string{"new": c.name}}
		o := storage.RewriteOptions{Stepwise: true, Resume: &storage.Rewriting{}}
		w := storage.Rewritten{Next: storage.RewriteRead}
		for w.Next != storage.RewriteDone {
			step := w.Next
			ops := askedOf(t, config, func(s *storage.Session) {
				var err error
				if w, err = s.Rewrite(t.Context(), c.loc, edit, o); err != nil {
					t.Fatal(err)
				}
			})
			if !slices.Equal(ops, c.want[step]) {
				t.Errorf("%s: step %d asks %v, not %v", c.name, step, ops, c.want[step])
			}
			if step == storage.RewriteProve != (w.Next == storage.RewriteDone) {
				t.Errorf("%s: after step %d comes %d", c.name, step, w.Next)
			}
		}
		if info, err := f.s.Stat(t.Context(), c.loc); err != nil || !w.Copied || w.Proof < storage.ProofSize || info.Metadata["new"] != c.name {
			t.Errorf("%s: %+v, %+v, %v", c.name, w, info, err)
		}
	}
	o := storage.RewriteOptions{Stepwise: true, Resume: &storage.Rewriting{}}
	if w, err := f.s.Rewrite(t.Context(), loc, storage.Edit{Metadata: map[string]string{"m": "n"}}, o); err != nil || w.Next != storage.RewriteDone || w.Changed {
		t.Errorf("what is so already: %+v, %v", w, err)
	}
}

// silentWriter is an answer of a server that counts no tags and that nobody knows.
type silentWriter struct{ http.ResponseWriter }

func (w *silentWriter) WriteHeader(status int) {
	w.Header().Del("X-Amz-Tagging-Count")
	w.Header().Set("Server", "other")
	w.ResponseWriter.WriteHeader(status)
}

// Of a server whose heads do not count tags each object is asked for them, whatever was seen before.
func TestRewrite_TagsThatNoHeadCounts(t *testing.T) {
	d, err := demo.Start(t.Context(), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(&silentWriter{w}, r) })
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	c := storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config()
	s := storagetest.Open(t, c)
	if err := s.MakeBucket(t.Context(), "bucket", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		loc := storage.Location{Bucket: "bucket", Key: fmt.Sprint(i)}
		o := storage.WriteOptions{}
		if i%2 == 1 {
			o.Tags = map[string]string{"t": "u"}
		}
		if _, err := s.Put(t.Context(), loc, storagetest.Body([]byte("x")), o); err != nil {
			t.Fatal(err)
		}
		d.ResetRequests()
		if _, err := s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{}); err != nil {
			t.Fatal(err)
		}
		if n := d.CountRequests("GetObjectTagging", loc.Key, 0); n == 0 {
			t.Errorf("%s was not asked for its tags", loc)
		}
		if info, err := s.Stat(t.Context(), loc); err != nil || info.TagCount != 0 {
			t.Fatalf("the test counts tags: %+v, %v", info, err)
		}
		if tags, err := s.Tags(t.Context(), loc); err != nil || len(tags) != len(o.Tags) {
			t.Errorf("%s: tags %v, %v", loc, tags, err)
		}
	}
}
