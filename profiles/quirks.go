package profiles

import (
	"strconv"
	"strings"
)

// Properties are the hidden preferences that a profile sets for its connections, in the order of the file.
type Properties struct {
	names  []string
	values map[string]string
}

// Get returns the text of a property and whether the profile sets it.
func (p Properties) Get(name string) (string, bool) {
	v, ok := p.values[name]
	return v, ok
}

// Names lists the properties in order.
func (p Properties) Names() []string { return append([]string(nil), p.names...) }

func (p *Properties) set(name, value string) {
	if p.values == nil {
		p.values = map[string]string{}
	}
	if _, ok := p.values[name]; !ok {
		p.names = append(p.names, name)
	}
	p.values[name] = value
}

// Quirks are the properties that say what a server is like. nil means that the profile says nothing and the session
// has to learn it; a pointer to false is a statement.
type Quirks struct {
	PathStyle       *bool    // s3.bucket.virtualhost.disable
	DualStack       *bool    // s3.endpoint.dualstack.enable
	ChecksumHeader  *bool    // s3.upload.checksum.header
	ExpectContinue  *bool    // s3.upload.expect-continue
	Multipart       *bool    // s3.upload.multipart
	MultipartCopy   *bool    // s3.copy.multipart.enable
	MaxParts        *int64   // s3.upload.multipart.parts.maximum
	MultipartLookup *bool    // s3.upload.multipart.lookup
	Versioning      *bool    // s3.versioning.enable
	ListVersions    *bool    // s3.listing.versioning.enable
	ListMetadata    *bool    // s3.listing.metadata.enable
	Timestamps      *bool    // s3.timestamp.enable
	RequesterPays   *bool    // s3.bucket.requesterpays
	Accelerate      *bool    // s3.accelerate.enable
	PartSize        *int64   // s3.upload.multipart.size
	PartThreshold   *int64   // s3.upload.multipart.threshold
	PartConcurrency *int64   // s3.upload.multipart.concurrency
	CopyPartSize    *int64   // s3.copy.multipart.size
	ListChunk       *int64   // s3.listing.chunksize
	ListVersion     *int64   // s3.listing.version: 1 when the server has no ListObjectsV2
	DeletePartition *int64   // s3.delete.multiple.partition; 1 when the server deletes one key a request only
	ACL             *string  // s3.acl.default
	StorageClass    *string  // s3.storage.class
	Location        *string  // s3.location
	Encryption      *string  // s3.encryption.algorithm
	RoleARN         *string  // role_arn or s3.assumerole.rolearn; may be empty: asked for
	MFASerial       *string  // mfa_serial; may be empty: asked for
	StorageClasses  []string // s3.storage.class.options; nil means not said
	Signature       *string  // s3.signature.version
	EndpointFormat  *string  // s3.endpoint.format.ipv4: the host of a region, with %s in its place
}

// readQuirks turns properties into fields. A value that does not fit is left out and reported.
func readQuirks(props Properties, report func(name, want string)) Quirks {
	var q Quirks
	bools := map[string]**bool{
		"s3.bucket.virtualhost.disable": &q.PathStyle, "s3.endpoint.dualstack.enable": &q.DualStack,
		"s3.upload.checksum.header": &q.ChecksumHeader, "s3.upload.expect-continue": &q.ExpectContinue,
		"s3.upload.multipart": &q.Multipart, "s3.copy.multipart.enable": &q.MultipartCopy, "s3.upload.multipart.lookup": &q.MultipartLookup,
		"s3.versioning.enable": &q.Versioning, "s3.listing.versioning.enable": &q.ListVersions,
		"s3.listing.metadata.enable": &q.ListMetadata, "s3.timestamp.enable": &q.Timestamps,
		"s3.bucket.requesterpays": &q.RequesterPays, "s3.accelerate.enable": &q.Accelerate,
	}
	numbers := map[string]**int64{
		"s3.upload.multipart.size": &q.PartSize, "s3.upload.multipart.threshold": &q.PartThreshold,
		"s3.upload.multipart.concurrency": &q.PartConcurrency, "s3.copy.multipart.size": &q.CopyPartSize,
		"s3.listing.chunksize": &q.ListChunk, "s3.listing.version": &q.ListVersion,
		"s3.upload.multipart.parts.maximum": &q.MaxParts, "s3.delete.multiple.partition": &q.DeletePartition,
	}
	texts := map[string]**string{
		"s3.acl.default": &q.ACL, "s3.storage.class": &q.StorageClass, "s3.location": &q.Location,
		"s3.encryption.algorithm": &q.Encryption, "s3.signature.version": &q.Signature,
		"s3.assumerole.rolearn": &q.RoleARN, "role_arn": &q.RoleARN, "mfa_serial": &q.MFASerial,
		"s3.endpoint.format.ipv4": &q.EndpointFormat,
	}
	for _, name := range props.names {
		value := props.values[name]
		if at, ok := bools[name]; ok {
			b, ok := parseBool(value)
			if !ok {
				report(name, "true or false")
				continue
			}
			*at = &b
		}
		if at, ok := numbers[name]; ok {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if err != nil || n < 1 {
				report(name, "a whole number above 0")
				continue
			}
			*at = &n
		}
		if at, ok := texts[name]; ok {
			t := strings.TrimSpace(value)
			if at == &q.EndpointFormat && (strings.Count(t, "%s") != 1 || !validHost(strings.Replace(t, "%s", "region", 1))) {
				report(name, "a host name with one %s")
				continue
			}
			*at = &t
		}
		if name == "s3.storage.class.options" {
			q.StorageClasses = strings.Fields(value)
		}
	}
	return q
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}
