package info

import (
	"encoding/json"
	"errors"
	"strings"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/storage/policy"
)

// judge looks for what is wrong with the text of a document, without asking the server.
func (d *documents) judge(feature, bucket string) judgement {
	t, typed := d.text[feature]
	if !typed {
		t = d.base(feature)
	}
	if d.judged.feature == feature && d.judged.text == t {
		return d.judged
	}
	j := judgement{feature: feature, text: t}
	switch {
	case strings.TrimSpace(t) == "":
		j.fault = text.T("bucketinfo.empty")
	case len(t) > maxDocText:
		j.fault = text.T("bucketinfo.too_long", maxDocText>>10)
	case feature == "policy":
		j.judgePolicy(bucket)
	case feature == lifecycle && noRules(t):
		j.remove = true
	default:
		j.parse()
	}
	j.summary = docSummary(j.doc)
	if of, id := splitKey(feature); id != "" {
		j.judgeID(id)
		j.summary = j.doc.ID()
		for _, l := range listedDocs() {
			if l.Feature == of {
				j.label = text.T("bucketinfo.fault", l.Label, or(j.doc.ID(), id))
			}
		}
	}
	d.judged = j
	return j
}

func (j *judgement) parse() {
	var err error
	var at *storage.SyntaxError
	feature, _ := splitKey(j.feature)
	if j.doc, err = storage.ParseDocument(feature, []byte(j.text)); errors.As(err, &at) {
		j.line = at.Line
	}
	if err != nil {
		j.fault = err.Error()
	}
}

func (j *judgement) judgePolicy(bucket string) {
	for _, p := range policy.Check([]byte(j.text), bucket) {
		switch {
		case p.Warning:
			j.warnings = append(j.warnings, p.Error())
		case j.fault == "":
			j.fault, j.line = p.Error(), p.Line
		}
	}
	if j.fault != "" {
		return
	}
	if j.parse(); j.fault == "" {
		j.rules, _ = policy.Parse([]byte(j.text)) // which was just found right
	}
}

// DocFault is what is wrong with the text of the open document, and in which line (0 = in none in particular); "" if nothing is.
func (vm *ViewModel) DocFault() (words string, line int) {
	doc, ok := vm.OpenedDoc()
	if !ok || !vm.docs.changed(doc.Feature) {
		return "", 0
	}
	j := vm.docs.judge(doc.Feature, vm.subject.Items[0].At.Bucket)
	return j.fault, j.line
}

// bucketEffects says what applying the changes of a bucket does beside them.
func (vm *ViewModel) bucketEffects() []string {
	at, _ := vm.bucket()
	var out []string
	if vm.settings.want["versioning"] == "Suspended" && vm.tab == Service {
		out = append(out, text.T("bucket.suspended"))
	}
	if vm.tab == Service && vm.docs.changed("logging") && strings.HasPrefix(vm.docs.judge("logging", at.Bucket).summary+"/", at.Bucket+"/") {
		out = append(out, text.T("bucket.logsitself", at.Bucket))
	}
	if vm.tab != Permissions {
		return out
	}
	public := vm.access.public()
	if vm.docs.changed("policy") {
		j := vm.docs.judge("policy", at.Bucket)
		out = append(out, j.warnings...)
		public = public || letsAllIn(at, j.rules)
	}
	if public {
		out = append(out, text.T("info.effect_public"))
	}
	return out
}

// letsAllIn tells whether a policy by itself lets anyone do anything, be it below one folder.
func letsAllIn(at storage.Location, rules policy.Policy) bool {
	facts := storage.AccessFacts{Location: at, List: &storage.ACL{}, Policy: &rules, Block: &storage.PublicAccessBlock{}}
	for _, a := range facts.Judge() {
		if a.Who == storage.Anyone && (a.Verdict == storage.AccessYes || a.Verdict == storage.AccessSome) {
			return true
		}
	}
	return false
}

// LockOut says which right the changed policy takes from those who could take it back; "" if it takes none. Nothing is known of who
// asks but the way of the connection, so that only statements about everybody are sure to hit.
func (vm *ViewModel) LockOut() string {
	at, ok := vm.bucket()
	if !ok || vm.tab != Permissions || !vm.docs.changed("policy") {
		return ""
	}
	outs := vm.docs.judge("policy", at.Bucket).rules.LockOuts(at.Bucket, policy.Self{Secure: vm.subject.Session.Secure()})
	if len(outs) == 0 {
		return ""
	}
	return text.T("bucket.lockout", outs[0].Statement.Line, strings.Join(outs[0].Actions, ", "))
}

// docSummary is a document in a few words.
func docSummary(d storage.Document) string {
	t := docText(d)
	var v map[string]json.RawMessage
	if t == "" || json.Unmarshal([]byte(t), &v) != nil {
		return text.T("stat.none")
	}
	for _, wrap := range []string{"ReplicationConfiguration", "ObjectLockConfiguration"} {
		if in, ok := v[wrap]; ok {
			v = nil
			_ = json.Unmarshal(in, &v) // what is no object has no rules
		}
	}
	field := func(path ...string) string {
		m := v
		for _, p := range path[:len(path)-1] {
			var in map[string]json.RawMessage
			if json.Unmarshal(m[p], &in) != nil {
				return ""
			}
			m = in
		}
		return strings.Trim(string(m[path[len(path)-1]]), `"`)
	}
	switch {
	case field("LoggingEnabled", "TargetBucket") != "":
		return field("LoggingEnabled", "TargetBucket") + "/" + field("LoggingEnabled", "TargetPrefix")
	case field("RedirectAllRequestsTo", "HostName") != "":
		return text.T("stat.redirects", field("RedirectAllRequestsTo", "HostName"))
	case field("IndexDocument", "Suffix") != "":
		return field("IndexDocument", "Suffix")
	case v["ObjectLockEnabled"] != nil:
		return lockSummary(field)
	}
	return ruleCount(v)
}

func lockSummary(field func(...string) string) string {
	mode := field("Rule", "DefaultRetention", "Mode")
	for unit, name := range map[string]string{"Days": text.T("bucketinfo.days"), "Years": text.T("bucketinfo.years")} {
		if n := field("Rule", "DefaultRetention", unit); mode != "" && n != "" {
			return mode + ", " + n + " " + name
		}
	}
	return text.T("stat.lockOn")
}

// ruleCount counts the rules of all lists of a document.
func ruleCount(v map[string]json.RawMessage) string {
	n := 0
	for name, raw := range v {
		var list []json.RawMessage
		switch {
		case json.Unmarshal(raw, &list) == nil:
			n += len(list)
		case name == "Statement" || name == "EventBridgeConfiguration":
			n++
		}
	}
	if n == 0 {
		return text.T("stat.none")
	}
	return text.N("stat.rules", n, units.FormatCount(int64(n)))
}
