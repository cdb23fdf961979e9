package contract

import (
	"crypto/md5"
	"encoding/base64"
	"strings"
)

func digest(doc string) string {
	sum := md5.Sum([]byte(doc))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// settingCase puts a document, reads it again and takes it away: absent, then the root with a value in it, then absent again.
func settingCase(name, page, query, absent, root, inner, path, want string) Case {
	return Case{"setting/" + name, page, func(p *probe) {
		if absent != "" {
			p.expect(p.do(Request{Method: "GET", Query: query}), 404, absent)
		}
		doc := "<" + root + ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + strings.ReplaceAll(inner, "BUCKET", p.bucket) + "</" + root + ">"
		p.expect(p.do(Request{Method: "PUT", Query: query, Body: doc, Header: map[string]string{"Content-Md5": digest(doc)}}), 200, "")
		got := p.document(p.expect(p.do(Request{Method: "GET", Query: query}), 200, ""), root)
		p.equal(path, got.get(path), strings.ReplaceAll(want, "BUCKET", p.bucket))
		if absent != "" {
			p.expect(p.do(Request{Method: "DELETE", Query: query}), 204, "")
			p.expect(p.do(Request{Method: "GET", Query: query}), 404, absent)
		}
	}}
}

func settingCases() []Case {
	const page = "API Reference: "
	return []Case{
		settingCase("accelerate", page+"PutBucketAccelerateConfiguration", "accelerate", "", "AccelerateConfiguration", "<Status>Enabled</Status>", "Status", "Enabled"),
		settingCase("analytics", page+"PutBucketAnalyticsConfiguration", "analytics&id=a", "NoSuchConfiguration", "AnalyticsConfiguration", "<Id>a</Id><StorageClassAnalysis/>", "Id", "a"),
		settingCase("cors", page+"PutBucketCors", "cors", "NoSuchCORSConfiguration", "CORSConfiguration",
			"<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>", "CORSRule/AllowedMethod", "GET"),
		settingCase("encryption", page+"PutBucketEncryption", "encryption", "", "ServerSideEncryptionConfiguration",
			"<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>", "Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm", "AES256"),
		settingCase("intelligent-tiering", page+"PutBucketIntelligentTieringConfiguration", "intelligent-tiering&id=a", "NoSuchConfiguration", "IntelligentTieringConfiguration",
			"<Id>a</Id><Status>Enabled</Status><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>", "Tiering/Days", "90"),
		settingCase("inventory", page+"PutBucketInventoryConfiguration", "inventory&id=a", "NoSuchConfiguration", "InventoryConfiguration",
			"<Id>a</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::BUCKET</Bucket><Format>CSV</Format></S3BucketDestination></Destination>"+
				"<IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>", "Schedule/Frequency", "Daily"),
		settingCase("lifecycle", page+"PutBucketLifecycleConfiguration", "lifecycle", "NoSuchLifecycleConfiguration", "LifecycleConfiguration",
			"<Rule><ID>a</ID><Filter><Prefix>p/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>9</Days></Expiration></Rule>", "Rule/Expiration/Days", "9"),
		settingCase("logging", page+"PutBucketLogging", "logging", "", "BucketLoggingStatus",
			"<LoggingEnabled><TargetBucket>BUCKET</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled>", "LoggingEnabled/TargetBucket", "BUCKET"),
		settingCase("metrics", page+"PutBucketMetricsConfiguration", "metrics&id=a", "NoSuchConfiguration", "MetricsConfiguration", "<Id>a</Id>", "Id", "a"),
		settingCase("ownership", page+"PutBucketOwnershipControls", "ownershipControls", "", "OwnershipControls",
			"<Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule>", "Rule/ObjectOwnership", "BucketOwnerPreferred"),
		settingCase("public-access", page+"PutPublicAccessBlock", "publicAccessBlock", "", "PublicAccessBlockConfiguration",
			"<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>", "BlockPublicAcls", "true"),
		settingCase("requester-pays", page+"PutBucketRequestPayment", "requestPayment", "", "RequestPaymentConfiguration", "<Payer>Requester</Payer>", "Payer", "Requester"),
		settingCase("website", page+"PutBucketWebsite", "website", "NoSuchWebsiteConfiguration", "WebsiteConfiguration",
			"<IndexDocument><Suffix>index.html</Suffix></IndexDocument>", "IndexDocument/Suffix", "index.html"),
		{"setting/policy", page + "PutBucketPolicy", func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Query: "policy"}), 404, "NoSuchBucketPolicy")
			p.expect(p.do(Request{Method: "PUT", Query: "policy", Body: "{"}), 400, "MalformedPolicy")
			p.expect(p.do(Request{Method: "PUT", Query: "policy", Body: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + p.bucket + `/*"}]}`}), 204, "")
			if r := p.expect(p.do(Request{Method: "GET", Query: "policy"}), 200, ""); !strings.Contains(r.Body, "s3:GetObject") {
				p.fail("policy is %q", r.Body)
			}
			p.expect(p.do(Request{Method: "DELETE", Query: "policy"}), 204, "")
			p.expect(p.do(Request{Method: "GET", Query: "policy"}), 404, "NoSuchBucketPolicy")
		}},
		{"setting/lifecycle-malformed", page + "PutBucketLifecycleConfiguration", func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Query: "lifecycle", Body: "<LifecycleConfiguration><Rule><Status>Perhaps</Status></Rule></LifecycleConfiguration>"}), 400, "MalformedXML")
		}},
	}
}
