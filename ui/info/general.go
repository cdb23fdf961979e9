package info

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/browser/rows"
)

const (
	headLimit = 200 // of so many objects at most every head is asked for; beyond it only what the listing said is shown
	headAt    = 8   // requests at once
)

// Fact is one line of a table: what it is and what it is like.
type Fact struct {
	ID, Label, Value string
	Note             string // small, below the value
	Reason           string // why there is no value; shown in its place
	Copy             bool   // offers to copy the value
	Busy             bool   // the value is being asked for
}

// Section is a group of facts.
type Section struct {
	Title string
	Facts []Fact
}

func (vm *ViewModel) loadGeneral() {
	if vm.objectsOnly() {
		vm.loadHeads()
		if _, ok := vm.single(); ok && vm.heads.state == ready {
			vm.loadACLs()
		}
		return
	}
	if it, ok := vm.single(); ok && it.At.IsBucket() {
		s := vm.subject.Session
		ask(vm, &vm.region, func(ctx context.Context) (string, error) { return s.BucketRegion(ctx, it.At.Bucket) })
	}
}

// loadHeads asks for the heads of the selected objects.
func (vm *ViewModel) loadHeads() {
	s, items := vm.subject.Session, vm.subject.Items
	if len(items) > headLimit {
		return
	}
	ask(vm, &vm.heads, func(ctx context.Context) ([]storage.Info, error) {
		out := make([]storage.Info, len(items))
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(headAt)
		for i, it := range items {
			g.Go(func() (err error) { out[i], err = s.Stat(ctx, it.At); return err })
		}
		return out, g.Wait()
	})
}

// Heading is the name of what is shown, what it is, and its picture.
func (vm *ViewModel) Heading() (title, sub, icon string) {
	if vm.Empty() {
		return text.T("info.nothing"), text.T("info.nothing_text"), "info"
	}
	it, ok := vm.single()
	if !ok {
		n := vm.subject.Count
		return text.N("info.several_items", n, units.FormatCount(int64(n))), vm.severalSize(), "copy"
	}
	sub = it.Kind
	if !it.Folder {
		sub += ", " + units.FormatBytes(it.Size, vm.Base())
	}
	return rows.DisplayName(it.At.Name()), sub, it.Icon
}

func (vm *ViewModel) severalSize() string {
	n := int64(0)
	for _, it := range vm.subject.Items {
		if it.Folder || vm.Partial() {
			return ""
		}
		n += it.Size
	}
	return units.FormatBytes(n, vm.Base())
}

// Doing says what is being asked for; "" when nothing is.
func (vm *ViewModel) Doing() string {
	switch {
	case vm.heads.state == loading:
		return text.N("info.loading_heads", len(vm.subject.Items), len(vm.subject.Items))
	case vm.acls.state == loading:
		return text.T("info.loading_acl")
	case vm.history.state == loading:
		return text.T("info.loading_versions")
	case vm.deed:
		return text.T("info.working")
	case vm.tags.state == loading:
		return text.T("info.loading_tags")
	case vm.versioned.state == loading:
		return text.T("info.loading_versioned")
	case slices.ContainsFunc(vm.settings.read, func(p part[map[string]string]) bool { return p.state == loading }):
		return text.T("info.loading_settings")
	case vm.cdn.list.state == loading:
		return text.T("distribution.loading")
	case vm.keys.state == loading:
		return text.T("kms.loading")
	case vm.locks.state == loading:
		return text.T("lock.loading")
	case vm.docs.loading(), vm.points.state == loading:
		return text.T("info.loading_settings")
	case vm.effective.state == loading:
		return text.T("bucketinfo.loading_access")
	case vm.region.state == loading:
		return text.T("info.loading_region")
	case vm.sum.Running:
		return text.T("info.counting")
	}
	return ""
}

// GeneralFacts is the General tab. Of several things it shows what they have in common.
func (vm *ViewModel) GeneralFacts() []Section {
	if vm.Empty() {
		return nil
	}
	var out []Section
	for i, it := range vm.subject.Items {
		if i == 0 {
			out = vm.facts(i, it)
			continue
		}
		if i >= headLimit { // what the first ones share tells enough
			break
		}
		out = merge(out, vm.facts(i, it))
	}
	if len(vm.subject.Items) > 1 {
		out[0].Facts = slices.DeleteFunc(out[0].Facts, func(f Fact) bool { return f.ID == "name" })
		size := int64(0)
		for _, it := range vm.subject.Items {
			size += it.Size
		}
		if vm.objectsOnly() && !vm.Partial() {
			out[0].Facts = append([]Fact{{ID: "total", Label: text.T("info.total"), Value: vm.size(size)}}, out[0].Facts...)
		}
	}
	return out
}

// merge keeps what two things have in common and says of the rest that there are several values.
func merge(a, b []Section) []Section {
	find := func(id string) (Fact, bool) {
		for _, s := range b {
			if i := slices.IndexFunc(s.Facts, func(f Fact) bool { return f.ID == id }); i >= 0 {
				return s.Facts[i], true
			}
		}
		return Fact{}, false
	}
	for i := range a {
		for j, f := range a[i].Facts {
			if g, ok := find(f.ID); !ok || g.Value != f.Value {
				f.Value, f.Note, f.Copy = text.T("info.several"), "", false
				a[i].Facts[j] = f
			}
		}
		for _, s := range b { // what only the second has
			if s.Title != a[i].Title {
				continue
			}
			for _, g := range s.Facts {
				if !slices.ContainsFunc(a[i].Facts, func(f Fact) bool { return f.ID == g.ID }) {
					g.Value, g.Note, g.Copy = text.T("info.several"), "", false
					a[i].Facts = append(a[i].Facts, g)
				}
			}
		}
	}
	return a
}

func (vm *ViewModel) size(n int64) string {
	if n < 1000 {
		return units.FormatExact(n)
	}
	return text.T("info.size", units.FormatBytes(n, vm.Base()), units.FormatExact(n))
}

// moment is a time for people with the exact one below.
func (vm *ViewModel) moment(id, label string, t time.Time) Fact {
	return Fact{ID: id, Label: label, Value: units.FormatDate(t, vm.Now()), Note: units.FormatUTC(t)}
}

func (vm *ViewModel) facts(i int, it Item) []Section {
	main := []Fact{{ID: "name", Label: text.T("info.name"), Value: rows.DisplayName(it.At.Name()), Copy: true},
		{ID: "kind", Label: text.T("info.kind"), Value: it.Kind}}
	switch {
	case it.At.IsBucket():
		return []Section{{Facts: append(main, vm.bucketFacts(it)...)}, vm.addresses(it)}
	case it.Folder:
		return []Section{{Facts: append(main, where(it))}, vm.addresses(it)}
	}
	main = append(main, vm.objectFacts(i, it)...)
	return []Section{{Facts: main}, vm.checksums(i, it), vm.addresses(it)}
}

func where(it Item) Fact {
	p := it.At.Parent()
	return Fact{ID: "where", Label: text.T("info.where"), Value: visible(strings.TrimSuffix(p.Bucket+"/"+p.Key, "/"))}
}

// visible makes control characters of a raw name visible without cutting it at slashes.
func visible(s string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		if p != "" {
			parts[i] = rows.DisplayName(p)
		}
	}
	return strings.Join(parts, "/")
}

// head is what the head of object i has told; false while it has not.
func (vm *ViewModel) head(i int) (storage.Info, bool) {
	if vm.heads.state != ready || i >= len(vm.heads.value) {
		return storage.Info{}, false
	}
	return vm.heads.value[i], true
}

// headFact is a fact that only the head knows.
func (vm *ViewModel) headFact(i int, id, label string, value func(storage.Info) string) []Fact {
	h, ok := vm.head(i)
	switch {
	case ok && value(h) == "":
		return nil
	case ok:
		return []Fact{{ID: id, Label: label, Value: value(h)}}
	case vm.heads.state == failed:
		return []Fact{{ID: id, Label: label, Reason: Reason(vm.heads.err)}}
	case vm.heads.state == idle:
		return nil
	}
	return []Fact{{ID: id, Label: label, Busy: true}}
}

func (vm *ViewModel) objectFacts(i int, it Item) []Fact {
	size, modified, class := it.Size, it.Modified, it.Class
	h, known := vm.head(i)
	if known { // newer than the listing
		size, modified = h.Size, h.Modified
		if h.Class != "" {
			class = h.Class
		}
	}
	out := []Fact{{ID: "size", Label: text.T("info.size_label"), Value: vm.size(size)}, where(it),
		vm.moment("modified", text.T("info.modified"), modified)}
	if _, one := vm.single(); one {
		out = append(out, vm.ownerFact(it))
	}
	out = append(out, Fact{ID: "class", Label: text.T("info.class"), Value: class})
	out = append(out, vm.headFact(i, "restore", text.T("info.restore"), vm.restoreText)...)
	out = append(out, vm.headFact(i, "encryption", text.T("info.encryption"), encryptionText)...)
	if known && h.Location.Version != "" {
		out = append(out, Fact{ID: "version", Label: text.T("info.version"), Value: h.Location.Version, Copy: true})
	}
	if known && h.Lock.Mode != "" {
		out = append(out, Fact{ID: "lock", Label: text.T("info.retention"),
			Value: text.T("info.retention_until", h.Lock.Mode, units.FormatDate(h.Lock.Until, vm.Now()))})
	}
	if known && h.Lock.Hold {
		out = append(out, Fact{ID: "hold", Label: text.T("info.hold"), Value: text.T("info.on")})
	}
	return out
}

func (vm *ViewModel) ownerFact(it Item) Fact {
	f := Fact{ID: "owner", Label: text.T("info.owner"), Value: it.Owner}
	switch {
	case vm.acls.state == ready:
		o := vm.acls.value[0].Owner
		f.Value = or(o.Name, o.ID)
		if o.ID != f.Value {
			f.Note = o.ID
		}
	case f.Value != "":
	case vm.acls.state == failed:
		f.Reason = Reason(vm.acls.err)
	case vm.heads.state == failed:
		f.Reason = Reason(vm.heads.err)
	default:
		f.Busy = true
	}
	if f.Value == "" && f.Reason == "" && !f.Busy {
		f.Reason = text.T("info.not_said")
	}
	return f
}

func (vm *ViewModel) restoreText(h storage.Info) string {
	switch {
	case h.Restore.Ongoing:
		return text.T("info.restoring")
	case !h.Restore.Until.IsZero():
		return text.T("info.available_until", units.FormatDate(h.Restore.Until, vm.Now()))
	case Archived(h.Class):
		return text.T("info.archived")
	}
	return ""
}

// Archived tells whether objects of a storage class must be restored before they can be read.
func Archived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

func encryptionText(h storage.Info) string {
	switch h.Encryption.Type {
	case "":
		return text.T("info.encryption_none")
	case "AES256":
		return "SSE-S3 (AES-256)"
	case "aws:kms":
		return strings.TrimSpace("SSE-KMS " + h.Encryption.KeyID)
	case "aws:kms:dsse":
		return strings.TrimSpace("DSSE-KMS " + h.Encryption.KeyID)
	}
	return h.Encryption.Type
}

// checksums are the ETag, what the server keeps beside it, and the parts that the object was made of.
func (vm *ViewModel) checksums(i int, it Item) Section {
	s := Section{Title: text.T("info.checksums"), Facts: []Fact{{ID: "etag", Label: "ETag", Value: it.ETag, Copy: true}}}
	h, ok := vm.head(i)
	if !ok {
		return s
	}
	s.Facts[0].Value = h.ETag
	kind := text.T("info.composite")
	if h.Checksums.FullObject {
		kind = text.T("info.full_object")
	}
	for _, a := range slices.Sorted(maps.Keys(h.Checksums.Values)) {
		s.Facts = append(s.Facts, Fact{ID: "checksum." + string(a), Label: string(a), Value: h.Checksums.Values[a], Note: kind, Copy: true})
	}
	if _, n, found := strings.Cut(h.ETag, "-"); found || h.Parts > 0 {
		if h.Parts > 0 {
			n = units.FormatCount(int64(h.Parts))
		}
		s.Facts = append(s.Facts, Fact{ID: "parts", Label: text.T("info.parts"), Value: n})
	}
	return s
}

func (vm *ViewModel) bucketFacts(it Item) []Fact {
	region := Fact{ID: "region", Label: text.T("info.region")}
	switch vm.region.state {
	case ready:
		region.Value = vm.region.value
		if region.Value == "" {
			region.Reason = text.T("info.not_said")
		}
	case failed:
		region.Reason = Reason(vm.region.err)
	case loading:
		region.Busy = true
	case idle: // several buckets
		return nil
	}
	out := []Fact{region}
	if !it.Modified.IsZero() {
		out = append(out, vm.moment("created", text.T("info.created"), it.Modified))
	}
	if it.Owner != "" {
		out = append(out, Fact{ID: "owner", Label: text.T("info.owner"), Value: it.Owner})
	}
	return out
}

// addresses are the forms in which others find the thing.
func (vm *ViewModel) addresses(it Item) Section {
	s := Section{Title: text.T("info.addresses")}
	web := vm.subject.Session.WebKind()
	for _, k := range []struct {
		kind  storage.URLKind
		label string
	}{{web, strings.ToUpper(string(web))}, {storage.URLS3, "S3"}, {storage.URLARN, "ARN"}, {storage.URLWebsite, text.T("info.website")}} {
		u, err := vm.subject.Session.URL(it.At, k.kind)
		if err != nil {
			continue // the server has no such address
		}
		s.Facts = append(s.Facts, Fact{ID: "url." + string(k.kind), Label: k.label, Value: u, Copy: true})
	}
	return s
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
