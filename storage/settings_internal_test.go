package storage

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// wire is a document of each setting as S3 writes it, with something in it that this package has no name for, and the JSON that the
// AWS command line prints of it.
var wire = map[string]struct{ xml, json string }{
	"versioning":     {`<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>`, `{"Status":"Enabled","MFADelete":"Disabled"}`},
	"accelerate":     {`<Status>Enabled</Status>`, `{"Status":"Enabled"}`},
	"requester-pays": {`<Payer>Requester</Payer>`, `{"Payer":"Requester"}`},
	"public-access": {`<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>FALSE</IgnorePublicAcls><New>1</New>`,
		`{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":false,"New":"1"}}`},
	"ownership":   {`<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>`, `{"OwnershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"}]}}`},
	"object-lock": {`<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>7</Days></DefaultRetention></Rule>`, `{"ObjectLockConfiguration":{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"GOVERNANCE","Days":7}}}}`},
	"encryption": {`<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>`,
		`{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"},"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["SSE-C"]}}]}}`},
	"cors": {`<CORSRule><ID>a</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin><MaxAgeSeconds>30</MaxAgeSeconds><New><In a="1">x</In></New></CORSRule>`,
		`{"CORSRules":[{"ID":"a","AllowedMethods":["GET","PUT"],"AllowedOrigins":["*"],"MaxAgeSeconds":30,"New":{"In":{"@a":"1","#text":"x"}}}]}`},
	"lifecycle": {`<Rule><ID>a</ID><Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value/></Tag></And></Filter><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><NewAction><Days>3</Days></NewAction></Rule>` +
		`<Rule><Prefix/><Status>Disabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>`,
		`{"Rules":[{"ID":"a","Filter":{"And":{"Prefix":"p/","Tags":[{"Key":"k","Value":"v"},{"Key":"l","Value":""}]}},"Status":"Enabled","Transitions":[{"Days":30,"StorageClass":"STANDARD_IA"}],"NewAction":{"Days":3}},{"Prefix":"","Status":"Disabled","Expiration":{"ExpiredObjectDeleteMarker":true}}]}`},
	"website": {`<IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect><HostName>h</HostName></Redirect></RoutingRule></RoutingRules>`,
		`{"IndexDocument":{"Suffix":"i"},"RoutingRules":[{"Redirect":{"HostName":"h"}}]}`},
	"logging": {`<LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix>logs/</TargetPrefix><TargetGrants><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee><Permission>READ</Permission></Grant></TargetGrants><TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat></LoggingEnabled>`,
		`{"LoggingEnabled":{"TargetBucket":"b","TargetPrefix":"logs/","TargetGrants":[{"Grantee":{"Type":"Group","URI":"u"},"Permission":"READ"}],"TargetObjectKeyFormat":{"SimplePrefix":{}}}}`},
	"notification": {`<TopicConfiguration><Id>t</Id><Topic>arn:t</Topic><Event>e1</Event><Event>e2</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>p</Value></FilterRule></S3Key></Filter></TopicConfiguration><CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction><Event>e</Event></CloudFunctionConfiguration><EventBridgeConfiguration/>`,
		`{"TopicConfigurations":[{"Id":"t","TopicArn":"arn:t","Events":["e1","e2"],"Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"p"}]}}}],"LambdaFunctionConfigurations":[{"LambdaFunctionArn":"arn:f","Events":["e"]}],"EventBridgeConfiguration":{}}`},
	"replication": {`<Role>arn:r</Role><Rule><ID>x</ID><Priority>1</Priority><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Enabled</Status><SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria><Destination><Bucket>arn:b</Bucket><ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime></Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule>`,
		`{"ReplicationConfiguration":{"Role":"arn:r","Rules":[{"ID":"x","Priority":1,"Filter":{"Tag":{"Key":"k","Value":"v"}},"Status":"Enabled","SourceSelectionCriteria":{"SseKmsEncryptedObjects":{"Status":"Enabled"}},"Destination":{"Bucket":"arn:b","ReplicationTime":{"Status":"Enabled","Time":{"Minutes":15}}},"DeleteMarkerReplication":{"Status":"Disabled"}}]}}`},
	"tags": {`<TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>`, `{"TagSet":[{"Key":"k","Value":"v"}]}`},
	"inventory": {`<Id>i</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:b</Bucket><Format>CSV</Format><Encryption><SSE-S3/></Encryption></S3BucketDestination></Destination><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule>`,
		`{"InventoryConfiguration":{"Id":"i","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:b","Format":"CSV","Encryption":{"SSES3":{}}}},"IncludedObjectVersions":"All","OptionalFields":["Size"],"Schedule":{"Frequency":"Daily"}}}`},
	"analytics":           {`<Id>i</Id><StorageClassAnalysis/>`, `{"AnalyticsConfiguration":{"Id":"i","StorageClassAnalysis":{}}}`},
	"metrics":             {`<Id>i</Id><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>`, `{"MetricsConfiguration":{"Id":"i","Filter":{"And":{"Prefix":"p","Tags":[{"Key":"k","Value":"v"}]}}}}`},
	"intelligent-tiering": {`<Id>i</Id><Status>Enabled</Status><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>`, `{"IntelligentTieringConfiguration":{"Id":"i","Status":"Enabled","Tierings":[{"Days":90,"AccessTier":"ARCHIVE_ACCESS"}]}}`},
}

func TestSettings_AsJSONAndBackLoseNothing(t *testing.T) {
	for _, st := range settings() {
		w, ok := wire[st.feature]
		if !ok {
			if st.put != "" && st.root != "" {
				t.Errorf("no document of %s", st.feature)
			}
			continue
		}
		root, err := parseDocument([]byte("<" + st.root + ` xmlns="` + s3Namespace + `">` + w.xml + "</" + st.root + ">"))
		if err != nil {
			t.Fatalf("%s: %v", st.feature, err)
		}
		got, err := Document{feature: st.feature, root: root}.JSON()
		if err != nil || !sameJSON(string(got), w.json) {
			t.Errorf("%s: %v\n%s\nwant %s", st.feature, err, got, w.json)
		}
		back, err := ParseDocument(st.feature, got)
		if err != nil {
			t.Errorf("%s: %v", st.feature, err)
			continue
		}
		if where := root.lacks(back.root); where != "" {
			t.Errorf("%s: %s is lost", st.feature, where)
		}
		if where := back.root.lacks(root); where != "" {
			t.Errorf("%s: %s was added", st.feature, where)
		}
	}
}

func sameJSON(a, b string) bool {
	var va, vb any
	return json.Unmarshal([]byte(a), &va) == nil && json.Unmarshal([]byte(b), &vb) == nil && reflect.DeepEqual(va, vb)
}

// What a type has no field for is there after it was read and written again.
func TestSettings_TypesKeepWhatTheyDoNotKnow(t *testing.T) {
	types := map[string]any{"cors": &CORS{}, "lifecycle": &Lifecycle{}, "website": &Website{}, "notification": &Notifications{}, "replication": &Replication{},
		"logging": &loggingStatus{}, "encryption": &encryptionConfiguration{}, "ownership": &ownershipControls{}, "object-lock": &lockConfiguration{},
		"tags": &bucketTagging{}, "public-access": &PublicAccessBlock{}, "versioning": &Versioning{}}
	for feature, v := range types {
		st := settingOf(feature)
		root, err := parseDocument([]byte("<" + st.root + ">" + foreignEverywhere(wire[feature].xml) + "</" + st.root + ">"))
		if err != nil {
			t.Fatalf("%s: %v", feature, err)
		}
		if err := root.fill(v); err != nil {
			t.Fatalf("%s: %v", feature, err)
		}
		back, err := elementOf(v)
		if err != nil {
			t.Fatalf("%s: %v", feature, err)
		}
		back.name = st.root
		if where := root.lacks(back); where != "" {
			doc, _ := back.document()
			t.Errorf("%s: %s is lost\n%s", feature, where, doc)
		}
		if where := back.lacks(root); where != "" {
			t.Errorf("%s: %s was added", feature, where)
		}
		if n, m := countKids(root), countKids(back); n > m {
			t.Errorf("%s: %d elements of %d are left", feature, m, n)
		}
	}
}

// foreignEverywhere puts an element that nobody knows into every element that has others, but for tags and filter rules, which S3 will not add to.
func foreignEverywhere(doc string) string {
	root, err := parseDocument([]byte("<root>" + doc + "</root>"))
	if err != nil {
		return doc
	}
	var add func(n *node)
	add = func(n *node) {
		if len(n.kids) == 0 || n.name == "Tag" || n.name == "TagSet" || n.name == "FilterRule" {
			return
		}
		for _, k := range n.kids {
			add(k)
		}
		n.kids = append(n.kids, &node{name: "Unheard", kids: []*node{{name: "Of", text: "a & <b>"}, {name: "Of", text: ""}, {name: "In", kids: []*node{{name: "Depth", text: "1"}}}}})
	}
	add(root)
	var b strings.Builder
	for _, k := range root.kids {
		doc, _ := k.document()
		b.WriteString(strings.SplitN(string(doc), "\n", 2)[1])
	}
	return b.String()
}

func countKids(n *node) int {
	c := 1
	for _, k := range n.kids {
		c += countKids(k)
	}
	return c
}

func TestDocument_PrefixesStayWithTheirElements(t *testing.T) {
	root, err := parseDocument([]byte(`<a:X xmlns:a="` + s3Namespace + `" xmlns:xsi="urn:i"><a:Y xsi:type="T">1</a:Y></a:X>`))
	if err != nil {
		t.Fatal(err)
	}
	y := root.child("Y")
	if y == nil || y.attr("xsi:type") != "T" || y.attr("xmlns:xsi") != "urn:i" {
		t.Fatalf("%+v", y)
	}
	for _, bad := range []string{"", "x", "<a>", "<a></b>", "<a/><b/>", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)} {
		if _, err := parseDocument([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestDocument_LacksSeesWhatIsNotThere(t *testing.T) {
	parse := func(s string) *node {
		n, err := parseDocument([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct{ sent, got, want string }{
		{"<R><A>1</A><A>2</A></R>", "<R><A>2</A><A>1</A></R>", ""},
		{"<R><A>1</A></R>", "<R><A>1</A><B>x</B></R>", ""},
		{"<R><A>1</A></R>", "<R><A>1</A><A>2</A></R>", "R/A"},
		{"<R><A>1</A></R>", "<R><A>2</A></R>", "R/A"},
		{"<R><A><B>true</B></A></R>", "<R><A><B>TRUE</B></A></R>", ""},
		{"<R><A><B>x</B></A></R>", "<R><A/></R>", "R/A/B"},
		{"<R><A><B/></A><C>false</C></R>", "<R/>", ""},
		{"<R><D>2030-01-01T00:00:00Z</D></R>", "<R><D>2030-01-01T00:00:00.000Z</D></R>", ""},
	} {
		if got := parse(c.sent).lacks(parse(c.got)); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.sent, c.got, got, c.want)
		}
	}
	if parse("<R><A>1</A></R>").lacks(nil) == "" || parse("<R><A/></R>").lacks(nil) != "" {
		t.Error("nothing at all is judged wrongly")
	}
}

// Some servers answer with conditions beside the And, and lose them when they are asked in that form.
func TestSettings_ConditionsOfAFilterStandInAnd(t *testing.T) {
	for in, want := range map[string]string{
		`<Filter><Prefix>a/</Prefix><And><Tag>1</Tag><Tag>2</Tag></And></Filter>`:                   `<Filter><And><Prefix>a/</Prefix><Tag>1</Tag><Tag>2</Tag></And></Filter>`,
		`<Filter><Prefix>a/</Prefix><And><Prefix>b/</Prefix><Tag>1</Tag></And></Filter>`:            `<Filter><And><Prefix>b/</Prefix><Tag>1</Tag></And></Filter>`,
		`<Filter><Tag>1</Tag><Tag>2</Tag><Unheard>3</Unheard></Filter>`:                             `<Filter><Unheard>3</Unheard><And><Tag>1</Tag><Tag>2</Tag></And></Filter>`,
		`<Filter><Prefix>a/</Prefix></Filter>`:                                                      `<Filter><Prefix>a/</Prefix></Filter>`,
		`<Prefix>a/</Prefix>`:                                                                       `<Prefix>a/</Prefix>`,
		`<Filter><And><Prefix>a/</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>`: `<Filter><And><Prefix>a/</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>`,
		`<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><And><Tag>1</Tag></And></Filter>`:  `<Filter><And><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><Tag>1</Tag></And></Filter>`,
	} {
		e, err := parseDocument([]byte("<L><Rule>" + in + "</Rule></L>"))
		if err != nil {
			t.Fatal(err)
		}
		e.conditionsInAnd()
		got, err := e.document()
		if err != nil || !strings.Contains(string(got), "<Rule>"+want+"</Rule>") {
			t.Errorf("%s became %s, %v", in, got, err)
		}
	}
}
