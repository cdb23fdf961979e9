package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"os"
	"pintail/internal/paths"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/testkit/client"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
)

// bench is the server of one script. Its state is set and read without the program's own client.
type bench struct {
	network     *networkBench  // after the command network
	demo        *demo.Server   // nil on a real server
	independent *client.Client // nil on the embedded one
	account     client.Account
	faults      atomic.Pointer[faultserver.Faults]
}

type benchKey struct{}

func startBench(t *testing.T, env *testscript.Env) (*bench, error) {
	b := &bench{}
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Hosts: []string{insideName}, Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f := b.faults.Load(); f != nil {
				f.Middleware(next).ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		return nil, err
	}
	env.Defer(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b.demo, b.account = s, client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()}
	return b, nil
}

func benchOf(ts *testscript.TestScript) *bench { return ts.Value(benchKey{}).(*bench) }

// objects are the current objects of a bucket by key, sorted.
func (b *bench) objects(ts *testscript.TestScript, bucket string) []demo.Object {
	if b.demo != nil {
		list, err := b.demo.Contents(bucket)
		ts.Check(err)
		return list
	}
	dir, err := os.MkdirTemp(ts.Getenv("WORK"), "independent-")
	ts.Check(err)
	b.independent.GetTree(bucket, "", dir) // one start of the command for all
	below, err := contentsBelow(dir)
	ts.Check(err)
	var list []demo.Object
	for _, key := range slices.Sorted(maps.Keys(below)) {
		body, err := os.ReadFile(below[key])
		ts.Check(err)
		list = append(list, demo.Object{Bucket: bucket, Key: key, Body: body})
	}
	return list
}

// bucketArg takes "-in BUCKET" off the arguments; without it the script's own bucket is meant.
func bucketArg(ts *testscript.TestScript, args []string) (string, []string) {
	if len(args) > 1 && args[0] == "-in" {
		return args[1], args[2:]
	}
	return ts.Getenv("BUCKET"), args
}

// holds [-in BUCKET] KEY[=TEXT]...: the bucket has these objects and no others, with this content if it is given (a line's end is
// not compared).
func holds(ts *testscript.TestScript, neg bool, args []string) {
	bucket, args := bucketArg(ts, args)
	have := map[string]string{}
	for _, o := range benchOf(ts).objects(ts, bucket) {
		have[o.Key] = string(o.Body)
	}
	err := sameState(have, args)
	if neg != (err != nil) {
		ts.Fatalf("%s: %v", bucket, err)
	}
}

// files DIR NAME[=TEXT]...: the folder has these files and no others.
func files(ts *testscript.TestScript, neg bool, args []string) {
	have := map[string]string{}
	if below, err := contentsBelow(ts.MkAbs(args[0])); err == nil {
		for name, path := range below {
			body, err := os.ReadFile(path)
			ts.Check(err)
			have[name] = string(body)
		}
	}
	err := sameState(have, args[1:])
	if neg != (err != nil) {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

func sameState(have map[string]string, want []string) error {
	left := maps.Clone(have)
	for _, w := range want {
		key, text, exact := strings.Cut(w, "=")
		body, ok := have[key]
		switch {
		case !ok:
			return fmt.Errorf("%q is missing; there are %q", key, slices.Sorted(maps.Keys(have)))
		case exact && strings.TrimRight(body, "\n") != text:
			return fmt.Errorf("%q has %.80q, want %q", key, body, text)
		}
		delete(left, key)
	}
	if len(left) > 0 {
		return fmt.Errorf("there are also %q", slices.Sorted(maps.Keys(left)))
	}
	return nil
}

// has KEY class=… type=… sse=… meta.NAME=… tag.NAME=…: the object has these properties.
func has(ts *testscript.TestScript, neg bool, args []string) {
	bucket, args := bucketArg(ts, args)
	list := benchOf(ts).objects(ts, bucket)
	i := slices.IndexFunc(list, func(o demo.Object) bool { return o.Key == args[0] })
	if i < 0 {
		ts.Fatalf("there is no %q", args[0])
	}
	o := list[i]
	all := map[string]string{"class": o.Class, "type": o.ContentType, "sse": o.Encryption}
	for k, v := range o.Meta {
		all["meta."+k] = v
	}
	for k, v := range o.Tags {
		all["tag."+k] = v
	}
	for _, want := range args[1:] {
		k, v, _ := strings.Cut(want, "=")
		if got, ok := all[k]; neg == (ok && got == v) {
			ts.Fatalf("%s has %s %q; all: %q", o.Key, k, got, all)
		}
	}
}

// put KEY TEXT [age=TIME] [class=…] [size=…] [type=…] [meta.NAME=…] [tag.NAME=…] [marker]: sets an object, as another program would.
func put(ts *testscript.TestScript, _ bool, args []string) {
	bucket, args := bucketArg(ts, args)
	o := demo.Object{Bucket: bucket, Key: args[0], Body: []byte(args[1]), Meta: map[string]string{}, Tags: map[string]string{}}
	for _, p := range args[2:] {
		k, v, _ := strings.Cut(p, "=")
		kind, name, _ := strings.Cut(k, ".")
		switch kind {
		case "age":
			d, err := units.ParseDuration(v)
			ts.Check(err)
			o.Modified = time.Now().Add(-d)
		case "size":
			n, err := units.ParseBytes(v)
			ts.Check(err)
			o.Body = make([]byte, n)
		case "class":
			o.Class = v
		case "type":
			o.ContentType = v
		case "meta":
			o.Meta[name] = v
		case "tag":
			o.Tags[name] = v
		case "marker":
			o.Marker = true
		default:
			ts.Fatalf("what is %s?", p)
		}
	}
	ts.Check(benchOf(ts).demo.Add(o))
}

// bucket [-versioned] NAME: makes a bucket without the program.
func makeBucket(ts *testscript.TestScript, _ bool, args []string) {
	versioned := args[0] == "-versioned"
	if c := benchOf(ts).independent; c != nil {
		_, err := c.Try("create-bucket", map[string]any{"Bucket": args[len(args)-1]})
		ts.Check(err)
		if versioned {
			_, err = c.Try("put-bucket-versioning", map[string]any{"Bucket": args[len(args)-1], "VersioningConfiguration": map[string]any{"Status": "Enabled"}})
			ts.Check(err)
		}
		return
	}
	ts.Check(benchOf(ts).demo.AddBucket(args[len(args)-1], time.Now(), versioned))
}

// begin KEY PARTS...: begins a multipart upload as another program would, with parts of 5 MiB of these numbers; UPLOAD is its id.
func begin(ts *testscript.TestScript, _ bool, args []string) {
	b := benchOf(ts)
	ctx := context.Background()
	reg, err := profiles.OpenRegistry("")
	ts.Check(err)
	typed := keychain.Typed{KeyID: b.account.AccessKey, Secret: keychain.NewSecret(b.account.SecretKey)}
	c, err := connect.Open(ctx, connect.Env{Profiles: reg}, connect.Spec{Endpoint: b.account.Endpoint, Region: b.account.Region, KeyID: typed.KeyID, Typed: typed})
	ts.Check(err)
	defer c.Close() // nothing is under way
	s := c.Session
	loc := storage.Location{Bucket: ts.Getenv("BUCKET"), Key: args[0]}
	u, err := s.CreateUpload(ctx, loc, storage.WriteOptions{})
	ts.Check(err)
	for _, n := range args[1:] {
		name, of, _ := strings.Cut(n, "=") // 2=9: part 2 is of nines
		number, err := strconv.Atoi(name)
		ts.Check(err)
		_, err = s.UploadPart(ctx, loc, u, int32(number), storage.Body{R: strings.NewReader(strings.Repeat((of + n)[:1], 5<<20)), Size: 5 << 20})
		ts.Check(err)
	}
	ts.Setenv("UPLOAD", u.ID)
}

// parts FILE N...: makes the file that the parts of begin are of.
func parts(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for _, n := range args[1:] {
		b.WriteString(strings.Repeat(n[:1], 5<<20))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// fault OP KIND [key=…] [at=…] [nth=…] [times=…] [status=…] [code=…]: requests fail from now on. fault off ends that.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	b := benchOf(ts)
	if args[0] == "off" {
		b.faults.Store(nil)
		return
	}
	r := faultserver.Rule{Op: args[0], Kind: faultserver.Kind(args[1]), Times: -1}
	for _, p := range args[2:] {
		k, v, _ := strings.Cut(p, "=")
		n, err := strconv.Atoi(v)
		switch k {
		case "key":
			r.Key, err = v, nil
		case "at":
			r.At, err = faultserver.Position(v), nil
		case "code":
			r.Code, err = v, nil
		case "nth":
			r.Nth = n
		case "times":
			r.Times = n
		case "status":
			r.Status = n
		default:
			ts.Fatalf("what is %s?", p)
		}
		ts.Check(err)
	}
	if r.Op == "any" {
		r.Op = ""
	}
	b.faults.Store(faultserver.New(r))
}

// requests OP N: the server has seen N requests of this kind since the last time; requests reset begins anew.
func requests(ts *testscript.TestScript, _ bool, args []string) {
	d := benchOf(ts).demo
	if args[0] == "reset" {
		d.ResetRequests()
		return
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	n := 0
	for _, r := range d.Requests() {
		if args[0] == "any" || r.Op == args[0] {
			n++
		}
	}
	d.ResetRequests()
	if n != want {
		ts.Fatalf("%d requests of %s, want %d", n, args[0], want)
	}
}

// touch FILE TIME: the file was changed so long ago.
func touch(ts *testscript.TestScript, _ bool, args []string) {
	d, err := units.ParseDuration(args[1])
	ts.Check(err)
	at := time.Now().Add(-d)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), at, at))
}

// clock SPAN: the server's clock goes on by this.
func clock(ts *testscript.TestScript, _ bool, args []string) {
	d, err := units.ParseDuration(args[0])
	ts.Check(err)
	benchOf(ts).demo.AdvanceClock(d)
}

// moment NAME: sets a variable to this time; what was done before is older, what follows is newer.
func moment(ts *testscript.TestScript, _ bool, args []string) {
	const apart = 30 * time.Millisecond
	time.Sleep(apart)
	ts.Setenv(args[0], time.Now().UTC().Format(time.RFC3339Nano))
	time.Sleep(apart)
}

// take NAME REGEXP: sets a variable to what the first group finds in the last standard output.
func take(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	m := re.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("standard output never matches %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}

// spoil ID: makes the journal's record of a transfer unreadable, as that of another version may be.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	dirs, err := paths.For(runtime.GOOS, ts.Getenv)
	ts.Check(err)
	db, err := sql.Open("sqlite", "file:"+dirs.Journal()+"?_pragma=busy_timeout(20000)")
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	_, err = db.Exec("UPDATE transfers SET request = '{' WHERE id = ?", args[0])
	ts.Check(err)
}
