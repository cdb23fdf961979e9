package storage

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A page of unfinished uploads begins after a key and, for the further uploads of that same key, after one of their ids. versitygw
// (1.8.0) looks for that id among the uploads of the next key, and refuses what it has told itself; after a folder it tells the folder
// once more, for each upload in it. Its listing is gone on with by the key alone, and the uploads of the key that this leaves out are
// asked for by themselves; after a folder it goes on behind the last key that can be in it.
//
// Ceph's gateway (16.2) leaves the folders out. Where a listing by folders has shown none, and none ever came from that server, it is
// made once more without a delimiter, and what lies in folders is put into them here; each folder costs one request at most.

// uploadPages is a listing of unfinished uploads on its way.
type uploadPages struct {
	s       *Session
	loc     Location
	o       ListOptions
	key, id string          // where the next page begins
	folder  string          // the last page ended with it
	group   bool            // the server leaves folders out: they are made here
	look    bool            // for folders alone, once the uploads have been given
	made    string          // the last folder that was made
	seen    map[string]bool // the ids of key's uploads that were given
}

// ListUploads gives the unfinished multipart uploads below prefix, page by page.
func (s *Session) ListUploads(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[UploadPage, error] {
	return func(yield func(UploadPage, error) bool) {
		u := &uploadPages{s: s, loc: Location{Bucket: bucket, Key: prefix}, o: o, key: o.StartAfter}
		u.group = o.Delimiter != "" && !s.known.ok(featureUploadFolders, bucket)
		for more := true; more; {
			var page UploadPage
			var err error
			if page, more, err = u.next(ctx); err != nil {
				yield(UploadPage{}, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// next is the next page; more tells whether there are others.
func (u *uploadPages) next(ctx context.Context) (page UploadPage, more bool, err error) {
	page, more, err = u.ask(ctx)
	switch {
	case err != nil || u.o.Delimiter == "":
	case u.group:
		page = u.grouped(page, more)
	case len(page.Prefixes) > 0:
		u.s.known.set(featureUploadFolders, u.loc.Bucket, true)
	case !more && u.s.known.get(featureUploadFolders, u.loc.Bucket) == nil:
		u.group, u.look, more = true, true, true
		u.key, u.id, u.seen = u.o.StartAfter, "", nil
	}
	return page, more, err
}

// grouped puts the uploads in folders into these. The listing goes on behind the last one.
func (u *uploadPages) grouped(page UploadPage, more bool) (g UploadPage) {
	g.Ahead = page.Ahead
	for _, up := range page.Uploads {
		in, _, inFolder := strings.Cut(strings.TrimPrefix(up.Key, u.loc.Key), u.o.Delimiter)
		switch f := u.loc.Key + in + u.o.Delimiter; {
		case inFolder && f != u.made:
			u.made = f
			u.s.known.set(featureUploadFolders, u.loc.Bucket, false)
			g.Prefixes = append(g.Prefixes, f)
		case !inFolder && !u.look:
			g.Uploads = append(g.Uploads, up)
		}
	}
	if more && u.made != "" && strings.HasPrefix(u.key, u.made) {
		u.key, u.id = afterFolder(u.made), ""
	}
	return g
}

// ask asks for a page; more tells whether there are others.
func (u *uploadPages) ask(ctx context.Context) (page UploadPage, more bool, err error) {
	o := u.o
	if u.group {
		o.Delimiter = ""
	}
	l, err := u.s.uploadPage(ctx, u.loc, o, u.key, u.id)
	if err != nil && u.id != "" && KindOf(err) == KindInvalid {
		if u.folder != "" {
			u.key, u.id = afterFolder(u.folder), ""
			return UploadPage{}, true, nil
		}
		rest, rerr := u.sameKey(ctx)
		if rerr != nil {
			return UploadPage{}, false, rerr
		}
		u.id = ""
		return UploadPage{Uploads: rest}, true, nil
	}
	if err != nil {
		return UploadPage{}, false, err
	}
	again := u.folder != "" && slices.Contains(l.page.Prefixes, u.folder)
	if l.truncated && (l.key == "" || l.key < u.key || l.key == u.key && l.id == u.id || len(l.page.Uploads)+len(l.page.Prefixes) == 0) {
		return UploadPage{}, false, u.stuck("the server says that there is more and its marker does not move on")
	}
	if again {
		l.page.Prefixes = slices.DeleteFunc(l.page.Prefixes, func(p string) bool { return p == u.folder })
	}
	if l.key != u.key || u.seen == nil {
		u.seen = map[string]bool{}
	}
	for _, up := range l.page.Uploads {
		if up.Key == l.key {
			u.seen[up.ID] = true
		}
	}
	stays := again && l.key == u.folder
	if u.key, u.id = l.key, l.id; stays {
		u.key, u.id = afterFolder(u.folder), ""
	} else if u.folder = ""; slices.Contains(l.page.Prefixes, l.key) {
		u.folder = l.key
	}
	return l.page, l.truncated, nil
}

// afterFolder is after every key in a folder.
func afterFolder(folder string) string { return folder + "\U0010ffff" }

// sameKey is the uploads of the marker's key that were not given. A key has a page of them at most here: more cannot be told apart.
func (u *uploadPages) sameKey(ctx context.Context) ([]Upload, error) {
	l, err := u.s.uploadPage(ctx, Location{Bucket: u.loc.Bucket, Key: u.key}, ListOptions{PageSize: maxPageKeys}, "", "")
	if err != nil {
		return nil, err
	}
	var rest []Upload
	for _, up := range l.page.Uploads {
		if up.Key == u.key && !u.seen[up.ID] {
			rest = append(rest, up)
		}
	}
	if n := len(l.page.Uploads); l.truncated && l.page.Uploads[n-1].Key == u.key {
		return nil, u.stuck("the server refuses the marker that it gave")
	}
	return rest, nil
}

func (u *uploadPages) stuck(why string) error {
	return &Error{Op: "ListMultipartUploads", Location: u.loc, Host: u.s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: why, Err: fmt.Errorf("%s", why)}
}

func (s *Session) uploadPage(ctx context.Context, loc Location, o ListOptions, key, id string) (*uploadListing, error) {
	_, rec, err := do(ctx, s, "ListMultipartUploads", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.ListMultipartUploadsOutput, error) {
		return c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &loc.Bucket, Prefix: optional(loc.Key),
			Delimiter: optional(o.Delimiter), KeyMarker: optional(key), UploadIdMarker: optional(id), MaxUploads: s.pageSize(o)})
	})
	if err == nil {
		rec.uploads.page.Ahead = s.ahead(rec)
	}
	return rec.uploads, err
}
