package info

import (
	"reflect"

	"pintail/internal/text"
	"pintail/storage"
)

// noRules tells whether a lifecycle document is one that has no rules, and nothing else.
func noRules(t string) bool {
	rules, whole, err := rawRules(t)
	_, has := whole["Rules"]
	return err == nil && has && len(whole) == 1 && len(rules) == 0
}

// pending are the rules that were edited into something that cannot be sent.
func (f *rulesForm) pending() []int {
	var out []int
	for i, r := range f.list {
		if f.made && r.touched && len(f.faults(i)) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// problem is the first thing that is wrong with a rule that was edited.
func (f *rulesForm) problem() string {
	for _, i := range f.pending() {
		now, _ := f.list[i].fields.rule(f.list[i].base)
		return text.T("bucketinfo.fault", ruleName(now), f.faultOf(i))
	}
	return ""
}

// ruleChanges are the changes of the lifecycle, a rule each; false if they cannot be told apart.
func (d *documents) ruleChanges() ([]Change, bool) {
	var out []Change
	if d.changed(lifecycle) {
		was, err := lifecycleOf(d.base(lifecycle))
		if err != nil {
			return nil, false
		}
		now, err := lifecycleOf(d.text[lifecycle])
		if err != nil {
			return nil, false
		}
		if out = diffRules(was.Rules, now.Rules); len(out) == 0 || was.MinimumSize != now.MinimumSize {
			return nil, false
		}
	}
	for _, i := range d.form.pending() {
		r := d.form.list[i]
		now, _ := r.fields.rule(r.base)
		c := Change{What: text.T("lifecycle.change", ruleName(now)), To: d.form.faultOf(i)}
		if len(r.raw) > 0 {
			c.From = ruleWords(r.base)
		}
		out = append(out, c)
	}
	return out, true
}

// diffRules says what becomes of each rule. Rules are known by their names, those without one by what they do.
func diffRules(was, now []storage.LifecycleRule) []Change {
	var out []Change
	taken := make([]bool, len(was))
	find := func(r storage.LifecycleRule) int {
		for i, o := range was {
			if !taken[i] && o.ID == r.ID && (r.ID != "" || reflect.DeepEqual(o, r)) {
				taken[i] = true
				return i
			}
		}
		return -1
	}
	for _, r := range now {
		c := Change{What: text.T("lifecycle.change", ruleName(r)), To: ruleWords(r)}
		i := find(r)
		if i >= 0 {
			if reflect.DeepEqual(was[i], r) {
				continue
			}
			if c.From = ruleWords(was[i]); c.From == c.To {
				c.To = text.T("lifecycle.details", c.To)
			}
		}
		out = append(out, c)
	}
	for i, r := range was {
		if !taken[i] {
			out = append(out, Change{What: text.T("lifecycle.change", ruleName(r)), From: ruleWords(r)})
		}
	}
	return out
}
