package storage_test

import (
	"context"

	"pintail/storage"
)

var opBucket = storage.Location{Bucket: "bucket"}

// settingOperations are the methods for settings of buckets.
func settingOperations(s *storage.Session) map[string]func(context.Context) error {
	b := opBucket
	days := 40
	ops := map[string]func(context.Context) error{
		"Versioning": func(ctx context.Context) error { _, err := s.Versioning(ctx, b); return err },
		"SetVersioning": func(ctx context.Context) error {
			return s.SetVersioning(ctx, b, storage.Versioning{Status: "Enabled"}, "")
		},
		"BucketLocation":    func(ctx context.Context) error { _, err := s.BucketLocation(ctx, b); return err },
		"PublicAccessBlock": func(ctx context.Context) error { _, err := s.PublicAccessBlock(ctx, b); return err },
		"SetPublicAccessBlock": func(ctx context.Context) error {
			return s.SetPublicAccessBlock(ctx, b, storage.PublicAccessBlock{BlockPublicAcls: true})
		},
		"DeletePublicAccessBlock": func(ctx context.Context) error { return s.DeletePublicAccessBlock(ctx, b) },
		"Ownership":               func(ctx context.Context) error { _, err := s.Ownership(ctx, b); return err },
		"SetOwnership":            func(ctx context.Context) error { return s.SetOwnership(ctx, b, storage.OwnerWriter) },
		"DeleteOwnership":         func(ctx context.Context) error { return s.DeleteOwnership(ctx, b) },
		"BucketEncryption":        func(ctx context.Context) error { _, err := s.BucketEncryption(ctx, b); return err },
		"SetBucketEncryption": func(ctx context.Context) error {
			return s.SetBucketEncryption(ctx, b, storage.Encryption{Type: "AES256"})
		},
		"DeleteBucketEncryption": func(ctx context.Context) error { return s.DeleteBucketEncryption(ctx, b) },
		"BucketPolicy":           func(ctx context.Context) error { _, err := s.BucketPolicy(ctx, b); return err },
		"SetBucketPolicy":        func(ctx context.Context) error { return s.SetBucketPolicy(ctx, b, `{"Statement":[]}`) },
		"DeleteBucketPolicy":     func(ctx context.Context) error { return s.DeleteBucketPolicy(ctx, b) },
		"PolicyIsPublic":         func(ctx context.Context) error { _, err := s.PolicyIsPublic(ctx, b); return err },
		"CORS":                   func(ctx context.Context) error { _, err := s.CORS(ctx, b); return err },
		"SetCORS": func(ctx context.Context) error {
			return s.SetCORS(ctx, b, storage.CORS{Rules: []storage.CORSRule{{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"GET"}}}})
		},
		"DeleteCORS": func(ctx context.Context) error { return s.DeleteCORS(ctx, b) },
		"Lifecycle":  func(ctx context.Context) error { _, err := s.Lifecycle(ctx, b); return err },
		"SetLifecycle": func(ctx context.Context) error {
			r := storage.LifecycleRule{Status: "Enabled", Transitions: []storage.LifecycleTransition{{Days: &days, Class: "GLACIER"}}}
			r.SetScope(storage.LifecycleScope{Prefix: "a/"})
			return s.SetLifecycle(ctx, b, storage.Lifecycle{Rules: []storage.LifecycleRule{r}})
		},
		"DeleteLifecycle": func(ctx context.Context) error { return s.DeleteLifecycle(ctx, b) },
		"Website":         func(ctx context.Context) error { _, err := s.Website(ctx, b); return err },
		"SetWebsite": func(ctx context.Context) error {
			return s.SetWebsite(ctx, b, storage.Website{Index: &storage.WebsiteIndex{Suffix: "index.html"}})
		},
		"DeleteWebsite":     func(ctx context.Context) error { return s.DeleteWebsite(ctx, b) },
		"Logging":           func(ctx context.Context) error { _, err := s.Logging(ctx, b); return err },
		"SetLogging":        func(ctx context.Context) error { return s.SetLogging(ctx, b, storage.Logging{Bucket: "logs"}) },
		"Acceleration":      func(ctx context.Context) error { _, err := s.Acceleration(ctx, b); return err },
		"SetAcceleration":   func(ctx context.Context) error { return s.SetAcceleration(ctx, b, true) },
		"RequesterPays":     func(ctx context.Context) error { _, err := s.RequesterPays(ctx, b); return err },
		"SetRequesterPays":  func(ctx context.Context) error { return s.SetRequesterPays(ctx, b, true) },
		"BucketTags":        func(ctx context.Context) error { _, err := s.BucketTags(ctx, b); return err },
		"SetBucketTags":     func(ctx context.Context) error { return s.SetBucketTags(ctx, b, map[string]string{"k": "v"}) },
		"ObjectLockDefault": func(ctx context.Context) error { _, err := s.ObjectLockDefault(ctx, b); return err },
		"SetObjectLockDefault": func(ctx context.Context) error {
			return s.SetObjectLockDefault(ctx, b, storage.ObjectLockDefault{Mode: "GOVERNANCE", Days: 1})
		},
		"Notifications":     func(ctx context.Context) error { _, err := s.Notifications(ctx, b); return err },
		"SetNotifications":  func(ctx context.Context) error { return s.SetNotifications(ctx, b, storage.Notifications{}) },
		"Replication":       func(ctx context.Context) error { _, err := s.Replication(ctx, b); return err },
		"DeleteReplication": func(ctx context.Context) error { return s.DeleteReplication(ctx, b) },
		"SetReplication": func(ctx context.Context) error {
			return s.SetReplication(ctx, b, storage.Replication{Role: "arn:r", Rules: []storage.ReplicationRule{{Status: "Enabled", Destination: storage.ReplicationDestination{Bucket: "arn:b"}}}})
		},
	}
	for _, f := range []string{"inventory", "analytics", "metrics", "intelligent-tiering"} {
		name := " " + f
		if f == "inventory" {
			name = ""
		}
		ops["BucketDocuments"+name] = func(ctx context.Context) error { _, err := s.BucketDocuments(ctx, b, f); return err }
		ops["BucketDocument"+name] = func(ctx context.Context) error { _, err := s.BucketDocument(ctx, b, f, "id"); return err }
		ops["DeleteBucketDocument"+name] = func(ctx context.Context) error { return s.DeleteBucketDocument(ctx, b, f, "id") }
		ops["SetBucketDocument"+name] = func(ctx context.Context) error {
			d, err := storage.ParseDocument(f, []byte(`{"Id":"id"}`))
			if err != nil {
				return err
			}
			return s.SetBucketDocument(ctx, b, d, "")
		}
	}
	return ops
}
