package connect

import (
	"slices"
	"strconv"
	"strings"

	"pintail/preferences"
	"pintail/storage"
)

// Properties of bookmarks and profiles that say how objects are sent.
const (
	ownPartSize   = "s3.upload.multipart.size"
	ownThreshold  = "s3.upload.multipart.threshold"
	ownTimestamps = "s3.timestamp.enable"
	ownClass      = "s3.storage.class"
	ownEncryption = "s3.encryption.algorithm"
	ownACL        = "s3.acl.default"
	ownPayer      = "s3.bucket.requesterpays"
	ownAccelerate = "s3.accelerate.enable"
	ownDualStack  = "s3.endpoint.dualstack.enable"
)

// Limits of a part, in bytes.
const (
	leastPart = 5 << 20
	mostPart  = 5 << 30
)

// PartSize is the size in bytes of an upload's parts: what the bookmark says, else its profile, else the preferences.
func (c *Connection) PartSize(p *preferences.Preferences) int64 {
	if n, ok := c.bytes(ownPartSize); ok {
		return min(max(n, leastPart), mostPart)
	}
	return preferences.S3PartSize.Get(p)
}

// Threshold is the size in bytes above which uploads go in parts, as [Connection.PartSize].
func (c *Connection) Threshold(p *preferences.Preferences) int64 {
	if n, ok := c.bytes(ownThreshold); ok {
		return min(max(n, leastPart), mostPart)
	}
	return preferences.S3MultipartThreshold.Get(p)
}

// KeepTime tells whether uploads keep the time of the file, as [Connection.PartSize].
func (c *Connection) KeepTime(p *preferences.Preferences) bool {
	if on, said := truth(c.property(ownTimestamps)); said {
		return on
	}
	return preferences.UploadTimestamp.Get(p)
}

// UploadDefaults is the function of that name for a bucket of this connection. What was chosen for the bucket comes first, then the
// bookmark's properties and the profile's, then the preferences.
func (c *Connection) UploadDefaults(w *storage.WriteOptions, p *preferences.Preferences, bucket string) {
	own := preferences.DefaultsOf(preferences.S3Buckets.Get(p), PreferenceHost(c.Host), bucket)
	class, sse, acl := c.property(ownClass), c.property(ownEncryption), c.property(ownACL)
	asked := *w
	UploadDefaults(w, p, c.Host, bucket)
	if asked.Class == "" && own.Class == "" && class != "" {
		if w.Class = class; class == "STANDARD" {
			w.Class = "" // what a server does without being told
		}
	}
	if asked.Encryption.Type == "" && own.Encryption == "" && slices.Contains([]string{"AES256", "aws:kms"}, sse) {
		w.Encryption = storage.Encryption{Type: sse}
	}
	if asked.ACL == "" && acl != "" {
		if w.ACL = acl; acl == "none" {
			w.ACL = ""
		}
	}
}

func (c *Connection) property(name string) string {
	if c.properties == nil {
		return ""
	}
	return c.properties(name)
}

func (c *Connection) bytes(name string) (int64, bool) {
	n, err := strconv.ParseInt(c.property(name), 10, 64)
	return n, err == nil && n > 0
}

// truth reads a property that is on or off.
func truth(s string) (on, said bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}

// ownSwitches takes over what bookmark or profile say about requests.
func (t target) ownSwitches(c *storage.Config) {
	c.RequesterPays, _ = truth(t.property(ownPayer))
	c.DualStack, _ = truth(t.property(ownDualStack))
	if on, said := truth(t.property(ownAccelerate)); said {
		c.Accelerate = func() bool { return on }
	}
}
