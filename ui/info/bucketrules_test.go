package info

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/ui/look"
)

// foreignRules are rules with parts that nobody knows, as other programs may have set them.
const foreignRules = `{"Rules": [
	{"ID": "theirs", "Status": "Enabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "k", "Value": "<v>"}], "Unheard": "of"}}, "NewAction": {"Days": 3},
	 "Transitions": [{"Days": 40, "StorageClass": "GLACIER_IR", "Mode": "x"}], "Expiration": {"Days": 400, "ExpiredObjectDeleteMarker": false}},
	{"ID": "old", "Status": "Disabled", "Prefix": "old/", "Expiration": {"Date": "2030-01-01T00:00:00Z"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 3}}]}`

func (b *bench) setRules(t string) {
	b.t.Helper()
	d, err := storage.ParseDocument("lifecycle", []byte(t))
	b.must(err)
	b.must(b.s.SetBucketDocument(context.Background(), theBucket, d, ""))
}

// serverRules are the rules of the server as JSON, by name.
func (b *bench) serverRules(at storage.Location) map[string]map[string]any {
	b.t.Helper()
	d, err := b.s.BucketDocument(context.Background(), at, "lifecycle", "")
	b.must(err)
	raw, err := d.JSON()
	b.must(err)
	var v struct{ Rules []map[string]any }
	b.must(json.Unmarshal(raw, &v))
	out := map[string]map[string]any{}
	for _, r := range v.Rules {
		out[r["ID"].(string)] = r
	}
	return out
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestRules_OnlyWhatWasTouchedChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.setRules(foreignRules)
	before := b.serverRules(theBucket)
	b.bucketOn(Service)
	b.vm.OpenRules()
	if got := b.vm.Rules(); len(got) != 2 || got[0].Words != "logs/, k=<v>: to GLACIER_IR after 40 days; expire after 400 days; and what is not shown here" ||
		got[1].Enabled || got[1].Words != "old/: expire on 2030-01-01; older versions expire after 9 days but for the newest 3" {
		t.Fatalf("it shows %+v", got)
	}
	b.vm.OpenRule(0)
	if _, faults, more, ok := b.vm.OpenedRule(); !ok || len(faults) > 0 || !slices.Equal(more, []string{"NewAction", "Unheard", "Mode"}) {
		t.Fatalf("the rule is open: %v with %v, %v", ok, faults, more)
	}
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "500" })
	want := Change{"Lifecycle: theirs", "logs/, k=<v>: to GLACIER_IR after 40 days; expire after 400 days; and what is not shown here",
		"logs/, k=<v>: to GLACIER_IR after 40 days; expire after 500 days; and what is not shown here"}
	if got := b.vm.Changes(); len(got) != 1 || got[0] != want {
		t.Fatalf("changes %+v", got)
	}
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "400" })
	b.vm.EditRule(1, func(f *RuleFields) { f.Enabled = true })
	b.vm.EditRule(1, func(f *RuleFields) { f.Enabled = false })
	if got := b.vm.Changes(); len(got) > 1 { // an expiration's "false" says nothing and may go
		t.Fatalf("there and back changes %+v", got)
	}
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "500" })
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	after := b.serverRules(theBucket)
	theirs := before["theirs"]
	theirs["Expiration"] = map[string]any{"Days": 500}
	if jsonOf(after["old"]) != jsonOf(before["old"]) || jsonOf(after["theirs"]) != jsonOf(theirs) {
		t.Errorf("the server has\n%s\nof\n%s", jsonOf(after), jsonOf(before))
	}
	if f, _, _, ok := b.vm.OpenedRule(); !ok || f.ID != "theirs" || f.Expire != "500" || len(b.vm.Changes()) > 0 {
		t.Errorf("afterwards it shows %+v with %+v", f, b.vm.Changes())
	}
}

func TestRules_AddEditRemoveAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Service)
	b.vm.OpenRules()
	b.vm.AddRule()
	if b.vm.CanApply() || b.vm.Problem() != "rule-1: it does nothing" {
		t.Fatalf("a rule that does nothing: %q", b.vm.Problem())
	}
	b.vm.EditRule(0, func(f *RuleFields) {
		f.Prefix, f.Greater, f.Tags = "a/", "1 MiB", []storage.Tag{{Key: "k", Value: "v"}}
		f.Moves = []Move{{When: "30", Class: "STANDARD_IA"}, {When: "90", Class: "GLACIER"}}
		f.Expire = "365"
		f.OldMoves = []Move{{When: "30", Class: "GLACIER", Keep: "2"}}
		f.OldExpire = "60"
	})
	b.vm.AddRule()
	b.vm.EditRule(1, func(f *RuleFields) { f.ID, f.Abort, f.Markers = "parts", "7", true })
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	got := jsonOf(b.serverRules(theBucket))
	for _, want := range []string{`"And":{"ObjectSizeGreaterThan":1048576,"Prefix":"a/","Tags":[{"Key":"k","Value":"v"}]}`, `"Expiration":{"Days":365}`,
		`"NoncurrentVersionTransitions":[{"NewerNoncurrentVersions":2,"NoncurrentDays":30,"StorageClass":"GLACIER"}]`, `"NoncurrentVersionExpiration":{"NoncurrentDays":60}`,
		`{"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7},"Expiration":{"ExpiredObjectDeleteMarker":true},"Filter":{"Prefix":""},"ID":"parts","Status":"Enabled"}`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	b.vm.RemoveRule(1)
	b.vm.RemoveRule(0)
	if ch := b.vm.Changes(); len(ch) != 2 || ch[0].To != "" || ch[1].To != "" {
		t.Fatalf("changes %+v", ch)
	}
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	if l, err := b.s.Lifecycle(context.Background(), theBucket); err != nil || len(l.Rules) > 0 || b.state("lifecycle") != "none" || len(b.vm.Rules()) > 0 {
		t.Errorf("the server has %+v, %v", l, err)
	}
}

// What S3 would refuse is said at its field, and nothing is sent.
func TestRules_FaultAtItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Service)
	b.vm.OpenRules()
	before := b.requests.Load()
	for _, c := range []struct {
		field, words string
		edit         func(*RuleFields)
	}{
		{"move0", "to STANDARD_IA after 30 days at the earliest, not 10", func(f *RuleFields) { f.Moves = []Move{{When: "10", Class: "STANDARD_IA"}} }},
		{"move1", "nothing moves from GLACIER to STANDARD_IA", func(f *RuleFields) {
			f.Moves = []Move{{When: "40", Class: "GLACIER"}, {When: "80", Class: "STANDARD_IA"}}
		}},
		{"move1", "between STANDARD_IA and GLACIER lie at least 30 days", func(f *RuleFields) {
			f.Moves = []Move{{When: "30", Class: "STANDARD_IA"}, {When: "40", Class: "GLACIER"}}
		}},
		{"move0", "a number of days, or a date such as 2027-01-31", func(f *RuleFields) { f.Moves = []Move{{When: "soon", Class: "GLACIER"}} }},
		{"oldmove0", "a number of days", func(f *RuleFields) { f.OldMoves = []Move{{When: "2027-01-31", Class: "GLACIER"}} }},
		{"expire", "Expiration after 30 days comes before the transition to GLACIER after 60", func(f *RuleFields) {
			f.Moves, f.Expire = []Move{{When: "60", Class: "GLACIER"}}, "30"
		}},
		{"expire", "a number of days, or a date such as 2027-01-31", func(f *RuleFields) { f.Expire = "0" }},
		{"oldexpire", "a number of days", func(f *RuleFields) { f.OldKeep = "3" }},
		{"oldkeep", "a number from 1 to 100", func(f *RuleFields) { f.OldExpire, f.OldKeep = "3", "101" }},
		{"abort", "unfinished uploads cannot be chosen by tags or size", func(f *RuleFields) { f.Abort, f.Greater = "7", "1 KiB" }},
		{"abort", "a number of days", func(f *RuleFields) { f.Abort = "-1" }},
		{"greater", "a size such as 128 KiB", func(f *RuleFields) { f.Expire, f.Greater = "7", "big" }},
		{"tags", "no object is larger than 2048 and smaller than 1024 bytes", func(f *RuleFields) { f.Expire, f.Greater, f.Less = "7", "2 KiB", "1 KiB" }},
		{"tags", `the tag "a" is there twice`, func(f *RuleFields) { f.Expire, f.Tags = "7", []storage.Tag{{Key: "a"}, {Key: "a"}} }},
		{"id", "an ID has at most 255 characters", func(f *RuleFields) { f.Expire, f.ID = "7", strings.Repeat("x", 256) }},
	} {
		b.vm.AddRule()
		b.vm.EditRule(0, c.edit)
		if _, faults, _, ok := b.vm.OpenedRule(); !ok || len(faults) != 1 || faults[c.field] != c.words || b.vm.CanApply() || !strings.HasSuffix(b.vm.Problem(), c.words) {
			t.Errorf("%s: it says %q and %q", c.field, faults, b.vm.Problem())
		}
		b.vm.Revert()
	}
	b.vm.AddRule()
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "7" })
	b.vm.AddRule()
	b.vm.EditRule(1, func(f *RuleFields) { f.ID, f.Expire = "rule-1", "8" })
	if _, faults, _, _ := b.vm.OpenedRule(); faults["id"] != "rule-1 is there twice" || b.vm.CanApply() {
		t.Errorf("a name that is there twice: %q", faults)
	}
	if b.requests.Load() != before {
		t.Error("something was asked of the server")
	}
	small := RuleFields{Enabled: true, Less: "100 KiB", Moves: []Move{{When: "30", Class: "STANDARD_IA"}}}
	large := small
	large.Less = ""
	if !small.SmallRule() || large.SmallRule() {
		t.Error("moving small objects is not told from moving others")
	}
}

// The form and the document are one draft.
func TestRules_DocumentAndFormAreOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.setRules(foreignRules)
	b.bucketOn(Service)
	b.vm.OpenRules()
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "77" })
	b.vm.OpenDoc("lifecycle")
	if b.vm.RulesOpen() || !strings.Contains(b.vm.DocText("lifecycle"), `"Days": 77`) {
		t.Fatalf("the document is\n%s", b.vm.DocText("lifecycle"))
	}
	b.vm.SetDocText(strings.Replace(b.vm.DocText("lifecycle"), `"Days": 77`, `"Days": 78`, 1))
	b.vm.OpenRules()
	if got := b.vm.Rules(); len(got) != 2 || !strings.Contains(got[0].Words, "78 days") {
		t.Errorf("the form shows %+v", got)
	}
	b.vm.OpenDoc("lifecycle")
	b.vm.SetDocText("{")
	b.vm.OpenRules()
	if open, reason := b.vm.RulesState(); open || !strings.HasPrefix(reason, "The document cannot be shown as rules: ") {
		t.Errorf("half a document: %v, %q", open, reason)
	}
	b.vm.Revert()
	if got := b.vm.Rules(); len(got) != 2 || !strings.Contains(got[0].Words, "400 days") {
		t.Errorf("reverted it shows %+v", got)
	}
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "soon" })
	dropped := 0
	b.vm.Dropped = func(n int, _ string) { dropped = n }
	b.show(b.put("other.txt", "x", written()))
	if dropped != 1 {
		t.Errorf("%d edited rules are said to be dropped", dropped)
	}
	b.bucketOn(Service)
	if b.vm.RulesOpen() || len(b.vm.Changes()) > 0 {
		t.Error("the form of another selection is still open")
	}
}

func TestRules_SomebodyElsesRuleIsNotOverwritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "PutBucketLifecycleConfiguration", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Nth: 2, Times: 1})
	b.bucketOn(Service)
	b.vm.OpenRules()
	b.vm.AddRule()
	b.vm.EditRule(0, func(f *RuleFields) { f.Expire = "5" })
	b.setRules(foreignRules)
	o := b.apply()
	if len(o.Failed) != 1 || storage.KindOf(o.Failed[0].Err) != storage.KindPrecondition || len(b.serverRules(theBucket)) != 2 {
		t.Fatalf("outcome %+v", o)
	}
	if len(b.vm.Changes()) == 0 {
		t.Error("the rule that was not sent is forgotten")
	}
	b.vm.Revert()
	b.vm.EditRule(1, func(f *RuleFields) { f.Enabled = true })
	if o = b.apply(); len(o.Failed) != 1 || Reason(o.Failed[0].Err) != "needs s3:PutLifecycleConfiguration" || len(b.vm.Changes()) != 1 {
		t.Errorf("outcome %+v", o)
	}
}

func TestPane_LifecycleAsForm(t *testing.T) {
	for _, mode := range []look.Mode{look.Light, look.Dark} {
		b := newBench(t)
		b.setRules(foreignRules)
		d := newDesk(t, b, mode, LeastWidth)
		name := map[look.Mode]string{look.Light: "light", look.Dark: "dark"}[mode]
		b.show(Item{At: theBucket, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
		b.vm.Choose(Service)
		b.calm()
		d.press("info.edit.lifecycle")
		b.until("the keyboard in the list", func() bool { return d.win.Canvas().Focused() == d.pane.views[Service].(*serviceView).rules.add })
		d.inside("rules")
		d.keep("rules-" + name)
		d.press("info.lifecycle.on.1")
		d.press("info.lifecycle.add")
		form := d.pane.views[Service].(*serviceView).rules.rule
		b.until("the keyboard in the form", func() bool { return d.win.Canvas().Focused() == form.fields["prefix"] })
		test.Type(d.win.Canvas().Focused(), "a/")
		d.press("info.rule.addmove")
		d.press("info.rule.addmove")
		b.until("the keyboard in the move", func() bool { return d.win.Canvas().Focused() == form.fields["move.1.when"] })
		test.Type(d.win.Canvas().Focused(), "40")
		d.inside("rule")
		d.keep("rule-fault-" + name)
		if s := form.rows["move1"].Remark(); s != "between STANDARD_IA and INTELLIGENT_TIERING lie at least 30 days" {
			t.Errorf("at the field it says %q", s)
		}
		d.press("info.rule.move.1.remove")
		d.press("info.rule.addtag")
		b.until("the keyboard in the tag", func() bool { return d.win.Canvas().Focused() == form.fields["tag.0"] })
		test.Type(d.win.Canvas().Focused(), "k")
		d.win.Canvas().Focus(form.fields["less"])
		test.Type(form.fields["less"], "100 KiB")
		d.keep("rule-" + name)
		d.win.Canvas().Focus(form.fields["abort"])
		d.inside("rule's end")
		d.keep("rule-end-" + name)
		d.press("info.rule.back")
		d.keep("rules-changed-" + name)
		d.press("info.apply")
		d.keep("rules-look-" + name)
		d.press("dialog.ok")
		b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
		got := b.serverRules(theBucket)
		if got["old"]["Status"] != "Enabled" || !strings.Contains(jsonOf(got["rule-3"]), `"Transitions":[{"Days":30,"StorageClass":"STANDARD_IA"}]`) {
			t.Errorf("the server has %s", jsonOf(got))
		}
		d.press("info.lifecycle.remove.0")
		d.press("info.lifecycle.document")
		if p, _ := d.reg.Part("info.doc.s3.text"); !p.Visible || strings.Contains(p.Text, "theirs") || !strings.Contains(p.Text, "rule-3") {
			t.Errorf("the document is %+v", p)
		}
		d.press("info.doc.s3.back")
		d.press("info.edit.lifecycle") // neither lies over the other
		d.press("info.lifecycle.back")
	}
}
