package info

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/storage/policy"
)

const lifecycle = "lifecycle"

// rulesForm is the lifecycle document as a form. Both edit one text: the form keeps what is typed of each rule, and writes those into
// the text that can stand there.
type rulesForm struct {
	open bool
	rule int    // that is open, -1 for none
	of   string // the text that the rules were read from, or written to
	made bool
	err  error
	list []*ruleDraft
}

// ruleDraft is a rule as it stands in the text, and as it is typed.
type ruleDraft struct {
	raw     json.RawMessage // "" for one that could never stand in the text
	base    storage.LifecycleRule
	fields  RuleFields
	faults  Faults
	touched bool
}

func newRuleDraft(raw json.RawMessage) (*ruleDraft, error) {
	l, err := lifecycleOf(fmt.Sprintf(`{"Rules": [%s]}`, raw))
	if err != nil {
		return nil, err
	}
	if len(l.Rules) != 1 {
		return nil, errOtherShape
	}
	d := &ruleDraft{raw: raw, base: l.Rules[0], fields: fieldsOf(l.Rules[0])}
	_, d.faults = d.fields.rule(d.base)
	return d, nil
}

// lifecycleOf reads the rules of a text. That S3 would refuse them is said elsewhere.
func lifecycleOf(t string) (storage.Lifecycle, error) {
	if strings.TrimSpace(t) == "" {
		return storage.Lifecycle{}, nil
	}
	d, err := storage.ParseDocument(lifecycle, []byte(t))
	if err != nil && d.IsZero() {
		return storage.Lifecycle{}, err
	}
	return d.Lifecycle()
}

// rawRules are the rules of a text as they stand there.
func rawRules(t string) (rules []json.RawMessage, whole map[string]json.RawMessage, err error) {
	whole = map[string]json.RawMessage{}
	if strings.TrimSpace(t) == "" {
		return nil, whole, nil
	}
	if err = json.Unmarshal([]byte(t), &whole); err != nil || whole == nil {
		return nil, nil, errors.Join(errOtherShape, err)
	}
	if in, ok := whole["Rules"]; ok {
		err = json.Unmarshal(in, &rules)
	}
	return rules, whole, err
}

// sync reads the rules anew if the text was changed by something else.
func (d *documents) sync() *rulesForm {
	f := &d.form
	t, typed := d.text[lifecycle]
	if !typed {
		t = d.base(lifecycle)
	}
	if f.made && f.of == t {
		return f
	}
	id := ""
	if f.rule >= 0 && f.rule < len(f.list) {
		id = strings.TrimSpace(f.list[f.rule].fields.ID)
	}
	f.of, f.made, f.list, f.err = t, true, nil, nil
	rules, _, err := rawRules(t)
	if f.err = err; err != nil {
		f.rule = -1
		return f
	}
	for _, raw := range rules {
		r, err := newRuleDraft(raw)
		if err != nil {
			f.list, f.err, f.rule = nil, err, -1
			return f
		}
		f.list = append(f.list, r)
	}
	if i := slices.IndexFunc(f.list, func(r *ruleDraft) bool { return r.base.ID == id }); f.rule >= 0 && id != "" {
		f.rule = i
	}
	if f.rule >= len(f.list) {
		f.rule = -1
	}
	return f
}

// OpenRules shows the lifecycle as a form.
func (vm *ViewModel) OpenRules() {
	vm.OpenDoc("")
	vm.docs.form.open, vm.docs.form.rule = true, -1
	vm.Changed()
}

// CloseRules leaves the form. What was typed stays.
func (vm *ViewModel) CloseRules() { vm.docs.form.open = false; vm.Changed() }

// RulesOpen tells whether the lifecycle is shown as a form.
func (vm *ViewModel) RulesOpen() bool {
	_, ok := vm.bucket()
	return ok && vm.docs.form.open && vm.tab == Service
}

// RulesState says whether the rules can be edited, and if not, why; without a reason they are being asked for.
func (vm *ViewModel) RulesState() (open bool, reason string) {
	_, open, reason = vm.DocState(lifecycle)
	if !open {
		return false, reason
	}
	if err := vm.docs.sync().err; err != nil {
		return false, text.T("lifecycle.unread", err.Error())
	}
	return true, ""
}

// RuleRow is a rule in the list.
type RuleRow struct {
	Name, Words string
	Enabled     bool
	Fault       string
}

// Rules are the rules of the bucket as they are wanted.
func (vm *ViewModel) Rules() []RuleRow {
	if open, _ := vm.RulesState(); !open {
		return nil
	}
	var out []RuleRow
	for i, r := range vm.docs.form.list {
		now, _ := r.fields.rule(r.base)
		row := RuleRow{Name: ruleName(now), Words: ruleScope(now) + ": " + ruleActs(now), Enabled: r.fields.Enabled}
		row.Fault = vm.docs.form.faultOf(i)
		out = append(out, row)
	}
	return out
}

// faultOf is the first thing that is wrong with a rule.
func (f *rulesForm) faultOf(i int) string {
	for _, words := range f.faults(i) {
		return words
	}
	return ""
}

// faults are those of a rule, with that of a name that another one has.
func (f *rulesForm) faults(i int) Faults {
	out := Faults{}
	for field, words := range f.list[i].faults {
		out[field] = words
	}
	for j, r := range f.list {
		if name := strings.TrimSpace(r.fields.ID); j != i && name != "" && name == strings.TrimSpace(f.list[i].fields.ID) {
			out.add("id", text.T("info.twice", name))
		}
	}
	return out
}

// OpenRule opens a rule of the list, -1 goes back to the list.
func (vm *ViewModel) OpenRule(i int) { vm.docs.form.rule = i; vm.Changed() }

// OpenedRule is the rule that is open, with what is wrong with it and what it has that is not shown.
func (vm *ViewModel) OpenedRule() (f RuleFields, faults Faults, more []string, ok bool) {
	form := &vm.docs.form
	if open, _ := vm.RulesState(); !open || form.rule < 0 || form.rule >= len(form.list) {
		return RuleFields{}, nil, nil, false
	}
	r := form.list[form.rule]
	return r.fields, form.faults(form.rule), foreignNames(r.base), true
}

// foreignNames are the parts of a rule that the form has no field for.
func foreignNames(r storage.LifecycleRule) []string {
	lists := [][]storage.Foreign{r.Foreign}
	if f := r.Filter; f != nil {
		lists = append(lists, f.Foreign)
		if f.And != nil {
			lists = append(lists, f.And.Foreign)
		}
	}
	for _, t := range r.Transitions {
		lists = append(lists, t.Foreign)
	}
	for _, t := range r.NoncurrentTransitions {
		lists = append(lists, t.Foreign)
	}
	if e := r.Expiration; e != nil {
		lists = append(lists, e.Foreign)
	}
	if e := r.NoncurrentExpiration; e != nil {
		lists = append(lists, e.Foreign)
	}
	if a := r.AbortUploads; a != nil {
		lists = append(lists, a.Foreign)
	}
	var out []string
	for _, l := range lists {
		for _, f := range l {
			out = append(out, f.Name())
		}
	}
	return out
}

// SmallRule tells whether a rule is for objects that are billed as larger than they are.
func (f RuleFields) SmallRule() bool {
	r, bad := f.rule(storage.LifecycleRule{})
	return len(bad) == 0 && r.Small()
}

// EditRule changes rule i of the list.
func (vm *ViewModel) EditRule(i int, edit func(*RuleFields)) {
	if open, _ := vm.RulesState(); !open || i < 0 || i >= len(vm.docs.form.list) {
		return
	}
	r := vm.docs.form.list[i]
	edit(&r.fields)
	r.touched = true
	r.write()
	vm.writeRules()
}

// write makes the rule's text from its fields unless they cannot be read.
func (r *ruleDraft) write() {
	now, bad := r.fields.rule(r.base)
	if r.faults = bad; len(bad) > 0 {
		return
	}
	d, err := storage.Lifecycle{Rules: []storage.LifecycleRule{now}}.Document()
	var raw []json.RawMessage
	if err == nil {
		var b []byte
		if b, err = d.JSON(); err == nil {
			raw, _, err = rawRules(string(b))
		}
	}
	if err != nil || len(raw) != 1 {
		r.faults = Faults{"": errors.Join(errOtherShape, err).Error()}
		return
	}
	r.raw = raw[0]
}

// AddRule adds a rule that does nothing yet and opens it.
func (vm *ViewModel) AddRule() {
	if open, _ := vm.RulesState(); !open {
		return
	}
	f := &vm.docs.form
	r := &ruleDraft{base: storage.LifecycleRule{Status: "Enabled"}, touched: true}
	r.fields = RuleFields{ID: f.newID(), Enabled: true}
	_, r.faults = r.fields.rule(r.base)
	f.list = append(f.list, r)
	f.rule = len(f.list) - 1
	vm.writeRules()
}

// newID is a name that no rule has.
func (f *rulesForm) newID() string {
	for n := len(f.list) + 1; ; n++ {
		id := fmt.Sprintf("rule-%d", n)
		if !slices.ContainsFunc(f.list, func(r *ruleDraft) bool { return strings.TrimSpace(r.fields.ID) == id }) {
			return id
		}
	}
}

// RemoveRule takes a rule away and goes back to the list.
func (vm *ViewModel) RemoveRule(i int) {
	if open, _ := vm.RulesState(); !open || i < 0 || i >= len(vm.docs.form.list) {
		return
	}
	f := &vm.docs.form
	f.list, f.rule = slices.Delete(f.list, i, i+1), -1
	vm.writeRules()
}

// writeRules puts the rules into the text of the document.
func (vm *ViewModel) writeRules() {
	d := &vm.docs
	_, whole, err := rawRules(d.form.of)
	if err != nil {
		return // the form is closed then
	}
	raw := []json.RawMessage{}
	for _, r := range d.form.list {
		if len(r.raw) > 0 {
			raw = append(raw, r.raw)
		}
	}
	if len(raw) == 0 {
		whole = map[string]json.RawMessage{}
	}
	t := rulesText(raw, whole)
	if len(raw) == 0 && d.base(lifecycle) == "" {
		t = ""
	}
	d.form.of = t
	if d.text[lifecycle] = t; t == d.base(lifecycle) {
		delete(d.text, lifecycle)
	}
	vm.Changed()
}

// rulesText is a document of rules.
func rulesText(raw []json.RawMessage, whole map[string]json.RawMessage) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(raw) != nil {
		return ""
	}
	whole["Rules"] = bytes.Clone(b.Bytes())
	b.Reset()
	if enc.Encode(whole) != nil {
		return ""
	}
	return strings.TrimSpace(string(policy.Indent(b.Bytes())))
}
