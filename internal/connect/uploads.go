package connect

import (
	"net"
	"strings"

	"pintail/preferences"
	"pintail/storage"
)

// PreferenceHost is the name under which preferences of single buckets are kept for a server, from its host and port: all of Amazon's
// hosts are one.
func PreferenceHost(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if isAmazon(name) {
		return preferences.AmazonHost
	}
	return strings.ToLower(host)
}

// UploadDefaults fills in what the preferences say about new objects of a bucket at a host: class, encryption, access list, checksum,
// headers and metadata. What is set already stays.
func UploadDefaults(w *storage.WriteOptions, p *preferences.Preferences, host, bucket string) {
	own := preferences.DefaultsOf(preferences.S3Buckets.Get(p), PreferenceHost(host), bucket)
	if class := firstOf(own.Class, preferences.S3StorageClass.Get(p)); w.Class == "" && class != "STANDARD" {
		w.Class = class
	}
	if w.Encryption.Type == "" {
		switch own.Encryption {
		case "":
			w.Encryption.Type = preferences.S3Encryption.Get(p)
		case preferences.NoEncryption:
		default:
			w.Encryption = storage.Encryption{Type: own.Encryption, KeyID: own.Key}
		}
	}
	if sum := preferences.S3Checksum.Get(p); w.Checksum == storage.ChecksumAuto && sum != "auto" {
		w.Checksum = storage.ChecksumAlgorithm(sum)
	}
	metadataDefaults(w, p)
}

func metadataDefaults(w *storage.WriteOptions, p *preferences.Preferences) {
	if acl := preferences.S3ACL.Get(p); w.ACL == "" && acl != "none" {
		w.ACL = acl
	}
	given, own := w.Metadata, map[string]string{}
	for pair := range strings.FieldsSeq(preferences.S3Metadata.Get(p)) {
		name, value, _ := strings.Cut(pair, "=") // the preference takes no others
		if h := HeaderField(&w.Headers, name); h == nil {
			own[strings.ToLower(strings.TrimPrefix(strings.ToLower(name), "x-amz-meta-"))] = value
		} else if *h == "" {
			*h = value
		}
	}
	if len(own) == 0 {
		return
	}
	for name, value := range given {
		own[strings.ToLower(name)] = value
	}
	w.Metadata = own
}

// HeaderField is where a standard header has its place, nil for all other names. Case does not matter.
func HeaderField(h *storage.Headers, name string) *string {
	return map[string]*string{
		"content-type": &h.ContentType, "content-disposition": &h.ContentDisposition, "content-encoding": &h.ContentEncoding,
		"content-language": &h.ContentLanguage, "cache-control": &h.CacheControl, "expires": &h.Expires,
		"x-amz-website-redirect-location": &h.WebsiteRedirect,
	}[strings.ToLower(name)]
}
