package demo

import (
	"slices"
	"strconv"
	"strings"
)

// What a document of each setting must be, after the API reference of its Put operation.

// oneOf demands one of some values at a path.
func oneOf(path string, allowed ...string) func(*call, *settingDocument) error {
	return func(_ *call, d *settingDocument) error {
		if !d.has(path) {
			return fail("MalformedXML", "")
		}
		for _, v := range d.values[path] {
			if !slices.Contains(allowed, v) {
				return fail("MalformedXML", "")
			}
		}
		return nil
	}
}

func checkAccelerate(c *call, d *settingDocument) error {
	if strings.Contains(c.bucket, ".") {
		return fail("InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
	}
	return oneOf("Status", "Enabled", "Suspended")(c, d)
}

func checkCORS(_ *call, d *settingDocument) error {
	if !d.has("CORSRule/AllowedMethod") || !d.has("CORSRule/AllowedOrigin") {
		return fail("MalformedXML", "")
	}
	for _, m := range d.values["CORSRule/AllowedMethod"] {
		if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "HEAD"}, m) {
			return fail("InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is "+m)
		}
	}
	return nil
}

func checkEncryption(_ *call, d *settingDocument) error {
	if !d.has("Rule") {
		return fail("MalformedXML", "")
	}
	for _, a := range d.values["Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm"] {
		switch a {
		case "AES256", "aws:kms", "aws:kms:dsse":
		default:
			return fail("MalformedXML", "")
		}
	}
	return nil
}

func checkLifecycle(_ *call, d *settingDocument) error {
	rules := len(d.values["Rule"])
	if rules == 0 || rules > 1000 || len(d.values["Rule/Status"]) != rules {
		return fail("MalformedXML", "")
	}
	for _, s := range d.values["Rule/Status"] {
		if s != "Enabled" && s != "Disabled" {
			return fail("MalformedXML", "")
		}
	}
	ids := slices.Clone(d.values["Rule/ID"])
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(d.values["Rule/ID"]) {
		return fail("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
	}
	actions := 0
	for _, a := range []string{"Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload"} {
		actions += len(d.values["Rule/"+a])
	}
	if actions == 0 {
		return fail("InvalidRequest", "At least one action needs to be specified in a rule")
	}
	for _, days := range d.values["Rule/Expiration/Days"] {
		if n, err := strconv.Atoi(days); err != nil || n < 1 {
			return fail("InvalidArgument", "'Days' for Expiration action must be a positive integer")
		}
	}
	return checkTransitions(d)
}

func checkTransitions(d *settingDocument) error {
	for _, class := range d.values["Rule/Transition/StorageClass"] {
		if !slices.Contains(storageClasses, class) || class == "STANDARD" {
			return fail("MalformedXML", "")
		}
	}
	days, classes := d.values["Rule/Transition/Days"], d.values["Rule/Transition/StorageClass"]
	if len(days) != len(classes) {
		return nil // some are on a date
	}
	for i, class := range classes {
		if n, err := strconv.Atoi(days[i]); err != nil || strings.HasSuffix(class, "_IA") && n < 30 {
			return fail("InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass '"+class+"'")
		}
	}
	return nil
}

func checkLogging(c *call, d *settingDocument) error {
	if !d.has("LoggingEnabled") {
		return nil
	}
	target := d.first("LoggingEnabled/TargetBucket")
	if target == "" || !d.has("LoggingEnabled/TargetPrefix") {
		return fail("MalformedXML", "")
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b := c.s.store.buckets[target]
	if own := c.s.store.buckets[c.bucket]; b == nil || own != nil && b.region != own.region {
		return fail("InvalidTargetBucketForLogging", "", field{"TargetBucket", target})
	}
	return nil
}

func checkNotification(_ *call, d *settingDocument) error {
	for kind, arn := range map[string]string{"TopicConfiguration": "Topic", "QueueConfiguration": "Queue", "CloudFunctionConfiguration": "CloudFunction"} {
		n := len(d.values[kind])
		if len(d.values[kind+"/"+arn]) != n || n > 0 && len(d.values[kind+"/Event"]) < n {
			return fail("MalformedXML", "")
		}
		for _, a := range d.values[kind+"/"+arn] {
			if !strings.HasPrefix(a, "arn:") {
				return fail("InvalidArgument", "The ARN could not be parsed", field{"ArgumentName", arn}, field{"ArgumentValue", a})
			}
		}
	}
	return nil
}

func checkOwnershipControls(c *call, d *settingDocument) error {
	return oneOf("Rule/ObjectOwnership", "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")(c, d)
}

func checkPublicAccessBlock(_ *call, d *settingDocument) error {
	for _, name := range []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"} {
		for _, v := range d.values[name] {
			if !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") {
				return fail("MalformedXML", "")
			}
		}
	}
	return nil
}

func checkReplication(c *call, d *settingDocument) error {
	if d.first("Role") == "" || !d.has("Rule") || len(d.values["Rule/Destination/Bucket"]) != len(d.values["Rule"]) {
		return fail("MalformedXML", "")
	}
	if b := c.lookBucket(); b != nil && b.versioning != "Enabled" {
		return fail("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	return nil
}

func checkWebsite(_ *call, d *settingDocument) error {
	redirect, index := d.first("RedirectAllRequestsTo/HostName"), d.first("IndexDocument/Suffix")
	switch {
	case redirect != "" && (d.has("IndexDocument") || d.has("ErrorDocument") || d.has("RoutingRules")), redirect == "" && !d.has("IndexDocument"):
		return fail("MalformedXML", "")
	case redirect == "" && (index == "" || strings.Contains(index, "/")):
		return fail("InvalidArgument", "The IndexDocument Suffix is not well formed", field{"ArgumentName", "IndexDocument"}, field{"ArgumentValue", index})
	}
	return nil
}

// checkID holds the document's id against the address's.
func checkID(c *call, d *settingDocument) error {
	if id := d.first("Id"); id == "" || id != c.query.Get("id") {
		return fail("InvalidArgument", "The id of the document is not the one in the address")
	}
	return nil
}

// admits refuses a setting that cannot be together with others of the bucket. The store must be locked.
func (b *bucket) admits(place, inner string) error {
	switch place {
	case "ownershipControls":
		if strings.Contains(inner, "BucketOwnerEnforced") && slices.ContainsFunc(b.acl, func(g grant) bool { return g.uri != "" }) {
			return fail("InvalidBucketAclWithObjectOwnership", "")
		}
	case lockSetting:
		if b.versioning != "Enabled" {
			return fail("InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
		}
	case "policy":
		if b.switchOn("BlockPublicPolicy") && isPublic(inner) {
			return fail("AccessDenied", "")
		}
	}
	return nil
}

// follow does what a setting that changed says. The store must be locked.
func (b *bucket) follow(place string) {
	switch place {
	case "ownershipControls":
		b.aclsOff = strings.Contains(b.settings[place], "BucketOwnerEnforced")
	case lockSetting:
		b.followLock()
	case "encryption":
		b.sse = encryption{}
		if d, err := readValues(b.settings[place]); err == nil {
			const by = "Rule/ApplyServerSideEncryptionByDefault/"
			b.sse = encryption{sse: d.first(by + "SSEAlgorithm"), keyID: d.first(by + "KMSMasterKeyID"), bucketKey: d.first("Rule/BucketKeyEnabled") == "true"}
		}
	}
}

// switchOn tells whether one of the switches of the public access block is on. The store must be locked.
func (b *bucket) switchOn(name string) bool {
	d, err := readValues(b.settings["publicAccessBlock"])
	return err == nil && strings.EqualFold(d.first(name), "true")
}

// blocked tells whether a public access block keeps the bucket from having a list. The store must be locked.
func (b *bucket) blocked(acl []grant) bool {
	return slices.ContainsFunc(acl, func(g grant) bool { return g.uri == allUsers || g.uri == authenticatedUsers }) && b.switchOn("BlockPublicAcls")
}

// lets tells whether a list lets anybody at all do something. The store must be locked.
func (b *bucket) lets(acl []grant, permission string) bool {
	return allows(acl, permission) && !b.switchOn("IgnorePublicAcls")
}

// defaultEncryption is the bucket's, for objects that ask for none.
func (c *call) defaultEncryption() encryption {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	if b := c.s.store.buckets[c.bucket]; b != nil {
		return b.sse
	}
	return encryption{}
}
