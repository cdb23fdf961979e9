package storage_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// RGW lists no folders of unfinished uploads. That is found out once; from then on a folder costs a request, whatever is in it.
func TestListUploads_FoldersOnRGWAreBounded(t *testing.T) {
	onReal(t, func() {
		var asked atomic.Int64
		c := target(servers.SharedRGW(t), rgwQuirks).Config()
		c.Trace = func(e storage.Event) {
			if e.Op == "ListMultipartUploads" {
				asked.Add(1)
			}
		}
		s := storagetest.Open(t, c)
		bucket := fmt.Sprintf("folders-%x", time.Now().UnixNano())
		if err := s.MakeBucket(t.Context(), bucket, storage.MakeBucketOptions{}); err != nil {
			t.Fatal(err)
		}
		begin := func(key string) {
			t.Helper()
			loc := storage.Location{Bucket: bucket, Key: key}
			u, err := s.CreateUpload(t.Context(), loc, storage.WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.AbortUpload(context.WithoutCancel(t.Context()), loc, u.ID) })
		}
		for i := range 30 {
			begin(fmt.Sprintf("a/%02d", i))
		}
		begin("b")
		begin("c/d/e")
		for try, most := range []int64{5, 3} { // pages of ten: b, then a and b, c; later those two at once
			asked.Store(0)
			var folders, keys []string
			for p, err := range s.ListUploads(t.Context(), bucket, "", storage.ListOptions{Delimiter: "/", PageSize: 10}) {
				if err != nil {
					t.Fatal(err)
				}
				folders = append(folders, p.Prefixes...)
				for _, u := range p.Uploads {
					keys = append(keys, u.Key)
				}
			}
			if !slices.Equal(folders, []string{"a/", "c/"}) || !slices.Equal(keys, []string{"b"}) || asked.Load() > most {
				t.Errorf("listing %d: folders %q, keys %q, %d requests", try+1, folders, keys, asked.Load())
			}
		}
	})
}
