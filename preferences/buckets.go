package preferences

import (
	"slices"
	"strings"
)

// KindBuckets is written "HOST/BUCKET class=CLASS encryption=TYPE key=KEY", with commas between buckets.
const KindBuckets Kind = "list of buckets"

// BucketDefaults are what new objects of one bucket get in place of the preferences for all. A field that is "" leaves that to them;
// NoEncryption asks the bucket's own setting of the server whatever they say.
type BucketDefaults struct {
	Host       string // of the server, with a port if it is not the scheme's own; for Amazon always [AmazonHost]
	Bucket     string
	Class      string
	Encryption string // AES256, aws:kms, aws:kms:dsse or NoEncryption
	Key        string // of KMS
}

const (
	// AmazonHost stands for all of Amazon's hosts: a bucket's name is one bucket in all regions.
	AmazonHost = "s3.amazonaws.com"
	// NoEncryption sends no header, where all other buckets get one.
	NoEncryption = "none"
)

// maxBuckets bounds the text of the list; it is some thousand buckets.
const maxBuckets = 256 << 10

func buckets(d Definition) Key[[]BucketDefaults] {
	d.Kind = KindBuckets
	parse := func(s string) []BucketDefaults {
		l, _ := parseBuckets(s) // was checked
		return l
	}
	return Key[[]BucketDefaults]{def: &d, parse: parse, format: formatBuckets}
}

// DefaultsOf are those of one bucket in a list, empty ones where it has none.
func DefaultsOf(list []BucketDefaults, host, bucket string) BucketDefaults {
	for _, b := range list {
		if strings.EqualFold(b.Host, host) && b.Bucket == bucket {
			return b
		}
	}
	return BucketDefaults{Host: host, Bucket: bucket}
}

// SetDefaults puts those of one bucket into a list in place of what it had; empty ones are left out.
func SetDefaults(list []BucketDefaults, b BucketDefaults) []BucketDefaults {
	out := slices.DeleteFunc(slices.Clone(list), func(o BucketDefaults) bool {
		return strings.EqualFold(o.Host, b.Host) && o.Bucket == b.Bucket
	})
	if b.Class != "" || b.Encryption != "" {
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y BucketDefaults) int {
		return strings.Compare(x.Host+"/"+x.Bucket, y.Host+"/"+y.Bucket)
	})
	return out
}

// parseBuckets reads the list; want says what is wrong with it, "" for nothing.
func parseBuckets(s string) (list []BucketDefaults, want string) {
	for _, part := range splitList(s) {
		words := strings.Fields(part)
		host, bucket, ok := strings.Cut(words[0], "/")
		if !ok || host == "" || bucket == "" || strings.ContainsAny(bucket, "/=") {
			return nil, "does not begin with HOST/BUCKET"
		}
		b := BucketDefaults{Host: strings.ToLower(host), Bucket: bucket}
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			field := map[string]*string{"class": &b.Class, "encryption": &b.Encryption, "key": &b.Key}[name]
			if field == nil || value == "" {
				return nil, "has a word that is not class=, encryption= or key= with a value"
			}
			*field = value
		}
		switch {
		case b.Encryption != "" && !slices.Contains(BucketEncryptions(), b.Encryption):
			return nil, "has an encryption that is not one of " + strings.Join(BucketEncryptions(), ", ")
		case b.Key != "" && !strings.HasPrefix(b.Encryption, "aws:kms"):
			return nil, "has a key without encryption=aws:kms"
		case slices.ContainsFunc(list, func(o BucketDefaults) bool { return o.Host == b.Host && o.Bucket == b.Bucket }):
			return nil, "names " + b.Host + "/" + b.Bucket + " twice"
		}
		list = append(list, b)
	}
	return list, ""
}

// BucketEncryptions are what a bucket's defaults can ask for.
func BucketEncryptions() []string { return []string{"AES256", "aws:kms", "aws:kms:dsse", NoEncryption} }

func formatBuckets(list []BucketDefaults) string {
	parts := make([]string, len(list))
	for i, b := range list {
		var s strings.Builder
		s.WriteString(b.Host + "/" + b.Bucket)
		for _, f := range []struct{ name, value string }{{"class", b.Class}, {"encryption", b.Encryption}, {"key", b.Key}} {
			if f.value != "" {
				s.WriteString(" " + f.name + "=" + f.value)
			}
		}
		parts[i] = s.String()
	}
	return strings.Join(parts, ",")
}
