package demo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Settings of buckets that are checked and kept. Ownership, the public access block, object lock and the default encryption with the
// server's own key are also followed; the others have no effect here: nothing is logged, replicated, accelerated, moved or deleted.

// setting is a sub-resource of a bucket that holds a document.
type setting struct {
	root    string // of the document; "" for the policy, which is JSON
	absent  string // the code when there is none; "" = an empty document is answered
	initial string // what is inside that document
	listed  string // the root of the listing where a bucket has several, each with an id
	check   func(c *call, doc *settingDocument) error
}

// settingDocument is what the checks look at: every element with its place and text.
type settingDocument struct {
	values map[string][]string // by path below the root, "Rule/Status"
}

func (d *settingDocument) has(path string) bool { return len(d.values[path]) > 0 }

func (d *settingDocument) first(path string) string {
	if v := d.values[path]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func settingTable() map[string]*setting {
	return map[string]*setting{
		"accelerate":        {root: "AccelerateConfiguration", check: checkAccelerate},
		"cors":              {root: "CORSConfiguration", absent: "NoSuchCORSConfiguration", check: checkCORS},
		"encryption":        {root: "ServerSideEncryptionConfiguration", absent: "ServerSideEncryptionConfigurationNotFoundError", check: checkEncryption},
		"lifecycle":         {root: "LifecycleConfiguration", absent: "NoSuchLifecycleConfiguration", check: checkLifecycle},
		"logging":           {root: "BucketLoggingStatus", check: checkLogging},
		"notification":      {root: "NotificationConfiguration", check: checkNotification},
		"object-lock":       {root: "ObjectLockConfiguration", absent: "ObjectLockConfigurationNotFoundError", check: checkObjectLock},
		"ownershipControls": {root: "OwnershipControls", absent: "OwnershipControlsNotFoundError", check: checkOwnershipControls},
		"policy":            {absent: "NoSuchBucketPolicy"},
		"publicAccessBlock": {root: "PublicAccessBlockConfiguration", absent: "NoSuchPublicAccessBlockConfiguration", check: checkPublicAccessBlock},
		"replication":       {root: "ReplicationConfiguration", absent: "ReplicationConfigurationNotFoundError", check: checkReplication},
		"requestPayment":    {root: "RequestPaymentConfiguration", initial: "<Payer>BucketOwner</Payer>", check: oneOf("Payer", "Requester", "BucketOwner")},
		"website":           {root: "WebsiteConfiguration", absent: "NoSuchWebsiteConfiguration", check: checkWebsite},

		"analytics":           {root: "AnalyticsConfiguration", absent: "NoSuchConfiguration", listed: "ListBucketAnalyticsConfigurationResult", check: checkID},
		"intelligent-tiering": {root: "IntelligentTieringConfiguration", absent: "NoSuchConfiguration", listed: "ListBucketIntelligentTieringConfigurationsOutput", check: checkID},
		"inventory":           {root: "InventoryConfiguration", absent: "NoSuchConfiguration", listed: "ListInventoryConfigurationsResult", check: checkID},
		"metrics":             {root: "MetricsConfiguration", absent: "NoSuchConfiguration", listed: "ListMetricsConfigurationsResult", check: checkID},
	}
}

// settingOperations names the operations by method and sub-resource, as [bucketOperations] does.
var settingOperations = map[string]string{
	"GET accelerate": "GetBucketAccelerateConfiguration", "PUT accelerate": "PutBucketAccelerateConfiguration",
	"GET cors": "GetBucketCors", "PUT cors": "PutBucketCors", "DELETE cors": "DeleteBucketCors",
	"GET encryption": "GetBucketEncryption", "PUT encryption": "PutBucketEncryption", "DELETE encryption": "DeleteBucketEncryption",
	"GET lifecycle": "GetBucketLifecycleConfiguration", "PUT lifecycle": "PutBucketLifecycleConfiguration", "DELETE lifecycle": "DeleteBucketLifecycle",
	"GET logging": "GetBucketLogging", "PUT logging": "PutBucketLogging",
	"GET notification": "GetBucketNotificationConfiguration", "PUT notification": "PutBucketNotificationConfiguration",
	"GET object-lock": "GetObjectLockConfiguration", "PUT object-lock": "PutObjectLockConfiguration",
	"GET ownershipControls": "GetBucketOwnershipControls", "PUT ownershipControls": "PutBucketOwnershipControls", "DELETE ownershipControls": "DeleteBucketOwnershipControls",
	"GET policy": "GetBucketPolicy", "PUT policy": "PutBucketPolicy", "DELETE policy": "DeleteBucketPolicy", "GET policyStatus": "GetBucketPolicyStatus",
	"GET publicAccessBlock": "GetPublicAccessBlock", "PUT publicAccessBlock": "PutPublicAccessBlock", "DELETE publicAccessBlock": "DeletePublicAccessBlock",
	"GET replication": "GetBucketReplication", "PUT replication": "PutBucketReplication", "DELETE replication": "DeleteBucketReplication",
	"GET requestPayment": "GetBucketRequestPayment", "PUT requestPayment": "PutBucketRequestPayment",
	"GET website": "GetBucketWebsite", "PUT website": "PutBucketWebsite", "DELETE website": "DeleteBucketWebsite",
	"GET analytics": "GetBucketAnalyticsConfiguration", "PUT analytics": "PutBucketAnalyticsConfiguration", "DELETE analytics": "DeleteBucketAnalyticsConfiguration",
	"GET intelligent-tiering": "GetBucketIntelligentTieringConfiguration", "PUT intelligent-tiering": "PutBucketIntelligentTieringConfiguration",
	"DELETE intelligent-tiering": "DeleteBucketIntelligentTieringConfiguration",
	"GET inventory":              "GetBucketInventoryConfiguration", "PUT inventory": "PutBucketInventoryConfiguration", "DELETE inventory": "DeleteBucketInventoryConfiguration",
	"GET metrics": "GetBucketMetricsConfiguration", "PUT metrics": "PutBucketMetricsConfiguration", "DELETE metrics": "DeleteBucketMetricsConfiguration",
}

// addSettings puts the handlers of all settings into the table of operations.
func addSettings(all map[string]handler) map[string]handler {
	for place, op := range settingOperations {
		method, _, _ := strings.Cut(place, " ")
		switch {
		case op == "GetBucketPolicyStatus":
			all[op] = (*call).getPolicyStatus
		case method == http.MethodGet:
			all[op] = (*call).getSetting
		case method == http.MethodPut:
			all[op] = (*call).putSetting
		default:
			all[op] = (*call).deleteSetting
		}
	}
	return all
}

// setting is the table's row and the place in the bucket that the request is about.
func (c *call) setting() (*setting, string) {
	sub := subresource(c.query)
	st := c.s.settings[sub]
	if st.listed != "" {
		return st, sub + "\x00" + c.query.Get("id")
	}
	return st, sub
}

func (c *call) getSetting() error {
	st, place := c.setting()
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if st.listed != "" && !c.query.Has("id") {
		return c.listSettings(st, b, place)
	}
	inner, ok := b.settings[place]
	if !ok && st.absent != "" {
		return fail(st.absent, "", field{"BucketName", b.name})
	}
	if !ok {
		inner = st.initial
	}
	if st.root == "" {
		c.w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(c.w, inner)
		return nil
	}
	x := newXML(st.root, s3Namespace)
	x.b.WriteString(inner)
	c.writeXML(http.StatusOK, x)
	return nil
}

// listSettings answers with all settings of a kind in one page.
func (c *call) listSettings(st *setting, b *bucket, prefix string) error {
	x := newXML(st.listed, s3Namespace)
	x.flag("IsTruncated", false)
	for _, place := range slices.Sorted(maps.Keys(b.settings)) {
		if strings.HasPrefix(place, prefix) {
			x.start(st.root)
			x.b.WriteString(b.settings[place])
			x.end()
		}
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) putSetting() error {
	st, place := c.setting()
	inner, err := c.readSetting(st)
	if err != nil {
		return err
	}
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if err := b.admits(place, inner); err != nil {
		return err
	}
	if b.settings == nil {
		b.settings = map[string]string{}
	}
	b.settings[place] = inner
	b.follow(place)
	if st.root == "" {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// readSetting reads and checks the request's document and gives what is inside its root.
func (c *call) readSetting(st *setting) (string, error) {
	if st.root == "" {
		return c.readPolicy()
	}
	var raw struct {
		Inner string `xml:",innerxml"`
	}
	if err := c.readXML(st.root, &raw); err != nil {
		return "", err
	}
	doc, err := readValues(raw.Inner)
	if err != nil {
		return "", err
	}
	return raw.Inner, st.check(c, doc)
}

func readValues(inner string) (*settingDocument, error) {
	d := &settingDocument{values: map[string][]string{}}
	dec := xml.NewDecoder(strings.NewReader("<r>" + inner + "</r>"))
	var path []string
	text := ""
	for {
		tok, err := dec.Token()
		switch t := tok.(type) {
		case xml.StartElement:
			path, text = append(path, t.Name.Local), ""
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			at := strings.Join(path[1:], "/")
			d.values[at] = append(d.values[at], strings.TrimSpace(text))
			path, text = path[:len(path)-1], ""
		}
		if err == io.EOF {
			return d, nil
		}
		if err != nil {
			return nil, fail("MalformedXML", "")
		}
	}
}

func (c *call) deleteSetting() error {
	st, place := c.setting()
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if _, ok := b.settings[place]; !ok && st.listed != "" {
		return fail(st.absent, "")
	}
	delete(b.settings, place)
	b.follow(place)
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

const (
	maxPolicy     = 20 << 10 // without the white space between its parts
	maxPolicyBody = 1 << 20
)

type policyDocument struct {
	Version   string
	Statement json.RawMessage
}

type policyStatement struct {
	Effect    string
	Principal json.RawMessage
	Condition json.RawMessage
}

func (c *call) readPolicy() (string, error) {
	data, err := io.ReadAll(io.LimitReader(c.body, maxPolicyBody+1))
	if err != nil {
		return "", err
	}
	if err := c.checkSmallBody(data); err != nil {
		return "", err
	}
	var compact bytes.Buffer
	if json.Compact(&compact, data) == nil && compact.Len() > maxPolicy || len(data) > maxPolicyBody {
		return "", fail("MalformedPolicy", "Policy is too large")
	}
	if statements(string(data)) == nil {
		return "", fail("MalformedPolicy", "")
	}
	return string(data), nil
}

// statements are a policy's; nil if it is none.
func statements(policy string) []policyStatement {
	var p policyDocument
	if json.Unmarshal([]byte(policy), &p) != nil || p.Statement == nil {
		return nil
	}
	var many []policyStatement
	if json.Unmarshal(p.Statement, &many) != nil {
		many = make([]policyStatement, 1)
		if json.Unmarshal(p.Statement, &many[0]) != nil {
			return nil
		}
	}
	for _, s := range many {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return nil
		}
	}
	return many
}

// isPublic tells whether a policy lets everybody in without a condition.
func isPublic(policy string) bool {
	return slices.ContainsFunc(statements(policy), func(s policyStatement) bool {
		who := strings.ReplaceAll(string(s.Principal), " ", "")
		return s.Effect == "Allow" && len(s.Condition) == 0 && (who == `"*"` || who == `{"AWS":"*"}` || who == `{"AWS":["*"]}`)
	})
}

func (c *call) getPolicyStatus() error {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	policy, ok := b.settings["policy"]
	if !ok {
		return fail("NoSuchBucketPolicy", "", field{"BucketName", b.name})
	}
	x := newXML("PolicyStatus", s3Namespace)
	x.flag("IsPublic", isPublic(policy))
	c.writeXML(http.StatusOK, x)
	return nil
}
