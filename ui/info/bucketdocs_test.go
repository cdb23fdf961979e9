package info

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/ui/look"
)

// template is one of a document's, by its label.
func (b *bench) template(feature, label string) Template {
	b.t.Helper()
	list := Templates(feature)
	i := slices.IndexFunc(list, func(t Template) bool { return t.Label == label })
	if i < 0 {
		b.t.Fatalf("no template %q of %s", label, feature)
	}
	return list[i]
}

func (b *bench) state(feature string) string {
	words, _, _ := b.vm.DocState(feature)
	return words
}

func (b *bench) policy() string {
	b.t.Helper()
	p, err := b.s.BucketPolicy(context.Background(), theBucket)
	b.must(err)
	return p
}

func TestDocs_RulesAreAddedToForeignOnes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := context.Background()
	theirs, err := storage.ParseDocument("lifecycle", []byte(`{"Rules": [{"ID": "expire", "Status": "Disabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 9}}]}`))
	b.must(err)
	b.must(b.s.SetBucketDocument(ctx, theBucket, theirs, ""))
	b.bucketOn(Service)
	if b.state("lifecycle") != "1 rule" || b.state("cors") != "none" {
		t.Fatalf("lifecycle %q, CORS %q", b.state("lifecycle"), b.state("cors"))
	}
	b.vm.OpenDoc("lifecycle")
	expire := b.template("lifecycle", "Expire objects after some days")
	for answer, want := range map[string]bool{"": false, "0": false, "x": false, "30": true} {
		if expire.Fits(answer) != want {
			t.Errorf("%q days fit: %v", answer, !want)
		}
	}
	b.vm.UseTemplate(expire, "30")
	b.vm.UseTemplate(b.template("lifecycle", "Abort unfinished uploads after some days"), "7")
	if words, _ := b.vm.DocFault(); words != "" || b.vm.Problem() != "" {
		t.Fatalf("%s\n%s", words, b.vm.DocText("lifecycle"))
	}
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("outcome %+v", o)
	}
	l, err := b.s.Lifecycle(ctx, theBucket)
	b.must(err)
	if len(l.Rules) != 3 || l.Rules[0].ID != "expire" || l.Rules[0].Expiration.Days != 9 || l.Rules[1].ID != "expire2" || l.Rules[1].Expiration.Days != 30 || l.Rules[2].AbortUploads.Days != 7 {
		t.Errorf("the server has %+v", l)
	}
	if doc, ok := b.vm.OpenedDoc(); !ok || doc.Feature != "lifecycle" || len(b.vm.Changes()) > 0 || b.state("lifecycle") != "3 rules" {
		t.Errorf("afterwards open %v, %+v, %q", ok, b.vm.Changes(), b.state("lifecycle"))
	}
	b.vm.DeleteDoc("lifecycle")
	b.until("the end", func() bool { _, _, busy := b.vm.Applying(); return !busy })
	b.calm()
	if l, err = b.s.Lifecycle(ctx, theBucket); err != nil || len(l.Rules) > 0 || b.state("lifecycle") != "none" {
		t.Errorf("left of it %+v, %v", l, err)
	}
}

// Every template of every document can be written as it is, alone and behind what is there.
func TestDocs_TemplatesAreRight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	answers := map[string]string{"ARN": "arn:aws:sqs:us-east-1:123456789012:queue", "ARN of the target bucket": "arn:aws:s3:::other", "Account number or ARN": "123456789012"}
	for _, doc := range bucketDocs() {
		b.bucketOn(doc.tab)
		b.vm.OpenDoc(doc.Feature)
		if _, open, _ := b.vm.DocState(doc.Feature); !open { // the bucket keeps no versions, and so can have no object lock
			for _, tpl := range Templates(doc.Feature) {
				made, err := tpl.make("bucket", tpl.Start)
				b.must(err)
				_, err = storage.ParseDocument(doc.Feature, []byte(made))
				b.must(err)
			}
			continue
		}
		for range 2 {
			for _, tpl := range Templates(doc.Feature) {
				b.vm.UseTemplate(tpl, or(answers[tpl.Ask], or(strings.TrimPrefix(tpl.Start, "https://"), "name")))
				if words, _ := b.vm.DocFault(); words != "" {
					t.Errorf("%s, %s: %s\n%s", doc.Feature, tpl.Label, words, b.vm.DocText(doc.Feature))
				}
			}
		}
		changes := 1
		if doc.Feature == lifecycle { // one a rule
			changes = 2 * len(Templates(doc.Feature))
		}
		if len(b.vm.Changes()) != changes {
			t.Errorf("%s: %+v", doc.Feature, b.vm.Changes())
		}
		b.vm.Revert()
	}
}

func TestDocs_FaultIsPlacedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, c := range []struct {
		feature, text, want string
		line                int
	}{
		{"policy", "{\n  \"Statement\": [}\n}", "line 2, column 17: ", 2},
		{"policy", "{\"Version\": \"2012-10-17\",\n \"Statement\": {\"Effect\": \"allow\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::bucket\"}}", "line 2, column ", 2},
		{"cors", "{\n  \"CORSRules\": [\n    ä\n  ]\n}", "line 3, column 5: ", 3},
		{"cors", `{"CORSRules": [{"AllowedMethods": ["FETCH"], "AllowedOrigins": ["*"]}]}`, "FETCH", 0},
		{"lifecycle", "  ", "", 0},
	} {
		b.bucketOn(map[bool]Tab{true: Permissions, false: Service}[c.feature == "policy"])
		before := b.requests.Load()
		b.vm.OpenDoc(c.feature)
		b.vm.SetDocText(c.text)
		words, line := b.vm.DocFault()
		if !strings.Contains(words, c.want) || line != c.line || b.vm.CanApply() || b.requests.Load() != before {
			t.Errorf("%s %q: %q in line %d, can be applied: %v", c.feature, c.text, words, line, b.vm.CanApply())
		}
		b.vm.Revert()
	}
}

func TestDocs_SomebodyElsesChangeIsNotOverwritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Service)
	b.vm.OpenDoc("cors")
	b.vm.UseTemplate(b.template("cors", "Reading from anywhere"), "")
	theirs, err := storage.ParseDocument("cors", []byte(`{"CORSRules": [{"ID": "theirs", "AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"]}]}`))
	b.must(err)
	b.must(b.s.SetBucketDocument(context.Background(), theBucket, theirs, ""))
	o := b.apply()
	if len(o.Failed) != 1 || storage.KindOf(o.Failed[0].Err) != storage.KindPrecondition {
		t.Fatalf("outcome %+v", o)
	}
	c, err := b.s.CORS(context.Background(), theBucket)
	b.must(err)
	if len(c.Rules) != 1 || c.Rules[0].ID != "theirs" || len(b.vm.Changes()) != 1 || b.state("cors") != "1 rule" {
		t.Errorf("the server has %+v, and it shows %+v", c, b.vm.Changes())
	}
}

func TestDocs_RefusedAndMissingAreToldApart(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketCors", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "GetBucketReplication", Kind: faultserver.Status, Status: 501, Code: "NotImplemented", Times: -1})
	b.bucketOn(Service)
	for feature, want := range map[string]string{"cors": "needs s3:GetBucketCORS", "replication": "this server does not have it", "website": ""} {
		if _, open, reason := b.vm.DocState(feature); reason != want || open != (want == "") {
			t.Errorf("%s: open %v, %q", feature, open, reason)
		}
	}
}

const lockOut = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]}]}`

func TestPane_PolicyThatLocksOutAsksForTheName(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Dark, LeastWidth)
	b.bucketOn(Permissions)
	d.press("info.edit.policy")
	b.until("the keyboard in the editor", func() bool { return d.pane.views[Permissions].(*accessView).doc.editor.HasFocus() })
	field := d.win.Canvas().Focused()
	test.Type(field, "{\n\"Statement\": oh")
	d.inside("policy")
	d.keep("policy-fault")
	if s := d.text("info.doc.permissions.fault"); !strings.HasPrefix(s, "line 2, column 14: ") {
		t.Errorf("it says %q", s)
	}
	b.vm.SetDocText(lockOut)
	d.press("info.apply")
	d.keep("policy-lockout")
	if p, _ := d.reg.Part("dialog.ok"); p.Enabled {
		t.Fatal("it can be applied without the name")
	}
	d.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Type(d.win.Canvas().Focused(), "bucke")
	if p, _ := d.reg.Part("dialog.ok"); p.Enabled || b.policy() != "" {
		t.Fatal("half of the name is enough")
	}
	test.Type(d.win.Canvas().Focused(), "t")
	d.press("dialog.ok")
	b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy })
	if got := b.policy(); !strings.Contains(got, "Deny") {
		t.Errorf("the server has %q", got)
	}
}

func TestPane_DocumentByKeyboard(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(Item{At: theBucket, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
	b.vm.Choose(Service)
	b.calm()
	d.inside("documents")
	d.keep("documents")
	b.vm.OpenDoc("lifecycle")
	d.press("info.doc.s3.templates")
	d.keep("templates")
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn} {
		d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
	}
	d.keep("template-ask")
	d.press("dialog.ok")
	b.vm.UseTemplate(b.template("lifecycle", "Abort unfinished uploads after some days"), "7")
	d.inside("lifecycle")
	d.keep("lifecycle")
	view := d.pane.views[Service].(*serviceView).doc
	d.win.Canvas().Focus(view.editor.field)
	d.win.Canvas().FocusNext()
	if view.editor.HasFocus() {
		t.Error("Tab does not leave the editor")
	}
	d.win.Canvas().Focus(view.editor.field)
	view.editor.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	view.editor.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	d.keep("lifecycle-end")
	view.editor.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s := d.text("info.doc.lifecycle"); s != "not applied yet" {
		t.Errorf("the row says %q", s)
	}
	d.press("info.apply")
	d.keep("lifecycle-look")
	d.press("dialog.ok")
	b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if l, err := b.s.Lifecycle(context.Background(), theBucket); err != nil || len(l.Rules) != 2 || l.Rules[0].Expiration.Days != 365 {
		t.Errorf("the server has %+v, %v", l, err)
	}
	b.vm.OpenDoc("lifecycle")
	d.press("info.doc.s3.delete")
	d.keep("lifecycle-delete")
	d.press("dialog.ok")
	b.until("the end", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if b.state("lifecycle") != "none" {
		t.Errorf("it says %q", b.state("lifecycle"))
	}
}

// A policy that takes from oneself the right to look at it was set all the same: that is no failure, and it is said.
func TestDocs_WhatCannotBeReadBackIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketPolicy", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Nth: 4, Times: -1})
	b.bucketOn(Permissions)
	b.vm.OpenDoc("policy")
	b.vm.SetDocText(lockOut)
	if b.vm.LockOut() == "" {
		t.Fatal("it is not said to lock out")
	}
	o := b.apply()
	if o.Done != 1 || o.Unread != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	if _, open, reason := b.vm.DocState("policy"); open || reason != "needs s3:GetBucketPolicy" || len(b.vm.Changes()) > 0 {
		t.Errorf("afterwards open %v, %q, %+v", open, reason, b.vm.Changes())
	}
}
