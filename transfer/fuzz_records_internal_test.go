package transfer

import (
	"errors"
	"strings"
	"testing"
	"time"

	match "pintail/internal/pattern"
)

// FuzzSyncRecord reads an entry of a plan from bytes: what can be read is written as it was read.
func FuzzSyncRecord(f *testing.F) {
	for _, r := range []syncRecord{{}, {class: 1, do: Upload, why: WhySize, key: "a/b", path: "a/B", keep: 3, folder: true, sourceThere: true,
		source: fileState{size: 5, modified: time.Unix(1, 2), etag: "e", class: "c"}, err: errors.Join(ErrChanged)}} {
		f.Add(r.append(nil))
	}
	f.Add([]byte{0, 1, 1, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := recordReader{b: b}
		r := d.next()
		if d.bad {
			return
		}
		again := recordReader{b: r.append(nil)}
		back := again.next()
		if again.bad || len(again.b) > 0 || back.key != r.key || back.path != r.path || back.do != r.do || back.why != r.why || back.class != r.class ||
			back.source != r.source || back.target != r.target || back.keep != r.keep || (back.err == nil) != (r.err == nil) {
			t.Fatalf("%+v comes back as %+v", r, back)
		}
	})
}

// FuzzFilters takes any patterns that a request may have: none makes a plan fail or take forever, and what is excluded by its own name is left out.
func FuzzFilters(f *testing.F) {
	f.Add("*.tmp", "a/b.tmp")
	f.Add("**/{a,b}/[!x-z]*", "q/a/m")
	f.Add(strings.Repeat("**/", 20)+"x", strings.Repeat("a/", 40))
	f.Add(`\*`, "*")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		o := Options{Ignore: []string{pattern}, Include: []string{pattern}, Exclude: []string{pattern}}
		if o.validate() != nil || len(pattern) > 200 || len(key) > maxKeyBytes {
			return
		}
		p := &planning{r: &run{req: Request{Options: Options{Ignore: o.Ignore, Exclude: o.Exclude}}}}
		left := p.prune(key, false)
		p.r.req.Options = Options{Include: o.Include}
		wanted := p.wanted(key, time.Time{})
		plain := !strings.ContainsAny(pattern, `*?[{\`) && pattern != "" && key != "" && !strings.HasSuffix(key, "/")
		if plain && pattern == key && (!left || !wanted) {
			t.Fatalf("%q does not match itself: left out %v, wanted %v", key, left, wanted)
		}
		if ok := match.Match(pattern, key); ok && !wanted {
			t.Fatalf("%q matches %q, and it is not wanted", pattern, key)
		}
	})
}

// FuzzOwner reads the owner of a transfer from a journal that others may have written: nothing makes an owner that lives gone.
func FuzzOwner(f *testing.F) {
	for _, s := range []string{"", "a/b", "h/-1/x/y/z", "h/99999999999999999999/x/y/z", newOwner("x")} {
		f.Add(s)
	}
	living := newOwner("label")
	f.Fuzz(func(t *testing.T, s string) {
		_ = ownerGone(s)
		if ownerLabel(s) == "" && s != "" {
			t.Fatalf("%q has no name for people", s)
		}
		if ownerGone(living) {
			t.Fatal("this process is gone")
		}
	})
}
