package storagetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pintail/storage"
)

var lockCases = []testCase{{"retention and legal hold of an object", nil, locks}}

func locks(e *Env) {
	e.Bucket += "-lock"
	err := e.S.MakeBucket(e.Context(), e.Bucket, storage.MakeBucketOptions{ObjectLock: true})
	if storage.KindOf(err) == storage.KindUnsupported {
		e.Skip("the server has no object lock")
	}
	if err != nil {
		e.Fatal(err)
	}
	proveFeature(e, "object.lock")
	own := *e
	e.Cleanup(func() { own.empty() })
	w := e.MustPut("k", []byte("x"), storage.WriteOptions{})
	loc := e.Loc("k")
	loc.Version = w.Version
	ctx := e.Context()
	must := func(err error) {
		e.Helper()
		if err != nil {
			e.Fatal(err)
		}
	}
	must(e.S.SetHold(ctx, loc, true))
	_, err = e.S.DeleteVersion(ctx, loc, "")
	e.wantKind(err, storage.KindPermission)
	must(e.S.SetHold(ctx, loc, false))
	until := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	e.wantKind(e.S.SetRetention(ctx, loc, "GOVERNANCE", time.Now().Add(-time.Hour), false), storage.KindInvalid)
	must(e.S.SetRetention(ctx, loc, "GOVERNANCE", until, false))
	must(e.S.SetRetention(ctx, loc, "GOVERNANCE", until.Add(24*time.Hour), false)) // longer
	if info, err := e.S.Stat(ctx, loc); err != nil || info.Lock.Mode != "GOVERNANCE" || !info.Lock.Until.Equal(until.Add(24*time.Hour)) || info.Lock.Hold {
		e.Errorf("%+v, %v", info.Lock, err)
	}
	if err := e.S.SetRetention(ctx, loc, "GOVERNANCE", until, false); err == nil {
		e.Error("a retention was made shorter without a word")
	}
	must(e.S.SetRetention(ctx, loc, "GOVERNANCE", time.Now().Add(2*time.Second), true)) // shorter, when asked for
}

// editLocked edits objects that are locked: the version that is written has the lock as well, and all else.
func editLocked(e *Env) {
	bucket := fmt.Sprintf("pintail-%016x", rand.Uint64()) // stays: what it holds is locked
	if err := e.S.MakeBucket(e.Context(), bucket, storage.MakeBucketOptions{ObjectLock: true}); err != nil {
		e.Fatal(err)
	}
	in := *e
	in.Bucket = bucket
	r := rand.New(rand.NewPCG(5, 6))
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	for i, lock := range []storage.Lock{{}, {Hold: true}, {Mode: storage.RetentionGovernance, Until: until}, {Mode: storage.RetentionCompliance, Until: until, Hold: true}} {
		key, o := fmt.Sprint("locked", i), in.drawWrite(r)
		o.Lock = lock
		data := Data(uint64(i), 100+i)
		in.MustPut(key, data, o)
		before := in.look(key, data)
		if before.info.Lock != lock {
			e.Fatalf("%+v was put, %+v is there", lock, before.info.Lock)
		}
		edit := in.drawEdit(r)
		w, err := e.S.Rewrite(e.Context(), in.Loc(key), edit, storage.RewriteOptions{})
		if err != nil {
			e.Fatalf("%d: %+v: %v", i, edit, err)
		}
		in.sameBut(before, edit, w.Ignored)
	}
}
