package storagetest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pintail/storage"
)

var rewindCases = []testCase{
	{"a folder goes back to what it was, whatever was done since", []string{"version.rewind"}, rewind},
	{"a bucket without versions has no past", nil, func(e *Env) {
		e.MustPut("k", []byte("x"), storage.WriteOptions{})
		for _, err := range e.S.AsOf(e.Context(), storage.Location{Bucket: e.Bucket}, time.Now(), storage.ListOptions{}) {
			e.wantKind(err, storage.KindUnsupported)
		}
	}},
}

// model is what a bucket should hold: by key "body metadata".
type model map[string]string

// rewind does random things, remembers what there was at some moments, and goes back to each of them.
func rewind(e *Env) {
	if e.Target.Quirks.WholeSeconds {
		e.Skip("the server tells times in whole seconds: what was at a moment cannot be told in a quick test")
	}
	enableVersions(e)
	seed := rand.Uint64()
	e.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	keys := []string{"r/a", "r/b c", "r/d/e", "r/d/é+%", "r/z"}
	now := model{}
	var moments []time.Time
	var past []model
	outside := e.MustPut("q", []byte("left alone"), storage.WriteOptions{})
	for range 4 {
		for range 5 {
			randomChange(e, r, keys, now)
		}
		time.Sleep(30 * time.Millisecond) // the times of what was done and of what follows are apart
		moments, past = append(moments, time.Now()), append(past, maps.Clone(now))
		time.Sleep(30 * time.Millisecond)
	}
	for i := len(moments) - 1; i >= 0; i-- { // a marker that is removed is not seen from a later moment any more
		folderThen(e, moments[i])
		versions := len(versionsBelow(e))
		rewindTo(e, moments[i], false)
		if got := current(e); !maps.Equal(got, past[i]) {
			e.Fatalf("moment %d: %v, want %v", i, got, past[i])
		}
		if again := rewindTo(e, moments[i], true); again != 0 {
			e.Errorf("moment %d: %d keys were changed by the second run", i, again)
		}
		if len(versionsBelow(e)) < versions {
			e.Errorf("moment %d: versions were lost", i)
		}
	}
	if info, err := e.S.Stat(e.Context(), e.Loc("q")); err != nil || info.ETag != outside.ETag || len(e.VersionsOf("q", 0)) != 1 {
		e.Errorf("what is outside was touched: %+v, %v", info, err)
	}
}

// folderThen lists one folder as of a time in pages of two: the keys right in it that a listing of all tells, and the folders.
func folderThen(e *Env, at time.Time) {
	list := func(o storage.ListOptions) (keys []string, prefixes []string) {
		for page, err := range e.S.AsOf(e.Context(), e.Loc("r/"), at, o) {
			if err != nil {
				e.Fatal(err)
			}
			prefixes = append(prefixes, page.Prefixes...)
			for _, k := range page.Keys {
				if !strings.Contains(strings.TrimPrefix(k.Key, "r/"), "/") {
					keys = append(keys, fmt.Sprint(k.Key, " ", k.Was.Version, " ", k.Now.Version, " ", k.Action))
				}
			}
		}
		return keys, prefixes
	}
	all, _ := list(storage.ListOptions{})
	here, folders := list(storage.ListOptions{Delimiter: "/", PageSize: 2})
	if !slices.Equal(all, here) || len(folders) > 1 || len(folders) == 1 && folders[0] != "r/d/" {
		e.Errorf("the folder as of %s: %q and %q, of all %q", at, here, folders, all)
	}
}

func randomChange(e *Env, r *rand.Rand, keys []string, now model) {
	key := keys[r.IntN(len(keys))]
	if r.IntN(3) == 0 {
		if _, err := e.S.Delete(e.Context(), e.Loc(key)); err != nil {
			e.Fatal(err)
		}
		delete(now, key)
		return
	}
	body, meta := strings.Repeat("x", r.IntN(3)), fmt.Sprint(r.IntN(3))
	e.MustPut(key, []byte(body), storage.WriteOptions{Metadata: map[string]string{"m": meta}})
	now[key] = body + " " + meta
}

// rewindTo puts the folder r/ back, and returns how many keys were changed. A page size makes keys go over pages.
func rewindTo(e *Env, at time.Time, second bool) int {
	e.Helper()
	var plan []storage.Then
	for page, err := range e.S.AsOf(e.Context(), storage.Location{Bucket: e.Bucket, Key: "r/"}, at, storage.ListOptions{PageSize: 3}) {
		if err != nil {
			e.Fatal(err)
		}
		plan = append(plan, page.Keys...)
	}
	if !slices.IsSortedFunc(plan, func(a, b storage.Then) int { return strings.Compare(a.Key, b.Key) }) {
		e.Errorf("keys are not in order: %+v", plan)
	}
	changed := 0
	for _, t := range plan {
		done, err := e.S.Rewind(e.Context(), e.Bucket, t)
		if err != nil {
			e.Fatalf("%+v: %v", t, err)
		}
		if done.Action != storage.RewindNothing {
			changed++
			if second {
				e.Errorf("again: %+v: %+v", t, done)
			}
		}
	}
	return changed
}

func current(e *Env) model {
	e.Helper()
	got := model{}
	entries, _, _ := e.Entries("r/", storage.ListOptions{})
	for _, en := range entries {
		rd, err := e.S.Read(e.Context(), e.Loc(en.Key), storage.ReadOptions{Whole: true})
		if err != nil {
			e.Fatal(err)
		}
		b, err := io.ReadAll(rd)
		if err != nil {
			e.Fatal(err)
		}
		got[en.Key] = string(b) + " " + rd.Info.Metadata["m"]
		_ = rd.Close()
	}
	return got
}

// versionsBelow are the versions that are no markers.
func versionsBelow(e *Env) (all []storage.Entry) {
	for page, err := range e.S.ListVersions(context.WithoutCancel(e.Context()), e.Bucket, "r/", storage.ListOptions{}) {
		if err != nil {
			e.Fatal(err)
		}
		for _, v := range page.Entries {
			if !v.Marker {
				all = append(all, v)
			}
		}
	}
	return all
}
