package info

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// RuleFields is a lifecycle rule as it is typed. An empty text is not set.
type RuleFields struct {
	ID, Prefix         string
	Enabled            bool
	Tags               []storage.Tag
	Greater, Less      string // sizes, "128 KiB"
	Moves              []Move
	Expire             string // days, or a date
	Markers            bool   // delete markers that hide nothing are taken away
	OldMoves           []Move // of older versions
	OldExpire, OldKeep string
	Abort              string
}

// Move is a transition to a storage class after days or, of current objects, on a date. Keep is how many older versions stay.
type Move struct {
	When, Class, Keep string

	was    storage.LifecycleTransition
	oldWas storage.NoncurrentTransition
}

// RuleClasses are the classes that objects can be moved to.
func RuleClasses() []string {
	return []string{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}
}

func daysText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// dateText is a date of a rule as it is typed.
func dateText(date string) string {
	for _, form := range []string{time.RFC3339, "2006-01-02"} {
		if t, err := time.Parse(form, date); err == nil && t.Equal(t.Truncate(24*time.Hour)) {
			return t.UTC().Format("2006-01-02")
		}
	}
	return date
}

func sizeText(n int64) string {
	const kib = 1 << 10
	switch {
	case n == 0:
		return ""
	case n%(kib*kib) == 0:
		return strconv.FormatInt(n/kib/kib, 10) + " MiB"
	case n%kib == 0:
		return strconv.FormatInt(n/kib, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10)
}

// fieldsOf shows a rule.
func fieldsOf(r storage.LifecycleRule) RuleFields {
	c := r.Scope()
	f := RuleFields{ID: r.ID, Prefix: c.Prefix, Enabled: r.Status == "Enabled", Tags: c.Tags, Greater: sizeText(c.Greater), Less: sizeText(c.Less)}
	for _, t := range r.Transitions {
		f.Moves = append(f.Moves, Move{When: or(daysText(t.Days), dateText(t.Date)), Class: t.Class, was: t})
	}
	if e := r.Expiration; e != nil {
		f.Expire, f.Markers = or(numberText(e.Days), dateText(e.Date)), e.ExpiredMarkers
	}
	for _, t := range r.NoncurrentTransitions {
		f.OldMoves = append(f.OldMoves, Move{When: daysText(t.Days), Class: t.Class, Keep: numberText(t.Keep), oldWas: t})
	}
	if e := r.NoncurrentExpiration; e != nil {
		f.OldExpire, f.OldKeep = numberText(e.Days), numberText(e.Keep)
	}
	if r.AbortUploads != nil {
		f.Abort = numberText(r.AbortUploads.Days)
	}
	return f
}

// Faults is what is wrong with the fields of a rule, by field: "id", "tags", "greater", "less", "move0", "expire", "oldmove0",
// "oldexpire", "oldkeep", "abort"; "" is the rule as a whole.
type Faults map[string]string

func (f Faults) add(field, words string) {
	if _, there := f[field]; !there {
		f[field] = words
	}
}

// days reads a number of days that is at least least; ok is false for other texts.
func days(s string, least int) (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n >= least && n <= 1<<31-1
}

// when reads days or a date; a date that was there keeps its form.
func when(s, was string, least int) (n *int, date string, ok bool) {
	s = strings.TrimSpace(s)
	if d, isDays := days(s, least); isDays {
		return &d, "", true
	}
	if was != "" && s == dateText(was) {
		return nil, was, true
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return nil, "", false
	}
	return nil, t.Format(time.RFC3339), true
}

// rule is r with the fields in it. What the fields do not tell stays as it is in r. With faults it is not to be sent.
func (f RuleFields) rule(r storage.LifecycleRule) (storage.LifecycleRule, Faults) {
	bad := Faults{}
	r.ID, r.Status = strings.TrimSpace(f.ID), "Disabled"
	if f.Enabled {
		r.Status = "Enabled"
	}
	r.SetScope(storage.LifecycleScope{Prefix: f.Prefix, Tags: f.Tags, Greater: readSize(f.Greater, "greater", bad), Less: readSize(f.Less, "less", bad)})
	f.moves(&r, bad)
	f.expire(&r, bad)
	r.NoncurrentExpiration = f.oldExpire(r.NoncurrentExpiration, bad)
	r.AbortUploads = f.abort(r.AbortUploads, bad)
	if len(bad) > 0 {
		return r, bad
	}
	var fault *storage.LifecycleFault
	if err := r.Check(); errors.As(err, &fault) {
		bad.add(faultField(fault), fault.Text)
	}
	return r, bad
}

func readSize(s, field string, bad Faults) int64 {
	if strings.TrimSpace(s) == "" {
		return 0
	}
	n, err := units.ParseBytes(strings.TrimSpace(s))
	if err != nil || n == 0 {
		bad.add(field, text.T("lifecycle.no_size"))
	}
	return n
}

func (f RuleFields) moves(r *storage.LifecycleRule, bad Faults) {
	r.Transitions, r.NoncurrentTransitions = nil, nil
	for i, m := range f.Moves {
		t := m.was
		var ok bool
		if t.Days, t.Date, ok = when(m.When, m.was.Date, 0); !ok {
			bad.add(fmt.Sprintf("move%d", i), text.T("lifecycle.no_when"))
		}
		t.Class = m.Class
		r.Transitions = append(r.Transitions, t)
	}
	for i, m := range f.OldMoves {
		t := m.oldWas
		n, ok := days(m.When, 0)
		if t.Days = &n; !ok {
			bad.add(fmt.Sprintf("oldmove%d", i), text.T("lifecycle.no_days"))
		}
		if t.Keep, ok = keep(m.Keep); !ok {
			bad.add(fmt.Sprintf("oldmove%d", i), text.T("lifecycle.no_keep"))
		}
		t.Class = m.Class
		r.NoncurrentTransitions = append(r.NoncurrentTransitions, t)
	}
}

// keep reads how many older versions stay; none by default.
func keep(s string) (int, bool) {
	if strings.TrimSpace(s) == "" {
		return 0, true
	}
	n, ok := days(s, 1)
	return n, ok && n <= 100
}

func (f RuleFields) expire(r *storage.LifecycleRule, bad Faults) {
	e := storage.LifecycleExpiration{}
	if r.Expiration != nil {
		e = *r.Expiration
	}
	was := e.Date
	e.Days, e.Date, e.ExpiredMarkers = 0, "", f.Markers
	if strings.TrimSpace(f.Expire) != "" {
		n, date, ok := when(f.Expire, was, 1)
		if !ok {
			bad.add("expire", text.T("lifecycle.no_when"))
		}
		if e.Date = date; n != nil {
			e.Days = *n
		}
	}
	if r.Expiration = &e; e.Days == 0 && e.Date == "" && !e.ExpiredMarkers && len(e.Foreign) == 0 {
		r.Expiration = nil
	}
}

func (f RuleFields) oldExpire(was *storage.NoncurrentExpiration, bad Faults) *storage.NoncurrentExpiration {
	e := storage.NoncurrentExpiration{}
	if was != nil {
		e = *was
	}
	if strings.TrimSpace(f.OldExpire+f.OldKeep) == "" && len(e.Foreign) == 0 {
		return nil
	}
	var ok bool
	if e.Days, ok = days(f.OldExpire, 1); !ok {
		bad.add("oldexpire", text.T("lifecycle.no_days"))
	}
	if e.Keep, ok = keep(f.OldKeep); !ok {
		bad.add("oldkeep", text.T("lifecycle.no_keep"))
	}
	return &e
}

func (f RuleFields) abort(was *storage.AbortUploads, bad Faults) *storage.AbortUploads {
	a := storage.AbortUploads{}
	if was != nil {
		a = *was
	}
	if strings.TrimSpace(f.Abort) == "" && len(a.Foreign) == 0 {
		return nil
	}
	var ok bool
	if a.Days, ok = days(f.Abort, 1); !ok {
		bad.add("abort", text.T("lifecycle.no_days"))
	}
	return &a
}

// faultField is the field that S3 would refuse.
func faultField(f *storage.LifecycleFault) string {
	switch f.Field {
	case "ID":
		return "id"
	case "Filter":
		return "tags"
	case "Transition":
		return fmt.Sprintf("move%d", f.Index)
	case "NoncurrentVersionTransition":
		return fmt.Sprintf("oldmove%d", f.Index)
	case "Expiration":
		return "expire"
	case "NoncurrentVersionExpiration":
		return "oldexpire"
	case "AbortIncompleteMultipartUpload":
		return "abort"
	}
	return ""
}

// ruleName is what a rule is called.
func ruleName(r storage.LifecycleRule) string { return or(r.ID, text.T("lifecycle.unnamed")) }

// ruleScope says which objects a rule is for.
func ruleScope(r storage.LifecycleRule) string {
	c := r.Scope()
	parts := []string{or(c.Prefix, text.T("lifecycle.all"))}
	for _, t := range c.Tags {
		parts = append(parts, t.Key+"="+t.Value)
	}
	if c.Greater > 0 {
		parts = append(parts, text.T("lifecycle.over", sizeText(c.Greater)))
	}
	if c.Less > 0 {
		parts = append(parts, text.T("lifecycle.under", sizeText(c.Less)))
	}
	return strings.Join(parts, ", ")
}

// afterText is "after 30 days" or "on 2027-01-01".
func afterText(n *int, date string) string {
	if n == nil {
		return text.T("lifecycle.on", dateText(date))
	}
	return text.N("lifecycle.after", *n, *n)
}

// ruleActs says what a rule does.
func ruleActs(r storage.LifecycleRule) string {
	var out []string
	for _, t := range r.Transitions {
		out = append(out, text.T("lifecycle.moves", t.Class, afterText(t.Days, t.Date)))
	}
	if e := r.Expiration; e != nil {
		if e.Days > 0 {
			out = append(out, text.T("lifecycle.expires", afterText(&e.Days, "")))
		} else if e.Date != "" {
			out = append(out, text.T("lifecycle.expires", afterText(nil, e.Date)))
		}
		if e.ExpiredMarkers {
			out = append(out, text.T("lifecycle.markers"))
		}
	}
	for _, t := range r.NoncurrentTransitions {
		out = append(out, text.T("lifecycle.old_moves", t.Class, afterText(t.Days, ""))+kept(t.Keep))
	}
	if e := r.NoncurrentExpiration; e != nil {
		out = append(out, text.T("lifecycle.old_expire", afterText(&e.Days, ""))+kept(e.Keep))
	}
	if r.AbortUploads != nil {
		out = append(out, text.T("lifecycle.aborts", afterText(&r.AbortUploads.Days, "")))
	}
	if len(r.Foreign) > 0 {
		out = append(out, text.T("lifecycle.more"))
	}
	return or(strings.Join(out, "; "), text.T("lifecycle.nothing"))
}

func kept(n int) string {
	if n == 0 {
		return ""
	}
	return text.T("lifecycle.kept", n)
}

// ruleWords is a rule in a sentence.
func ruleWords(r storage.LifecycleRule) string {
	words := ruleScope(r) + ": " + ruleActs(r)
	if r.Status != "Enabled" {
		words = text.T("lifecycle.off", words)
	}
	return words
}
