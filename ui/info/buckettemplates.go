package info

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"pintail/internal/text"
	"pintail/storage/policy"
)

// Template is something to start a document from, or to add to one.
type Template struct {
	Label string
	Ask   string // what has to be known for it, as a label; "" is nothing
	Start string // of the answer
	days  bool   // the answer is a number of days
	whole bool   // it takes the place of what is there; else its rules are added
	make  func(bucket, answer string) (string, error)
}

// fixed is a template from JSON with the answer, quoted as JSON, in the place of each %[1]s, and as it is for %[2]s.
func fixed(label, ask, start, doc string) Template {
	return Template{Label: label, Ask: ask, Start: start, make: func(_, answer string) (string, error) {
		if ask == "" {
			return doc, nil
		}
		quoted, err := json.Marshal(answer)
		return fmt.Sprintf(doc, quoted, answer), err
	}}
}

func perDays(label, start, doc string) Template {
	t := fixed(label, text.T("info.restore_days"), start, doc)
	t.days = true
	return t
}

func whole(t Template) Template { t.whole = true; return t }

// Templates are those of a document.
func Templates(feature string) []Template {
	switch feature {
	case "policy":
		return policyTemplates()
	case "lifecycle":
		rule := func(id, what string) string {
			return `{"Rules": [{"ID": "` + id + `", "Status": "Enabled", "Filter": {"Prefix": ""}, ` + what + `}]}`
		}
		return []Template{
			perDays(text.T("bucketinfo.t_expire"), "365", rule("expire", `"Expiration": {"Days": %[2]s}`)),
			perDays(text.T("bucketinfo.t_abort"), "7", rule("abort-uploads", `"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": %[2]s}`)),
			perDays(text.T("bucketinfo.t_noncurrent"), "90", rule("expire-old-versions", `"NoncurrentVersionExpiration": {"NoncurrentDays": %[2]s}`)),
			perDays(text.T("bucketinfo.t_glacier"), "90", rule("archive", `"Transitions": [{"Days": %[2]s, "StorageClass": "GLACIER"}]`)),
		}
	case "cors":
		return []Template{
			fixed(text.T("bucketinfo.t_cors_get"), "", "", `{"CORSRules": [{"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]}`),
			fixed(text.T("bucketinfo.t_cors_put"), text.T("bucketinfo.ask_origin"), "https://",
				`{"CORSRules": [{"AllowedMethods": ["GET", "HEAD", "PUT", "POST", "DELETE"], "AllowedOrigins": [%[1]s], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}]}`),
		}
	case "website":
		return []Template{
			whole(fixed(text.T("bucketinfo.t_site"), "", "", `{"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}`)),
			whole(fixed(text.T("bucketinfo.t_redirect"), text.T("bucketinfo.ask_host"), "", `{"RedirectAllRequestsTo": {"HostName": %[1]s}}`)),
		}
	case "logging":
		return []Template{whole(fixed(text.T("bucketinfo.t_logging"), text.T("bucketinfo.ask_bucket"), "", `{"LoggingEnabled": {"TargetBucket": %[1]s, "TargetPrefix": "logs/"}}`))}
	case "notification":
		return []Template{
			fixed(text.T("bucketinfo.t_queue"), "ARN", "arn:aws:sqs:", `{"QueueConfigurations": [{"QueueArn": %[1]s, "Events": ["s3:ObjectCreated:*"]}]}`),
			fixed(text.T("bucketinfo.t_topic"), "ARN", "arn:aws:sns:", `{"TopicConfigurations": [{"TopicArn": %[1]s, "Events": ["s3:ObjectCreated:*"]}]}`),
			fixed(text.T("bucketinfo.t_bridge"), "", "", `{"EventBridgeConfiguration": {}}`),
		}
	case "replication":
		return []Template{fixed(text.T("bucketinfo.t_replicate"), text.T("bucketinfo.ask_target"), "arn:aws:s3:::",
			`{"ReplicationConfiguration": {"Role": "arn:aws:iam::ACCOUNT:role/ROLE", "Rules": [{"ID": "replicate", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, `+
				`"DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": %[1]s}}]}}`)}
	case "object-lock":
		return []Template{whole(perDays(text.T("bucketinfo.t_lock"), "30", `{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": %[2]s}}}`))}
	}
	return listedTemplates(feature)
}

// listedTemplates are those of settings with ids.
func listedTemplates(feature string) []Template {
	inventory := func(label, id, versions, every, format string) Template {
		return fixed(label, text.T("bucketinfo.ask_target"), "arn:aws:s3:::", `{"InventoryConfiguration": {"Id": "`+id+`", "IsEnabled": true, "IncludedObjectVersions": "`+versions+
			`", "Schedule": {"Frequency": "`+every+`"}, "OptionalFields": ["Size", "LastModifiedDate", "StorageClass", "ETag"], `+
			`"Destination": {"S3BucketDestination": {"Bucket": %[1]s, "Format": "`+format+`", "Prefix": "inventory"}}}}`)
	}
	switch feature {
	case "inventory":
		return []Template{inventory(text.T("listed.t_inventory"), "daily", "Current", "Daily", "CSV"),
			inventory(text.T("listed.t_inventory_versions"), "weekly", "All", "Weekly", "Parquet")}
	case "analytics":
		return []Template{fixed(text.T("listed.t_analytics"), "", "", `{"AnalyticsConfiguration": {"Id": "all", "StorageClassAnalysis": {}}}`)}
	case "metrics":
		return []Template{fixed(text.T("listed.t_metrics"), "", "", `{"MetricsConfiguration": {"Id": "all"}}`),
			fixed(text.T("listed.t_metrics_prefix"), text.T("listed.ask_prefix"), "", `{"MetricsConfiguration": {"Id": "prefix", "Filter": {"Prefix": %[1]s}}}`)}
	case "intelligent-tiering":
		return []Template{perDays(text.T("listed.t_tiering"), "90",
			`{"IntelligentTieringConfiguration": {"Id": "archive", "Status": "Enabled", "Tierings": [{"Days": %[2]s, "AccessTier": "ARCHIVE_ACCESS"}]}}`)}
	}
	return nil
}

func policyTemplates() []Template {
	names := map[string]string{"public-read": text.T("bucketinfo.t_public"), "deny-unencrypted": text.T("bucketinfo.t_encrypted"),
		"deny-http": text.T("bucketinfo.t_https"), "cross-account": text.T("bucketinfo.t_account"), "user-folders": text.T("bucketinfo.t_folders")}
	var out []Template
	for _, t := range policy.Templates() {
		n := Template{Label: names[t.ID], make: func(bucket, answer string) (string, error) {
			b, err := t.Make(policy.TemplateOptions{Bucket: bucket, Account: answer})
			return string(b), err
		}}
		if t.Account {
			n.Ask = text.T("bucketinfo.ask_account")
		}
		out = append(out, n)
	}
	return out
}

// Fits tells whether an answer can stand in the template.
func (t Template) Fits(answer string) bool {
	if !t.days {
		return t.Ask == "" || strings.TrimSpace(answer) != ""
	}
	_, ok := Days(answer)
	return ok
}

// UseTemplate puts a template into the open document: its rules behind those that are there.
func (vm *ViewModel) UseTemplate(t Template, answer string) {
	doc, ok := vm.OpenedDoc()
	if !ok || !t.Fits(answer) {
		return
	}
	add, err := t.make(vm.subject.Items[0].At.Bucket, answer)
	if err != nil {
		return
	}
	if now := vm.DocText(doc.Feature); strings.TrimSpace(now) != "" && !t.whole {
		if add, err = addTo(doc.Feature, now, add); err != nil {
			return // the button is closed while the text cannot be read
		}
	}
	vm.SetDocText(strings.TrimSpace(string(policy.Indent([]byte(add)))))
}

// CanAdd tells whether a template can be added to the text of the open document.
func (vm *ViewModel) CanAdd() bool {
	doc, ok := vm.OpenedDoc()
	if !ok {
		return false
	}
	_, open, _ := vm.DocState(doc.Feature)
	now := vm.DocText(doc.Feature)
	_, id := splitKey(doc.Feature)
	return open && id == "" && (strings.TrimSpace(now) == "" || json.Valid([]byte(now)))
}

var errOtherShape = errors.New("the document has another shape")

// addTo adds the members of the object b to the object a: lists behind lists, objects into objects; what else a has stays.
func addTo(feature, a, b string) (string, error) {
	var x, y map[string]json.RawMessage
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil || x == nil {
		return "", errOtherShape
	}
	for name, add := range y {
		there, ok := x[name]
		var list, more []json.RawMessage
		switch {
		case !ok:
			x[name] = add
		case json.Unmarshal(add, &more) == nil:
			if json.Unmarshal(there, &list) != nil { // one statement may stand without a list
				list = []json.RawMessage{there}
			}
			for i := range more {
				more[i] = renamed(more[i], list)
			}
			x[name], _ = json.Marshal(append(list, more...)) // they were JSON before
		case strings.HasPrefix(string(add), "{"):
			in, err := addTo("", string(there), string(add))
			if err != nil {
				return "", err
			}
			x[name] = json.RawMessage(in)
		}
	}
	return ordered(feature, x)
}

// renamed gives a rule another name if one of list has it: S3 wants each once.
func renamed(rule json.RawMessage, list []json.RawMessage) json.RawMessage {
	names := map[string]bool{}
	name := func(raw json.RawMessage) (member, value string) {
		var r struct{ ID, Sid string }
		_ = json.Unmarshal(raw, &r) // what has no name cannot be there twice
		if r.Sid != "" {
			return "Sid", r.Sid
		}
		return "ID", r.ID
	}
	for _, l := range list {
		_, n := name(l)
		names[n] = true
	}
	member, n := name(rule)
	if n == "" || !names[n] {
		return rule
	}
	for i := 2; ; i++ {
		if next := fmt.Sprintf("%s%d", n, i); !names[next] {
			return json.RawMessage(strings.Replace(string(policy.Compact(rule)), `"`+member+`":"`+n+`"`, `"`+member+`":"`+next+`"`, 1))
		}
	}
}

// ordered writes an object; a policy in the order in which people read it.
func ordered(feature string, v map[string]json.RawMessage) (string, error) {
	if feature != "policy" {
		b, err := json.Marshal(v)
		return string(b), err
	}
	var b strings.Builder
	for _, name := range []string{"Version", "Id", "Statement"} {
		if raw, ok := v[name]; ok {
			fmt.Fprintf(&b, "%q:%s,", name, raw)
			delete(v, name)
		}
	}
	rest, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return "{" + strings.TrimSuffix(b.String()+strings.Trim(string(rest), "{}"), ",") + "}", nil
}
