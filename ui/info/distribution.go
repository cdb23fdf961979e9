package info

import (
	"context"
	"errors"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/storage"
)

// distributions is the Distribution tab: what is known of those of a bucket, and the draft of one.
type distributions struct {
	of     *storage.Session
	bucket string
	list   part[[]storage.Distribution]
	id     string // the chosen one
	draft  distributionDraft
	asked  *Forgetting
}

// DistributionForm is what can be changed of a distribution, as it is typed.
type DistributionForm struct {
	Enabled     bool
	Private     bool   // it reads the bucket with an origin access control
	Aliases     string // with spaces between
	Certificate string
	Root        string
	Comment     string
	Log         string // s3://BUCKET/PREFIX; "" = none is kept
}

// distributionDraft is a wanted distribution. Without an id it is a new one.
type distributionDraft struct {
	open      bool
	id        string
	bucket    string
	direct    bool // it can have an origin access control
	was, want DistributionForm
}

// oneBucket is the bucket of all that is selected.
func (vm *ViewModel) oneBucket() (string, bool) {
	for _, it := range vm.subject.Items {
		if it.At.Bucket != vm.subject.Items[0].At.Bucket {
			return "", false
		}
	}
	if vm.Empty() {
		return "", false
	}
	return vm.subject.Items[0].At.Bucket, true
}

func (vm *ViewModel) loadDistributions() {
	bucket, ok := vm.oneBucket()
	if !ok {
		return
	}
	s := vm.subject.Session
	vm.cdn.of, vm.cdn.bucket = s, bucket
	ask(vm, &vm.cdn.list, func(ctx context.Context) ([]storage.Distribution, error) { return s.Distributions(ctx, bucket) })
	if vm.cdn.list.state == ready && !vm.cdn.draft.open {
		if vm.Distributed != nil {
			vm.Distributed(s, bucket, vm.cdn.list.value)
		}
		vm.ChooseDistribution(vm.DistributionIndex())
	}
}

// forgetDistributions keeps what was read as long as it is about the same bucket.
func (vm *ViewModel) forgetDistributions() {
	bucket, _ := vm.oneBucket()
	if c := &vm.cdn; c.of != vm.subject.Session || c.bucket != bucket || c.list.state != ready {
		vm.cdn = distributions{}
	}
	vm.cdn.draft = distributionDraft{}
}

// DistributionState says whether there is something to show, and if not, why: a reason, or "" while it is being asked for.
func (vm *ViewModel) DistributionState() (open bool, reason string) {
	_, one := vm.oneBucket()
	var s3 *storage.Error
	switch p := vm.cdn.list; {
	case vm.Empty():
		return false, text.T("info.nothing")
	case !one:
		return false, text.T("distribution.one_bucket")
	case p.state == failed && errors.As(p.err, &s3) && s3.Code == "NoCloudFront":
		return false, text.T("distribution.not_amazon", vm.subject.Session.Host())
	case p.state == failed:
		return false, Reason(p.err)
	}
	return vm.cdn.list.state == ready, ""
}

// Distributions are those that serve the bucket.
func (vm *ViewModel) Distributions() []storage.Distribution { return vm.cdn.list.value }

// DistributionIndex is the place of the chosen one, 0 where none was.
func (vm *ViewModel) DistributionIndex() int {
	for i, d := range vm.cdn.list.value {
		if d.ID == vm.cdn.id {
			return i
		}
	}
	return 0
}

// Distribution is the chosen one; false where there is none, or a new one is being made.
func (vm *ViewModel) Distribution() (storage.Distribution, bool) {
	if len(vm.cdn.list.value) == 0 || vm.NewDistribution() {
		return storage.Distribution{}, false
	}
	return vm.cdn.list.value[vm.DistributionIndex()], true
}

// NewDistribution tells whether a new one is being made.
func (vm *ViewModel) NewDistribution() bool { return vm.cdn.draft.open && vm.cdn.draft.id == "" }

// ChooseDistribution turns to another one.
func (vm *ViewModel) ChooseDistribution(i int) {
	if i >= len(vm.cdn.list.value) {
		return
	}
	d := vm.cdn.list.value[i]
	f := formOf(d)
	vm.cdn.id, vm.cdn.draft = d.ID, distributionDraft{true, d.ID, vm.cdn.bucket, d.Direct, f, f}
	vm.Changed()
}

// BeginDistribution begins a new one.
func (vm *ViewModel) BeginDistribution() {
	vm.cdn.draft = distributionDraft{open: true, bucket: vm.cdn.bucket, was: DistributionForm{Enabled: true}, want: DistributionForm{Enabled: true}, direct: true}
	vm.Changed()
}

// DistributionForm is what is wanted of the chosen one, or of a new one; false where there is none.
func (vm *ViewModel) DistributionForm() (DistributionForm, bool) {
	return vm.cdn.draft.want, vm.cdn.draft.open
}

// CanBePrivate tells whether the chosen distribution, or a new one, can read the bucket with an origin access control.
func (vm *ViewModel) CanBePrivate() bool { return vm.cdn.draft.direct }

// SetDistributionForm wants something else.
func (vm *ViewModel) SetDistributionForm(f DistributionForm) { vm.cdn.draft.want = f; vm.Changed() }

func formOf(d storage.Distribution) DistributionForm {
	f := DistributionForm{Enabled: d.Enabled, Private: d.OriginAccess != "", Aliases: strings.Join(d.Aliases, " "), Certificate: d.Certificate, Root: d.Root, Comment: d.Comment}
	if d.Log.Bucket != "" {
		f.Log = storage.Location{Bucket: d.Log.Bucket, Key: d.Log.Prefix}.String()
	}
	return f
}

// fields are what is typed, by their labels.
func (f DistributionForm) fields() [5][2]string {
	return [5][2]string{{text.T("distribution.aliases"), strings.Join(strings.Fields(f.Aliases), " ")}, {text.T("distribution.certificate"), strings.TrimSpace(f.Certificate)},
		{text.T("distribution.root"), f.Root}, {text.T("distribution.comment"), f.Comment}, {text.T("distribution.log"), strings.TrimSpace(f.Log)}}
}

func (d *distributionDraft) changes() []Change {
	if !d.open {
		return nil
	}
	var out []Change
	switch {
	case d.id == "":
		out = append(out, Change{text.T("distribution.new"), "", d.bucket})
	case d.was.Enabled != d.want.Enabled:
		out = append(out, Change{text.T("distribution.enabled"), yesNo(d.was.Enabled), yesNo(d.want.Enabled)})
	}
	if d.was.Private != d.want.Private {
		out = append(out, Change{text.T("distribution.private"), yesNo(d.was.Private), yesNo(d.want.Private)})
	}
	was := d.was.fields()
	for i, f := range d.want.fields() {
		if f[1] != was[i][1] {
			out = append(out, Change{f[0], was[i][1], f[1]})
		}
	}
	return out
}

func yesNo(on bool) string {
	if on {
		return text.T("info.on")
	}
	return text.T("info.off")
}

func (d *distributionDraft) problem() string {
	f := d.want.fields()
	log, ok := strings.CutPrefix(f[4][1], "s3://")
	switch {
	case f[1][1] != "" && !strings.HasPrefix(f[1][1], "arn:"):
		return text.T("distribution.bad_certificate")
	case strings.HasPrefix(f[2][1], "/"):
		return text.T("distribution.bad_root")
	case f[4][1] != "" && (!ok || log == "" || log[0] == '/'):
		return text.T("distribution.bad_log")
	}
	return ""
}

// edit is none: no object is changed.
func (d *distributionDraft) edit() storage.Edit { return storage.Edit{} }

// wanted is the change of the distribution: only what differs, so that nothing else is sent.
func (d *distributionDraft) wanted() storage.DistributionEdit {
	var e storage.DistributionEdit
	if d.was.Enabled != d.want.Enabled || d.id == "" {
		e.Enabled = &d.want.Enabled
	}
	if d.was.Private != d.want.Private {
		e.Private = &d.want.Private
	}
	was, want := d.was.fields(), d.want.fields()
	if was[0] != want[0] {
		names := strings.Fields(want[0][1])
		e.Aliases = &names
	}
	for i, to := range map[int]**string{1: &e.Certificate, 2: &e.Root, 3: &e.Comment} {
		if was[i] != want[i] {
			v := want[i][1]
			*to = &v
		}
	}
	if was[4] != want[4] {
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(want[4][1], "s3://"), "/")
		e.Log = &storage.DistributionLog{Bucket: bucket, Prefix: prefix}
	}
	return e
}

// applyDistribution makes or changes one. One is made once: whether it was made where the answer is lost, the list tells.
func (vm *ViewModel) applyDistribution() {
	s, d, policy := vm.subject.Session, vm.cdn.draft, vm.Policy()
	e := d.wanted()
	shown := vm.ctx
	vm.start([]storage.Location{{Bucket: d.bucket}}, func(ctx context.Context, at storage.Location) ([]string, error) {
		if d.id == "" {
			made, err := s.MakeDistribution(ctx, at.Bucket, e)
			d.id = made.ID
			return ignoredOf(e, made), err
		}
		var now storage.Distribution
		err := policy.Do(ctx, func() (err error) { now, err = s.SetDistribution(ctx, at.Bucket, d.id, e); return err })
		return ignoredOf(e, now), err
	}, func(o *Outcome) {
		o.Bucket, o.Retry = true, nil
		if shown.Err() != nil || vm.cdn.of != s || vm.cdn.bucket != d.bucket || len(o.Failed) > 0 || o.Stopped {
			return
		}
		vm.cdn.id, vm.cdn.draft, vm.cdn.list.state = d.id, distributionDraft{}, idle
		vm.load()
	})
}

// ignoredOf is what the service has taken without doing it.
func ignoredOf(e storage.DistributionEdit, now storage.Distribution) []string {
	if now.ID != "" && e.Private != nil && *e.Private != (now.OriginAccess != "") {
		return []string{text.T("distribution.private")}
	}
	return nil
}

// distributionPoll is how long to wait between two looks at an invalidation, which takes a minute or more.
const distributionPoll = 5 * time.Second
