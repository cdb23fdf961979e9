package storagetest

import (
	"slices"
	"strings"

	"pintail/storage"
)

// unfinishedPages lists more unfinished uploads than a page has: of many keys, of one key, and below folders. None may be missing or
// come twice.
func unfinishedPages(e *Env) {
	keys := []string{"p/a", "p/b/1", "p/b/2", "p/c", "p/k", "p/k", "p/k", "p/k", "p/x/1", "p/y/1", "p/z"}
	want := map[string]string{}
	for _, key := range keys {
		u, err := e.S.CreateUpload(e.Context(), e.Loc(key), storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		want[u.ID] = key
	}
	for _, size := range []int32{1, 2, 3, 1000} {
		for _, delimiter := range []string{"", "/"} {
			have, folders := map[string]string{}, []string{}
			for page, err := range e.S.ListUploads(e.Context(), e.Bucket, "p/", storage.ListOptions{Delimiter: delimiter, PageSize: size}) {
				if err != nil {
					e.Fatalf("pages of %d, delimiter %q: %v", size, delimiter, err)
				}
				for _, u := range page.Uploads {
					if have[u.ID] != "" {
						e.Errorf("pages of %d, delimiter %q: %s comes twice", size, delimiter, u.Key)
					}
					have[u.ID] = u.Key
				}
				folders = append(folders, page.Prefixes...)
			}
			for id, key := range want {
				if inFolder := delimiter != "" && strings.Count(key, "/") > 1; !inFolder && have[id] != key {
					e.Errorf("pages of %d, delimiter %q: an upload of %s is missing", size, delimiter, key)
				}
			}
			slices.Sort(folders)
			all := []string{"p/b/", "p/x/", "p/y/"}
			if delimiter != "" && !slices.Equal(folders, all) || delimiter == "" && len(folders) > 0 {
				e.Errorf("pages of %d, delimiter %q: folders %q", size, delimiter, folders)
			}
		}
	}
	for id, key := range want {
		if err := e.S.AbortUpload(e.Context(), e.Loc(key), id); err != nil {
			e.Error(err)
		}
	}
}
