package browser

import (
	"context"
	"net/http"
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
)

// What the menus change on a folder and on one object, on servers that are not ours: what is asked for is there, all else as it was.
func TestEdits_OnVersitygw(t *testing.T) { editsOn(t, servers.SharedVersitygw(t)) }

// On RGW everybody is let in and shut out too: a request without a key tells.
func TestEdits_OnRGW(t *testing.T) {
	srv := servers.SharedRGW(t)
	b, bucket := editsOn(t, srv)
	open := func(key string) bool {
		res, err := http.Get(srv.Endpoint + "/" + bucket + "/" + key)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusForbidden {
			t.Fatalf("%s: %s", key, res.Status)
		}
		return res.StatusCode == http.StatusOK
	}
	want := func(what string, a, b, c bool) {
		t.Helper()
		if open("dir/a") != a || open("dir/b") != b || open("c") != c {
			t.Errorf("%s: everybody reads dir/a %v, dir/b %v, c %v", what, open("dir/a"), open("dir/b"), open("c"))
		}
	}
	want("at first", false, false, false)
	b.vm.Change(b.picked("dir/"), publicEdit(true))
	b.transfersEnd(2)
	want("the folder is public", true, true, false)
	b.notice = ""
	b.vm.Change(b.picked("c"), publicEdit(true))
	b.until("c changed", func() bool { return b.notice != "" })
	b.notice = ""
	b.vm.Change(b.picked("c"), storage.Edit{Metadata: map[string]string{"later": "yes"}}) // a copy onto itself keeps who gets in
	b.until("c changed again", func() bool { return b.notice != "" && !b.vm.Listing() })
	want("c is public and copied onto itself", true, true, true)
	b.vm.Change(b.picked("dir/"), publicEdit(false))
	b.transfersEnd(3)
	want("the folder is private", false, false, true)
	if len(b.reports) > 0 {
		t.Errorf("reports %+v", b.reports)
	}
}

// editsOn changes metadata, headers and tags of a folder by one job, and looks at each object.
func editsOn(t *testing.T, srv *servers.Server) (b *bench, bucket string) {
	t.Helper()
	b = newBench(t)
	s, bucket := b.onServer(srv)
	ctx := context.Background()
	for _, key := range []string{"dir/a", "dir/b", "c"} {
		if _, err := s.Put(ctx, storage.Location{Bucket: bucket, Key: key}, storage.Body{R: body(key), Size: int64(len(key))},
			storage.WriteOptions{Metadata: map[string]string{"own": key}, Tags: map[string]string{"t": "1"}, Headers: storage.Headers{CacheControl: "no-cache"}}); err != nil {
			t.Fatal(err)
		}
	}
	b.goTo(storage.Location{Bucket: bucket})
	b.vm.Change(b.picked("dir/"), storage.Edit{Metadata: map[string]string{"new": "yes"}, Tags: map[string]string{"more": "2"},
		Headers: map[string]string{"Content-Language": "de"}})
	b.transfersEnd(1)
	for _, key := range []string{"dir/a", "dir/b", "c"} {
		at := storage.Location{Bucket: bucket, Key: key}
		info, err := s.Stat(ctx, at)
		tags, terr := s.Tags(ctx, at)
		edited := key != "c"
		if err != nil || terr != nil || info.Metadata["own"] != key || info.Headers.CacheControl != "no-cache" || tags["t"] != "1" ||
			(info.Metadata["new"] == "yes") != edited || (info.Headers.ContentLanguage == "de") != edited || (tags["more"] == "2") != edited {
			t.Errorf("%s: %+v, tags %v, %v, %v", key, info, tags, err, terr)
		}
		if c := contentOf(t, s, at); c != key {
			t.Errorf("%s holds %q", key, c)
		}
	}
	return b, bucket
}
