package storagetest

import (
	"maps"
	"reflect"
	"slices"

	"pintail/storage"
)

// settingCase sets one setting of a bucket, reads it again and takes it away. A server that does not have it is in Quirks.NoSettings,
// and must be told from one that refuses.
type settingCase struct {
	feature string // of features
	get     func(e *Env) (any, error)
	set     func(e *Env) error
	remove  func(e *Env) error
	want    any // what get gives then
	gone    any // what get gives without the setting
}

var settingCases = []testCase{
	{"settings of a bucket", nil, func(e *Env) {
		for _, c := range bucketSettings() {
			c.run(e)
		}
	}},
	{"settings of a bucket that has some of each", nil, func(e *Env) {
		for _, kind := range []string{"inventory", "analytics", "metrics", "intelligent-tiering"} {
			listedSettings(e, kind)
		}
	}},
	{"a policy", nil, policies},
	{"a document with foreign parts", nil, foreignParts},
}

func (c settingCase) run(e *Env) {
	e.Helper()
	if unread, missing := e.Target.Quirks.NoSettings[c.feature]; missing {
		if _, err := c.get(e); unread || err != nil {
			e.wantSetting(c.feature+": get", err)
		}
		e.wantSetting(c.feature+": set", c.set(e))
		return
	}
	proveFeature(e, "bucket."+c.feature)
	if got, err := c.get(e); err != nil || !reflect.DeepEqual(got, c.gone) {
		e.Errorf("%s at first: %+v, %v", c.feature, got, err)
	}
	if err := c.set(e); err != nil {
		e.Errorf("%s: %v", c.feature, err)
		return
	}
	if got, err := c.get(e); err != nil || !reflect.DeepEqual(got, c.want) {
		e.Errorf("%s: %+v, %v; want %+v", c.feature, got, err, c.want)
	}
	for range 2 { // what is not there can be taken away, too
		if err := c.remove(e); err != nil {
			e.Errorf("%s: remove: %v", c.feature, err)
		}
	}
	if got, err := c.get(e); err != nil || c.feature != "versioning" && c.feature != "accelerate" && !reflect.DeepEqual(got, c.gone) {
		e.Errorf("%s after it was taken away: %+v, %v", c.feature, got, err)
	}
}

// wantSetting fails unless a server without the setting is told as such.
func (e *Env) wantSetting(what string, err error) {
	e.Helper()
	if storage.KindOf(err) != storage.KindUnsupported {
		e.Errorf("%s: %v", what, err)
	}
}

func reading[T any](f func(e *Env) (T, error)) func(e *Env) (any, error) {
	return func(e *Env) (any, error) { v, err := f(e); return v, err }
}

func (e *Env) loc() storage.Location { return storage.Location{Bucket: e.Bucket} }

func bucketSettings() []settingCase {
	cors := storage.CORS{Rules: []storage.CORSRule{{ID: "a", AllowedOrigins: []string{"https://example.com"}, AllowedMethods: []string{"GET", "PUT"}, AllowedHeaders: []string{"*"}}}}
	web := storage.Website{Index: &storage.WebsiteIndex{Suffix: "index.html"}, Error: &storage.WebsiteError{Key: "error.html"}}
	block := storage.PublicAccessBlock{BlockPublicAcls: true, RestrictPublicBuckets: true}
	tags := map[string]string{"team": "a b", "k": ""}
	return []settingCase{
		{"versioning", reading(func(e *Env) (storage.Versioning, error) {
			v, err := e.S.Versioning(e.Context(), e.loc())
			v.MFADelete = ""
			return v, err
		}),
			func(e *Env) error {
				return e.S.SetVersioning(e.Context(), e.loc(), storage.Versioning{Status: "Enabled"}, "")
			},
			func(e *Env) error { return e.S.DeleteBucketDocument(e.Context(), e.loc(), "versioning", "") },
			storage.Versioning{Status: "Enabled"}, storage.Versioning{}},
		{"publicaccess", reading(func(e *Env) (storage.PublicAccessBlock, error) { return e.S.PublicAccessBlock(e.Context(), e.loc()) }),
			func(e *Env) error { return e.S.SetPublicAccessBlock(e.Context(), e.loc(), block) },
			func(e *Env) error { return e.S.DeletePublicAccessBlock(e.Context(), e.loc()) }, block, storage.PublicAccessBlock{}},
		{"cors", reading(func(e *Env) (storage.CORS, error) { return e.S.CORS(e.Context(), e.loc()) }),
			func(e *Env) error { return e.S.SetCORS(e.Context(), e.loc(), cors) },
			func(e *Env) error { return e.S.SetCORS(e.Context(), e.loc(), storage.CORS{}) }, cors, storage.CORS{}},
		{"website", reading(func(e *Env) (storage.Website, error) {
			w, err := e.S.Website(e.Context(), e.loc())
			if w.Routing != nil && len(w.Routing.Rules) == 0 { // an empty list in place of none
				w.Routing = nil
			}
			return w, err
		}),
			func(e *Env) error { return e.S.SetWebsite(e.Context(), e.loc(), web) },
			func(e *Env) error { return e.S.DeleteWebsite(e.Context(), e.loc()) }, web, storage.Website{}},
		{"tags", reading(func(e *Env) (map[string]string, error) { return e.S.BucketTags(e.Context(), e.loc()) }),
			func(e *Env) error { return e.S.SetBucketTags(e.Context(), e.loc(), tags) },
			func(e *Env) error { return e.S.SetBucketTags(e.Context(), e.loc(), nil) }, tags, map[string]string{}},
		{"ownership", reading(func(e *Env) (string, error) {
			o, err := e.S.Ownership(e.Context(), e.loc())
			if o == storage.OwnerEnforced { // what a bucket is made with on some servers
				o = ""
			}
			return o, err
		}),
			func(e *Env) error { return e.S.SetOwnership(e.Context(), e.loc(), storage.OwnerPreferred) },
			func(e *Env) error { return e.S.DeleteOwnership(e.Context(), e.loc()) }, storage.OwnerPreferred, ""},
		{"encryption", reading(func(e *Env) (storage.Encryption, error) { return e.S.BucketEncryption(e.Context(), e.loc()) }),
			func(e *Env) error {
				return e.S.SetBucketEncryption(e.Context(), e.loc(), storage.Encryption{Type: "AES256"})
			},
			func(e *Env) error { return e.S.DeleteBucketEncryption(e.Context(), e.loc()) },
			storage.Encryption{Type: "AES256"}, storage.Encryption{}},
		{"requesterpays", reading(func(e *Env) (bool, error) { return e.S.RequesterPays(e.Context(), e.loc()) }),
			func(e *Env) error { return e.S.SetRequesterPays(e.Context(), e.loc(), true) },
			func(e *Env) error { return e.S.SetRequesterPays(e.Context(), e.loc(), false) }, true, false},
		{"accelerate", reading(func(e *Env) (string, error) { return e.S.Acceleration(e.Context(), e.loc()) }),
			func(e *Env) error { return e.S.SetAcceleration(e.Context(), e.loc(), true) },
			func(e *Env) error { return e.S.SetAcceleration(e.Context(), e.loc(), false) }, "Enabled", ""},
		settingCase{"logging", reading(func(e *Env) (storage.Logging, error) { return e.S.Logging(e.Context(), e.loc()) }),
			func(e *Env) error {
				return e.S.SetLogging(e.Context(), e.loc(), storage.Logging{Bucket: e.Bucket, Prefix: "logs/"})
			},
			func(e *Env) error { return e.S.SetLogging(e.Context(), e.loc(), storage.Logging{}) },
			storage.Logging{Bucket: "", Prefix: "logs/"}, storage.Logging{}}.ofItself(),
		notificationCase(), replicationCase(), lifecycleCase(),
	}
}

// ofItself expects the case's own bucket as the target.
func (c settingCase) ofItself() settingCase {
	read := c.get
	c.get = func(e *Env) (any, error) {
		v, err := read(e)
		if l, ok := v.(storage.Logging); ok && l.Bucket == e.Bucket {
			l.Bucket = ""
			return l, err
		}
		return v, err
	}
	return c
}

func notificationCase() settingCase {
	n := storage.Notifications{Queues: []storage.Notification{{ID: "a", Queue: "arn:aws:sqs:us-east-1:123456789012:q", Events: []string{"s3:ObjectCreated:*"},
		Filter: &storage.NotificationFilter{Key: &storage.NotificationKeys{Rules: []storage.FilterRule{{Name: "prefix", Value: "in/"}}}}}}}
	return settingCase{"notification", reading(func(e *Env) (storage.Notifications, error) { return e.S.Notifications(e.Context(), e.loc()) }),
		func(e *Env) error { return e.S.SetNotifications(e.Context(), e.loc(), n) },
		func(e *Env) error { return e.S.SetNotifications(e.Context(), e.loc(), storage.Notifications{}) }, n, storage.Notifications{}}
}

func replicationCase() settingCase {
	all := ""
	r := storage.Replication{Role: "arn:aws:iam::123456789012:role/r", Rules: []storage.ReplicationRule{{ID: "a", Status: "Enabled", Prefix: &all,
		Destination: storage.ReplicationDestination{Bucket: "arn:aws:s3:::other"}}}}
	return settingCase{"replication", reading(func(e *Env) (storage.Replication, error) { return e.S.Replication(e.Context(), e.loc()) }),
		func(e *Env) error {
			if err := e.S.SetVersioning(e.Context(), e.loc(), storage.Versioning{Status: "Enabled"}, ""); err != nil {
				return err
			}
			return e.S.SetReplication(e.Context(), e.loc(), r)
		},
		func(e *Env) error { return e.S.SetReplication(e.Context(), e.loc(), storage.Replication{}) }, r, storage.Replication{}}
}

func lifecycleCase() settingCase {
	old := storage.LifecycleRule{ID: "old", Status: "Enabled", Expiration: &storage.LifecycleExpiration{Days: 400}}
	old.SetScope(storage.LifecycleScope{Prefix: "tmp/", Tags: []storage.Tag{{Key: "k", Value: "v"}}})
	parts := storage.LifecycleRule{ID: "parts", Status: "Disabled", AbortUploads: &storage.AbortUploads{Days: 7}}
	parts.SetScope(storage.LifecycleScope{})
	versions := storage.LifecycleRule{ID: "versions", Status: "Enabled", NoncurrentExpiration: &storage.NoncurrentExpiration{Days: 30}}
	versions.SetScope(storage.LifecycleScope{Prefix: "v/"})
	l := storage.Lifecycle{Rules: []storage.LifecycleRule{old, parts, versions}}
	scopes := func(l storage.Lifecycle) map[string]any {
		m := map[string]any{}
		for _, r := range l.Rules {
			m[r.ID] = []any{r.Scope(), r.Status, r.Expiration, r.AbortUploads, r.NoncurrentExpiration}
		}
		return m
	}
	return settingCase{"lifecycle", func(e *Env) (any, error) {
		l, err := e.S.Lifecycle(e.Context(), e.loc())
		return scopes(l), err
	},
		func(e *Env) error { return e.S.SetLifecycle(e.Context(), e.loc(), l) },
		func(e *Env) error { return e.S.DeleteLifecycle(e.Context(), e.loc()) }, scopes(l), map[string]any{}}
}

var listedDocuments = map[string]string{
	"inventory": `{"Id":"ID","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::b","Format":"CSV"}},"IncludedObjectVersions":"All","OptionalFields":["Size"],"Schedule":{"Frequency":"Daily"}}`,
	"analytics": `{"Id":"ID","StorageClassAnalysis":{}}`, "metrics": `{"Id":"ID","Filter":{"Prefix":"p/"}}`,
	"intelligent-tiering": `{"Id":"ID","Status":"Enabled","Tierings":[{"Days":90,"AccessTier":"ARCHIVE_ACCESS"}]}`,
}

func listedSettings(e *Env, kind string) {
	e.Helper()
	id := map[string]string{"intelligent-tiering": "tiering"}[kind]
	if id == "" {
		id = kind
	}
	if e.Target.Quirks.NoSettings[id] {
		_, err := e.S.BucketDocuments(e.Context(), e.loc(), kind)
		e.wantSetting(kind+": list", err)
		return
	}
	proveFeature(e, "bucket."+id)
	for _, name := range []string{"one", "two"} {
		d, err := storage.ParseDocument(kind, []byte(replaceID(listedDocuments[kind], name)))
		if err != nil {
			e.Fatal(err)
		}
		if err := e.S.SetBucketDocument(e.Context(), e.loc(), d, ""); err != nil {
			e.Fatalf("%s: %v", kind, err)
		}
	}
	list, err := e.S.BucketDocuments(e.Context(), e.loc(), kind)
	ids := map[string]bool{}
	for _, d := range list {
		ids[d.ID()] = true
	}
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(ids)), []string{"one", "two"}) {
		e.Errorf("%s: %v, %v", kind, ids, err)
	}
	for range 2 {
		if err := e.S.DeleteBucketDocument(e.Context(), e.loc(), kind, "one"); err != nil {
			e.Errorf("%s: %v", kind, err)
		}
	}
	if d, err := e.S.BucketDocument(e.Context(), e.loc(), kind, "one"); err != nil || !d.IsZero() {
		e.Errorf("%s: %+v, %v", kind, d, err)
	}
	if d, err := e.S.BucketDocument(e.Context(), e.loc(), kind, "two"); err != nil || d.ID() != "two" {
		e.Errorf("%s: %+v, %v", kind, d, err)
	}
}
