package connect

import (
	"strings"

	"pintail/preferences"
	"pintail/storage"
)

// UploadDefaults fills in what the preferences say about new objects: class, encryption, access list, headers and metadata. What
// is set already stays.
func UploadDefaults(w *storage.WriteOptions, p *preferences.Preferences) {
	if class := preferences.S3StorageClass.Get(p); w.Class == "" && class != "STANDARD" {
		w.Class = class
	}
	if w.Encryption.Type == "" {
		w.Encryption.Type = preferences.S3Encryption.Get(p)
	}
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
