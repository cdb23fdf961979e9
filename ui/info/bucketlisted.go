package info

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/storage/policy"
)

// Settings of which a bucket has several, each with an id. Each is a document like the others; its key is "feature:id". One that is
// being added has the key "feature:" and a number before its id is known, see [ViewModel.AddListed].

// listedDocs are those settings in their order.
func listedDocs() []Doc {
	return []Doc{{"inventory", text.T("listed.inventory"), Service}, {"analytics", text.T("listed.analytics"), Service},
		{"metrics", text.T("listed.metrics"), Service}, {"intelligent-tiering", text.T("listed.tiering"), Service}}
}

// listed is what the server has of one feature.
type listed struct {
	part[[]storage.Document]
	filled bool // into the documents
}

// newMark begins the id of a setting that is being added: no id of S3's begins so.
const newMark = "+"

// splitKey is the feature and the id of a document's key; the id is "" for what a bucket has one of.
func splitKey(key string) (feature, id string) {
	feature, id, _ = strings.Cut(key, ":")
	return feature, id
}

func (d *documents) loadListed(vm *ViewModel, s *storage.Session, at storage.Location) {
	if d.listed == nil {
		d.listed = map[string]*listed{}
	}
	for _, doc := range listedDocs() {
		l := d.listed[doc.Feature]
		if l == nil {
			l = &listed{}
			d.listed[doc.Feature] = l
		}
		ask(vm, &l.part, func(ctx context.Context) ([]storage.Document, error) { return s.BucketDocuments(ctx, at, doc.Feature) })
		if l.state == ready && !l.filled {
			l.filled = true
			d.fillListed(doc.Feature, l.value)
		}
	}
}

// fillListed makes documents of what was listed; of those that are gone only what was typed stays.
func (d *documents) fillListed(feature string, list []storage.Document) {
	for _, key := range d.keys(feature) {
		if _, typed := d.text[key]; !typed {
			delete(d.read, key)
		} else {
			d.read[key] = &part[readDoc]{state: ready}
		}
	}
	for _, doc := range list {
		d.read[feature+":"+doc.ID()] = &part[readDoc]{state: ready, value: readDoc{text: docText(doc), summary: doc.ID()}}
	}
}

// keys are those of a feature's settings, sorted.
func (d *documents) keys(feature string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.read)), func(k string) bool { return !strings.HasPrefix(k, feature+":") })
}

// all are the documents of a bucket, those with ids as far as they are known.
func (d *documents) all() []Doc {
	out := bucketDocs()
	for _, l := range listedDocs() {
		for _, key := range d.keys(l.Feature) {
			_, id := splitKey(key)
			if strings.HasPrefix(id, newMark) {
				id = text.T("listed.new")
			}
			out = append(out, Doc{key, text.T("bucketinfo.fault", l.Label, id), l.tab})
		}
	}
	return out
}

// ListedState is how many settings there are of a feature; not open with the reason why, or without one while it is being asked for.
func (vm *ViewModel) ListedState(feature string) (words string, open bool, reason string) {
	l := vm.docs.listed[feature]
	switch {
	case l == nil || l.state == idle || l.state == loading:
		return text.T("info.busy"), false, ""
	case l.state == failed:
		return "–", false, Reason(l.err)
	case slices.ContainsFunc(vm.docs.keys(feature), vm.docs.changed):
		return text.T("bucketinfo.changed"), true, ""
	case len(l.value) == 0:
		return text.T("stat.none"), true, ""
	}
	return units.FormatCount(int64(len(l.value))), true, ""
}

// OpenListed shows the settings of a feature as a list; "" closes it.
func (vm *ViewModel) OpenListed(feature string) {
	vm.OpenDoc("")
	vm.docs.list = feature
	vm.Changed()
}

// Listed is the list that is open, with the keys of its documents.
func (vm *ViewModel) Listed() (of Doc, keys []string, ok bool) {
	_, isBucket := vm.bucket()
	i := slices.IndexFunc(listedDocs(), func(d Doc) bool { return d.Feature == vm.docs.list })
	if !isBucket || i < 0 || vm.tab != Service {
		return Doc{}, nil, false
	}
	return listedDocs()[i], vm.docs.keys(vm.docs.list), true
}

// AddListed starts a setting of the list that is open from a template, with an id that is free, and opens its document.
func (vm *ViewModel) AddListed(t Template, answer string) {
	of, keys, ok := vm.Listed()
	if _, open, _ := vm.ListedState(of.Feature); !ok || !open || !t.Fits(answer) {
		return
	}
	made, err := t.make(vm.subject.Items[0].At.Bucket, answer)
	if err != nil {
		return
	}
	taken := map[string]bool{}
	for _, k := range keys {
		_, id := splitKey(k)
		taken[id], taken[vm.docs.judge(k, "").doc.ID()] = true, true
	}
	key := of.Feature + ":" + newMark
	for n := 1; vm.docs.read[key] != nil; n++ {
		key = fmt.Sprintf("%s:%s%d", of.Feature, newMark, n)
	}
	vm.docs.read[key] = &part[readDoc]{state: ready}
	vm.docs.text[key] = withFreeID(made, taken)
	vm.OpenDoc(key)
}

// withFreeID gives the setting in a template's text another id if its own is taken.
func withFreeID(doc string, taken map[string]bool) string {
	var v map[string]map[string]json.RawMessage
	if json.Unmarshal([]byte(doc), &v) == nil {
		for _, in := range v {
			var id string
			if json.Unmarshal(in["Id"], &id) != nil {
				continue
			}
			free := id
			for n := 2; taken[free]; n++ {
				free = fmt.Sprintf("%s-%d", id, n)
			}
			doc = strings.Replace(doc, fmt.Sprintf(`"Id": %q`, id), fmt.Sprintf(`"Id": %q`, free), 1)
		}
	}
	return strings.TrimSpace(string(policy.Indent([]byte(doc))))
}

// listedFields is what a list tells of its settings.
type listedFields struct {
	IsEnabled *bool
	Status    string
	Filter    struct {
		Prefix string
		Tag    *storage.Tag
		And    struct {
			Prefix string
			Tags   []storage.Tag
		}
	}
	Schedule             struct{ Frequency string }
	Destination          listedTarget
	StorageClassAnalysis struct {
		DataExport struct{ Destination listedTarget }
	}
	Tierings []struct {
		AccessTier string
		Days       int
	}
}

type listedTarget struct {
	S3BucketDestination struct{ Bucket, Prefix, Format string }
}

// words is "CSV to logs/inventory/"; "" for none.
func (t listedTarget) words() string {
	to := t.S3BucketDestination
	_, bucket, _ := strings.Cut(to.Bucket, ":::")
	if bucket == "" {
		return ""
	}
	return text.T("listed.target", to.Format, strings.TrimSuffix(bucket+"/"+to.Prefix, "/"))
}

// listedWords says in a line what a setting is for; "" for one that cannot be read.
func listedWords(d storage.Document) string {
	raw, err := d.JSON()
	var in map[string]listedFields
	if err != nil || json.Unmarshal(raw, &in) != nil {
		return ""
	}
	for _, f := range in {
		var parts []string
		if f.IsEnabled != nil && !*f.IsEnabled || f.Status == "Disabled" {
			parts = append(parts, text.T("listed.off"))
		}
		tags := f.Filter.And.Tags
		if f.Filter.Tag != nil {
			tags = append(tags, *f.Filter.Tag)
		}
		parts = append(parts, or(f.Filter.Prefix+f.Filter.And.Prefix, text.T("lifecycle.all")))
		for _, t := range tags {
			parts = append(parts, t.Key+"="+t.Value)
		}
		for _, s := range []string{strings.ToLower(f.Schedule.Frequency), f.Destination.words(), f.StorageClassAnalysis.DataExport.Destination.words()} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		for _, t := range f.Tierings {
			parts = append(parts, text.T("lifecycle.moves", t.AccessTier, text.N("lifecycle.after", t.Days, t.Days)))
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// judgeID finds an id that may not be: that of another setting, or none.
func (j *judgement) judgeID(id string) {
	if j.fault == "" && id != "" && !strings.HasPrefix(id, newMark) && j.doc.ID() != id {
		j.fault = text.T("listed.id_stays", id)
	}
}

// forgetListed is called when a setting was written: its list is asked for again.
func (d *documents) forgetListed(key string) {
	feature, _ := splitKey(key)
	delete(d.text, key)
	delete(d.read, key)
	d.listed[feature] = &listed{}
}
