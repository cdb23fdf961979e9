package info

import (
	"context"
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/storage/policy"
)

// Doc is a setting of a bucket that is edited as a document.
type Doc struct {
	Feature string // as the command line calls it
	Label   string
	tab     Tab
}

// bucketDocs are the documents in their order.
func bucketDocs() []Doc {
	return []Doc{
		{"policy", text.T("bucketinfo.policy"), Permissions},
		{"lifecycle", text.T("bucketinfo.lifecycle"), Service},
		{"cors", "CORS", Service},
		{"website", text.T("bucketinfo.website"), Service},
		{"logging", text.T("bucketinfo.logging"), Service},
		{"notification", text.T("bucketinfo.notification"), Service},
		{"replication", text.T("bucketinfo.replication"), Service},
		{"object-lock", text.T("bucketinfo.object_lock"), Service},
	}
}

// maxDocText is the longest document that is edited here, in bytes: the toolkit's field takes a time for each key that grows with the
// square of its text.
const maxDocText = 32 << 10

// documents is the draft of a bucket's documents.
type documents struct {
	read   map[string]*part[readDoc]
	text   map[string]string // what was typed, by feature
	open   map[Tab]string    // the feature whose document is open
	form   rulesForm
	listed map[string]*listed // by feature
	list   string             // the feature whose list is open
	judged judgement
}

// readDoc is a document of the server, with what is shown of it.
type readDoc struct{ text, summary string }

func newReadDoc(d storage.Document) readDoc { return readDoc{docText(d), docSummary(d)} }

// judgement is what was found in a text, kept until it changes.
type judgement struct {
	feature, text string
	doc           storage.Document
	summary       string
	fault         string // "" for none
	line          int    // of the fault, from 1; 0 = nowhere in particular
	warnings      []string
	rules         policy.Policy
	label         string // of a setting with an id
	remove        bool   // nothing is left, so that the setting is to be taken away
}

func (vm *ViewModel) loadDocs(at storage.Location) {
	d := &vm.docs
	if d.read == nil {
		d.read, d.text = map[string]*part[readDoc]{}, map[string]string{}
	}
	s := vm.subject.Session
	for _, doc := range bucketDocs() {
		if doc.tab != vm.tab {
			continue
		}
		if d.read[doc.Feature] == nil {
			d.read[doc.Feature] = &part[readDoc]{}
		}
		ask(vm, d.read[doc.Feature], func(ctx context.Context) (readDoc, error) {
			d, err := s.BucketDocument(ctx, at, doc.Feature, "")
			return newReadDoc(d), err
		})
	}
	if vm.tab == Service {
		d.loadListed(vm, s, at)
		vm.loadPoints(at)
	}
}

func (d *documents) loading() bool {
	for _, p := range d.read {
		if p.state == loading {
			return true
		}
	}
	for _, l := range d.listed {
		if l.state == loading {
			return true
		}
	}
	return false
}

// Docs are the documents of a tab.
func (vm *ViewModel) Docs(t Tab) []Doc {
	return slices.DeleteFunc(bucketDocs(), func(d Doc) bool { return d.tab != t })
}

// DocState is a document in a few words; not open with the reason why, or without one while it is being asked for.
func (vm *ViewModel) DocState(feature string) (summary string, open bool, reason string) {
	p := vm.docs.read[feature]
	switch {
	case p == nil || p.state == idle || p.state == loading:
		return text.T("info.busy"), false, ""
	case p.state == failed:
		return "–", false, Reason(p.err)
	case len(p.value.text) > maxDocText:
		return p.value.summary, false, text.T("bucketinfo.too_long", maxDocText>>10)
	}
	return p.value.summary, true, ""
}

// OpenDoc opens the editor of a document on the shown tab; "" closes it and keeps what was typed.
func (vm *ViewModel) OpenDoc(feature string) {
	if vm.docs.open == nil {
		vm.docs.open = map[Tab]string{}
	}
	vm.docs.open[vm.tab] = feature
	vm.docs.form.open = vm.docs.form.open && feature == ""
	vm.Changed()
}

// OpenedDoc is the document that is open on the shown tab of a bucket.
func (vm *ViewModel) OpenedDoc() (Doc, bool) {
	_, ok := vm.bucket()
	all := vm.docs.all()
	i := slices.IndexFunc(all, func(d Doc) bool { return d.Feature == vm.docs.open[vm.tab] })
	if !ok || i < 0 {
		return Doc{}, false
	}
	return all[i], true
}

// docText is a document as it is edited; "" for none.
func docText(d storage.Document) string {
	b := []byte(d.Policy())
	if d.Policy() == "" {
		var err error
		if b, err = d.JSON(); err != nil || strings.TrimSpace(string(b)) == "{}" {
			return ""
		}
	}
	return strings.TrimSpace(string(policy.Indent(b)))
}

// base is what the server has.
func (d *documents) base(feature string) string {
	if p := d.read[feature]; p != nil && p.state != failed {
		return p.value.text
	}
	return ""
}

// DocText is the text of a document with what was typed.
func (vm *ViewModel) DocText(feature string) string {
	if t, ok := vm.docs.text[feature]; ok {
		return t
	}
	return vm.docs.base(feature)
}

// SetDocText edits the document that is open.
func (vm *ViewModel) SetDocText(s string) {
	doc, ok := vm.OpenedDoc()
	if !ok {
		return
	}
	if _, open, _ := vm.DocState(doc.Feature); !open {
		return
	}
	vm.docs.text[doc.Feature] = s
	if s == vm.docs.base(doc.Feature) {
		delete(vm.docs.text, doc.Feature)
	}
	vm.Changed()
}

// changed tells whether a document was edited into another one.
func (d *documents) changed(feature string) bool {
	t, ok := d.text[feature]
	return ok && t != d.base(feature) && strings.TrimSpace(t)+d.base(feature) != ""
}

// changes are those on a tab.
func (d *documents) changes(t Tab, bucket string) []Change {
	var out []Change
	for _, doc := range d.all() {
		if doc.tab == t && doc.Feature == lifecycle {
			if rules, ok := d.ruleChanges(); ok {
				out = append(out, rules...)
				continue
			}
		}
		if doc.tab != t || !d.changed(doc.Feature) {
			continue
		}
		j := d.judge(doc.Feature, bucket)
		to := j.summary
		added, taken := lineDiff(d.base(doc.Feature), j.text)
		if added+taken == 0 {
			to += ", " + text.T("bucketinfo.layout")
		}
		if added > 0 {
			to += ", " + text.N("bucketinfo.added", added, added)
		}
		if taken > 0 {
			to += ", " + text.N("bucketinfo.removed", taken, taken)
		}
		out = append(out, Change{or(j.label, doc.Label), d.read[doc.Feature].value.summary, to})
	}
	return out
}

// problem is the first fault of the documents on a tab that were edited.
func (d *documents) problem(t Tab, bucket string) string {
	for _, doc := range d.all() {
		if doc.tab == t && d.changed(doc.Feature) {
			if j := d.judge(doc.Feature, bucket); j.fault != "" {
				return text.T("bucketinfo.fault", doc.Label, j.fault)
			}
		}
	}
	if t == Service {
		return d.form.problem()
	}
	return ""
}

// revert drops what was typed on a tab.
func (d *documents) revert(t Tab) {
	for _, doc := range d.all() {
		if doc.tab == t {
			d.drop(doc.Feature)
		}
	}
	if t == Service {
		d.form.made = false
	}
}

// lineDiff counts the lines that b has and a has not, and the other way round.
func lineDiff(a, b string) (added, taken int) {
	count := map[string]int{}
	lines := func(s string) []string {
		return slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	}
	for _, l := range lines(a) {
		count[strings.TrimRight(strings.TrimSpace(l), ",")]++
	}
	for _, l := range lines(b) {
		count[strings.TrimRight(strings.TrimSpace(l), ",")]--
	}
	for _, n := range count {
		added += max(-n, 0)
		taken += max(n, 0)
	}
	return added, taken
}

// writes are what has to be done for the documents that were edited on a tab.
func (d *documents) writes(t Tab, bucket string) []bucketWrite {
	var out []bucketWrite
	for _, doc := range d.all() {
		if doc.tab != t || !d.changed(doc.Feature) {
			continue
		}
		j := d.judge(doc.Feature, bucket)
		_, id := splitKey(doc.Feature)
		if id != "" {
			id = j.doc.ID()
		}
		out = append(out, d.write(doc.Feature, id, func(ctx context.Context, s *storage.Session, at storage.Location) error {
			if j.remove {
				return s.DeleteBucketDocument(ctx, at, doc.Feature, "")
			}
			return s.SetBucketDocument(ctx, at, j.doc, "")
		}))
	}
	return out
}

// drop forgets what was typed of a document; one that is only typed is gone.
func (d *documents) drop(key string) {
	delete(d.text, key)
	if _, id := splitKey(key); id != "" && d.base(key) == "" {
		delete(d.read, key)
	}
}

// DropDoc forgets what was typed of a document.
func (vm *ViewModel) DropDoc(key string) { vm.docs.drop(key); vm.Changed() }

// write does something to a document unless it is another one by now than the one that was shown.
func (d *documents) write(key, id string, do func(context.Context, *storage.Session, storage.Location) error) bucketWrite {
	base := d.base(key)
	feature, _ := splitKey(key)
	return bucketWrite{do: func(ctx context.Context, s *storage.Session, at storage.Location) error {
		now, err := s.BucketDocument(ctx, at, feature, id)
		if err != nil {
			return err
		}
		if docText(now) != base {
			return &storage.Error{Op: "Set " + feature, Location: at, Host: s.Host(), Kind: storage.KindPrecondition, Code: "ChangedMeanwhile",
				Message: "somebody has changed the " + feature + " since it was read"}
		}
		return do(ctx, s, at)
	}, done: func() {
		if id != "" {
			d.forgetListed(key)
			return
		}
		delete(d.text, feature)
		*d.read[feature] = part[readDoc]{}
		d.form.made = d.form.made && feature != lifecycle
	}}
}

// CanDeleteDoc tells whether there is a document to take away.
func (vm *ViewModel) CanDeleteDoc(feature string) bool {
	_, open, _ := vm.DocState(feature)
	return open && vm.docs.base(feature) != "" && vm.run == nil && feature != "object-lock" // which stays for ever
}

// DeleteDoc takes a document away. Its outcome goes to Config.Applied.
func (vm *ViewModel) DeleteDoc(key string) {
	at, ok := vm.bucket()
	if !ok || !vm.CanDeleteDoc(key) {
		return
	}
	feature, id := splitKey(key)
	vm.changeBucket(vm.subject.Session, at, []bucketWrite{vm.docs.write(key, id, func(ctx context.Context, s *storage.Session, at storage.Location) error {
		return s.DeleteBucketDocument(ctx, at, feature, id)
	})})
}
