package profiles

import "fmt"

// withoutEffect are properties of other programs that change nothing here, each with the reason.
func withoutEffect() map[string]string {
	return map[string]string{
		"s3.upload.expect-continue":       "no upload waits for the server's go-ahead",
		"s3.upload.multipart.lookup":      "uploads go on from the journal, not from what the server lists",
		"s3.upload.multipart.concurrency": "the preferences say how much is sent at once, over all connections",
		"s3.copy.multipart.size":          "copies go in parts of 512 MiB and more",
		"s3.listing.versioning.enable":    "older versions are listed when they are shown",
		"s3.listing.metadata.enable":      "a listing asks for no object's headers",
		"s3.listing.concurrency":          "a folder is not asked about one by one",
		"s3.signature.headers.exclude":    "the signature says which headers it covers",
		"s3.cloudfront.preload.enable":    "distributions are asked for when they are shown",
		"s3.glacier.restore.tier":         "the dialog asks for the tier",
		"s3.delete.multiple.partition":    "only 1 has a meaning: the server deletes one key a request",
		"connection.ssl.protocols":        "TLS 1.2 and 1.3 are spoken",
		"connection.ssl.cipher.blacklist": "TLS 1.2 and 1.3 are spoken",
		"s3.url.expire.seconds":           "the preferences say how long links are good",
		"s3.metadata.default":             "the preferences have default headers and metadata",
		"s3.lifecycle.transition.class":   "the form of a rule asks for the class",
	}
}

// unread names the properties that a connection takes no notice of, with the reason.
func unread(p Properties) []Problem {
	var out []Problem
	reasons := withoutEffect()
	for _, name := range p.Names() {
		if value, _ := p.Get(name); name == "s3.delete.multiple.partition" && value == "1" {
			continue
		}
		if why, ok := reasons[name]; ok {
			out = append(out, Problem{Key: name, Text: fmt.Sprintf("the property %s changes nothing here: %s", name, why)})
		}
	}
	return out
}
