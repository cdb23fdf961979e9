package killtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pintail/internal/demo"
	"pintail/storage"
)

const (
	largeSize  = 3*partSize + 1_234_567
	largeParts = 4
	smallFiles = 3   // beside the large one
	manyFiles  = 120 // of the journal's case
	movedFiles = 12
	framing    = 64 << 10 // around the bytes of parts, as the server counts them: far less than a part
)

// job is one transfer that is killed several times and then brought to its end.
type job struct {
	*machine
	g      *gate
	rnd    *rand.Rand
	kind   string
	number int
	lk     *lock
	base   int64 // the newest transfer before this one
	kills  int
	twice  int64             // bytes of the large file that went again
	want   map[string]string // hash by name below the target
}

func (j *job) prefix() string   { return fmt.Sprintf("%s-%d/", j.kind, j.number) }
func (j *job) largeKey() string { return j.prefix() + "large" }

// sources are made once for all jobs.
type sources struct{ tree, many, objects map[string]string }

func makeSources(m *machine) sources {
	s := sources{map[string]string{}, map[string]string{}, map[string]string{}}
	s.tree["large"], s.objects["large"] = m.file("tree/large", largeSize, 1), m.object("from/large", largeSize, 2)
	for i := range smallFiles {
		name := fmt.Sprintf("s%d", i)
		s.tree[name], s.objects[name] = m.file("tree/"+name, int64(1000*i), uint64(i)), m.object("from/"+name, int64(1000*i), uint64(i))
	}
	for i := range manyFiles {
		name := fmt.Sprintf("%02d/f%03d", i%7, i)
		s.many[name] = m.file("many/"+name, int64(i), uint64(i))
	}
	return s
}

// command is what the job begins with.
func (j *job) command() []string {
	switch j.kind {
	case "download":
		return []string{"cp", "-r", "s3://" + j.bucket + "/from/", j.prefix()}
	case "move":
		return []string{"mv", "--yes", "-r", "s3://" + j.bucket + "/old-" + j.prefix(), "s3://" + j.bucket + "/" + j.prefix()}
	case "journal":
		return []string{"cp", "-r", "many/", "s3://" + j.bucket + "/" + j.prefix()}
	case "sync":
		return []string{"sync", "--yes", "tree/", "s3://" + j.bucket + "/" + j.prefix()}
	}
	return []string{"cp", "-r", "tree/", "s3://" + j.bucket + "/" + j.prefix()}
}

// run kills the job at each point in turn and then lets it end. It returns the names of the points at which it was killed.
func (j *job) run(points []point) []string {
	j.Helper()
	j.server.Demo.ResetRequests()
	j.base = j.newest()
	var struck []string
	args := j.command()
	for _, p := range points {
		c := j.start(args...)
		if !j.killAt(c, p) {
			args = j.next() // it ended before the random moment: there is nothing to go on with
			break
		}
		struck = append(struck, p.name)
		j.kills++
		j.survived(p)
		args = j.next()
	}
	j.finish(j.start(args...))
	j.ended()
	return struck
}

// next is how the job goes on: anew if it was killed before it was recorded.
func (j *job) next() []string {
	if j.newest() == j.base {
		return j.command()
	}
	return []string{"transfers", "resume"}
}

// newest is the number of the newest transfer that is not the neighbour's.
func (j *job) newest() (id int64) {
	j.Helper()
	if fi, err := os.Stat(j.journal); err != nil || fi.Size() == 0 {
		return 0
	}
	return j.number64("SELECT coalesce(max(id), 0) FROM transfers WHERE kind <> 'copy'")
}

func (j *job) number64(query string, args ...any) (n int64) {
	j.Helper()
	db := j.database()
	defer db.Close() // only read
	if err := db.QueryRowContext(j.Context(), query, args...).Scan(&n); err != nil && !strings.Contains(err.Error(), "no such table") {
		j.Fatal(err)
	}
	return n
}

// pending is how many items of the job the journal does not know to have ended.
func (j *job) pending() int64 {
	return j.number64("SELECT count(*) FROM items WHERE transfer = ? AND result = ''", j.newest())
}

// killAt waits until the child is at the point and kills it there. False means that it ended first, which only a random point allows.
func (j *job) killAt(c *child, p point) bool {
	j.Helper()
	var at <-chan struct{}
	if p.rule != nil {
		at = j.g.arm(p.rule(j))
	} else {
		stop := make(chan struct{})
		defer close(stop)
		at = p.moment(j, stop)
	}
	select {
	case <-at:
		c.kill()
	case <-c.ended:
		if p.rule != nil || c.err != nil {
			j.Fatalf("%s: it ended before it could be killed there: %v: %s", p.name, c.err, c.out)
		}
	case <-time.After(hangs):
		c.kill()
		j.Fatalf("%s: it is not reached: %s", p.name, c.out)
	}
	j.after(p)
	return c.err != nil
}

// after lets go of what was held for a kill, and checks that the kill was where it had to be.
func (j *job) after(p point) {
	j.Helper()
	if err := j.g.open(); err != nil {
		j.Fatalf("%s: %v", p.name, err)
	}
	if p.check != nil {
		p.check(j)
	}
	if err := j.lk.open(); err != nil {
		j.Fatal(err)
	}
	j.lk = nil
}

// survived checks what must hold after a kill, before anything is resumed: no target has wrong bytes, and nothing unfinished is
// unknown to the journal.
func (j *job) survived(p point) {
	j.Helper()
	j.whole()
	for name, want := range j.want {
		have := ""
		if j.kind == "download" {
			have = j.fileSum(j.prefix() + name)
		} else if name == "large" || j.kind == "move" {
			have = j.objectSum(j.prefix() + name)
		}
		if have != "" && have != want {
			j.Errorf("%s: after the kill, %s is neither absent nor whole", p.name, name)
		}
		if j.kind == "move" && have == "" && j.objectSum("old-"+j.prefix()+name) != want {
			j.Errorf("%s: after the kill, %s is in neither place", p.name, name)
		}
	}
	known := j.names("SELECT upload FROM uploads")
	for _, id := range j.uploads(j.prefix()) {
		if !known[id] && !known["."] { // an upload about to be made has no id yet
			j.Errorf("%s: the journal does not know the upload %s", p.name, id)
		}
	}
	known = j.names("SELECT temp FROM downloads")
	for _, name := range j.temps(j.prefix()) {
		if !known[name] {
			j.Errorf("%s: the journal does not know the file %s", p.name, name)
		}
	}
}

// ended checks what must hold when the job is done.
func (j *job) ended() {
	j.Helper()
	for name, want := range j.want {
		have := ""
		if j.kind == "download" {
			have = j.fileSum(j.prefix() + name)
		} else {
			have = j.objectSum(j.prefix() + name)
		}
		if have != want {
			j.Errorf("%s %d: %s has other bytes than its source: %.8s, want %.8s", j.kind, j.number, name, have, want)
		}
		if j.kind == "move" && j.objectSum("old-"+j.prefix()+name) != "" {
			j.Errorf("move %d: %s is still there", j.number, name)
		}
	}
	if left := j.uploads(j.prefix()); len(left) > 0 {
		j.Errorf("%s %d: uploads are left: %q", j.kind, j.number, left)
	}
	if left := j.temps(j.prefix()); len(left) > 0 {
		j.Errorf("%s %d: temporary files are left: %q", j.kind, j.number, left)
	}
	if state := j.number64("SELECT state = 'done' FROM transfers WHERE id = ?", j.newest()); state != 1 {
		j.Errorf("%s %d: the journal does not say that it is done", j.kind, j.number)
	}
	again := j.again()
	j.twice = again
	if most := int64(j.kills*connections*partSize) + framing; again > most {
		j.Errorf("%s %d: %d bytes went again after %d kills, at most %d were in flight", j.kind, j.number, again, j.kills, most)
	}
	j.clear()
}

// sizeOf is the size of the file whose bytes are counted; 0 = the kind has none.
func sizeOf(kind string) int64 {
	if kind == "move" || kind == "journal" {
		return 0
	}
	return largeSize
}

// again is how much of the large file went more than once, as the server counted it.
func (j *job) again() int64 {
	switch j.kind {
	case "upload", "sync":
		in, _ := sent(j.server.Demo, "UploadPart", j.largeKey())
		return max(0, in-largeSize)
	case "download":
		_, out := sent(j.server.Demo, "GetObject", "from/large")
		return max(0, out-largeSize)
	}
	return 0
}

// clear removes what the job made.
func (j *job) clear() {
	j.Helper()
	if j.kind == "download" {
		if err := os.RemoveAll(filepath.Join(j.dir, j.prefix())); err != nil {
			j.Error(err)
		}
		return
	}
	var locs []storage.Location
	for name := range j.want {
		locs = append(locs, storage.Location{Bucket: j.bucket, Key: j.prefix() + name})
	}
	if _, err := j.session.DeleteMany(j.Context(), j.bucket, locs); err != nil {
		j.Error(err)
	}
}

// newJob prepares a job of a kind.
func newJob(m *machine, g *gate, rnd *rand.Rand, s sources, kind string, number int) *job {
	j := &job{machine: m, g: g, rnd: rnd, kind: kind, number: number}
	switch kind {
	case "download":
		j.want = s.objects
	case "journal":
		j.want = s.many
	case "move":
		j.want = map[string]string{}
		for i := range movedFiles {
			name := fmt.Sprintf("k%02d", i)
			j.want[name] = m.object("old-"+j.prefix()+name, int64(100*i), uint64(i))
		}
	default:
		j.want = s.tree
	}
	return j
}

// point is a moment at which a job is killed.
type point struct {
	name   string
	phase  string                                             // of the phases that every run must have been killed in
	rule   func(*job) *rule                                   // holds the job surely there, or
	moment func(j *job, stop <-chan struct{}) <-chan struct{} // a moment of chance
	check  func(*job)                                         // that the kill was inside, by what is left
	alone  bool                                               // only the first run of a job surely comes to it
	final  bool                                               // nothing is left to be done after it
}

// onLarge matches an operation on the large file's key.
func onLarge(j *job, op string) func(demo.Target, *http.Request) bool {
	key := j.largeKey()
	if j.kind == "download" {
		key = "from/large"
	}
	return func(t demo.Target, _ *http.Request) bool { return t.Op == op && t.Key == key }
}

// onOp matches an operation on anything of the job.
func onOp(j *job, op string) func(demo.Target, *http.Request) bool {
	return func(t demo.Target, _ *http.Request) bool {
		return t.Op == op && (t.Key == "" || strings.HasPrefix(t.Key, j.prefix()) || strings.HasPrefix(t.Key, "old-"+j.prefix()))
	}
}

// held holds an operation on the large file at a stage.
func held(op string, at stage, nth int) func(*job) *rule {
	return func(j *job) *rule {
		if j.kills > 0 {
			nth = 0 // only one may be missing
		}
		return &rule{stage: at, match: onLarge(j, op), nth: nth}
	}
}

// locked lets an operation be answered, with the journal locked: the client stands in its next commit. Until says by what is
// there that it has come so far.
func locked(op string, match func(*job, string) func(demo.Target, *http.Request) bool, until func(*job) bool) func(*job) *rule {
	return func(j *job) *rule {
		return &rule{
			stage: answered, match: match(j, op),
			hook: func() (err error) { j.lk, err = j.lock(); return err },
			after: func() error {
				for end := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
					if until(j) {
						time.Sleep(5 * time.Millisecond) // it comes to its commit
						return nil
					}
					if time.Now().After(end) {
						return fmt.Errorf("after %s: what was waited for does not come about", op)
					}
				}
			},
		}
	}
}

// lastPart matches the part with which all have come.
func lastPart(j *job, op string) func(demo.Target, *http.Request) bool {
	seen := map[string]map[string]bool{}
	match := onLarge(j, op)
	return func(t demo.Target, r *http.Request) bool {
		if !match(t, r) {
			return false
		}
		id := t.Query.Get("uploadId")
		if seen[id] == nil {
			seen[id] = map[string]bool{}
			for n := range j.stored() {
				seen[id][n] = true
			}
		}
		seen[id][t.Query.Get("partNumber")] = true
		return len(seen[id]) == largeParts
	}
}

// allRanges matches an operation on the large object once the journal has all its ranges.
func allRanges(j *job, op string) func(demo.Target, *http.Request) bool {
	match := onLarge(j, op)
	return func(t demo.Target, r *http.Request) bool {
		return match(t, r) && j.number64("SELECT count(*) FROM parts WHERE transfer = ?", j.newest()) == largeParts
	}
}

// stored are the parts that the server has of the large file's unfinished upload.
func (j *job) stored() map[string]bool {
	ctx, found := context.WithoutCancel(j.Context()), map[string]bool{}
	for _, id := range j.uploads(j.largeKey()) {
		for ps, err := range j.session.Parts(ctx, storage.Location{Bucket: j.bucket, Key: j.largeKey()}, id) {
			if err != nil {
				return found
			}
			for _, p := range ps {
				found[fmt.Sprint(p.Number)] = true
			}
		}
	}
	return found
}

func always(*job) bool { return true }

func largeThere(j *job) bool { return j.objectSum(j.largeKey()) == j.want["large"] }

// atRandom is after a random event at the server, and a little later.
func atRandom(most int64) func(*job, <-chan struct{}) <-chan struct{} {
	return func(j *job, stop <-chan struct{}) <-chan struct{} {
		select {
		case <-j.g.random:
		default:
		}
		j.g.at.Store(j.g.events.Load() + 1 + j.rnd.Int64N(most))
		late := time.Duration(j.rnd.Int64N(int64(3 * time.Millisecond)))
		at := make(chan struct{})
		go func() {
			select {
			case <-j.g.random:
				time.Sleep(late)
				close(at)
			case <-stop:
			}
		}()
		return at
	}
}

// whenWritten is at one of the moments at which the journal's file grows or changes.
func whenWritten(most int) func(*job, <-chan struct{}) <-chan struct{} {
	return func(j *job, stop <-chan struct{}) <-chan struct{} {
		n, at := 1+j.rnd.IntN(most), make(chan struct{})
		look := func() (s string) {
			if fi, err := os.Stat(j.journal + "-wal"); err == nil {
				s = fmt.Sprint(fi.Size(), fi.ModTime())
			}
			return s
		}
		before := look()
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Microsecond):
				}
				if now := look(); now != before {
					before = now
					if n--; n == 0 {
						close(at)
						return
					}
				}
			}
		}()
		return at
	}
}
