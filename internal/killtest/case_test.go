package killtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pintail/internal/localfs"
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
	lossy  bool              // the power was cut: the journal may have lost what it knew of parts
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

// next is how the job goes on: anew if it was killed before it was recorded, or a sync before its whole plan was.
func (j *job) next() []string {
	if j.newest() == j.base || j.kind == "sync" && j.number64("SELECT planned FROM transfers WHERE id = ?", j.newest()) == 0 {
		return j.command()
	}
	if j.lossy || j.kind == "sync" { // a plan that was lost may be left, and would fail again
		return []string{"transfers", "resume", strconv.FormatInt(j.newest(), 10)}
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

// point waits for p on its own; stop gives up waiting.
func (j *job) point(p point) (at <-chan struct{}, stop func()) {
	j.Helper()
	if p.rule != nil {
		return j.g.arm(p.rule(j)), func() {}
	}
	end := make(chan struct{})
	return p.moment(j, end), func() { close(end) }
}

// killAt waits until the child is at the point and kills it there. False means that it ended first, which only a random point allows.
func (j *job) killAt(c *child, p point) bool {
	j.Helper()
	at, stop := j.point(p)
	defer stop()
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
	maps.Copy(known, j.numbered())
	for _, name := range j.mustKnow() {
		if !known[name] {
			j.Errorf("%s: the journal does not know the file %s", p.name, name)
		}
	}
}

// numbered are the temporary files whose names follow from the number of a run, by their last element.
func (j *job) numbered() map[string]bool {
	j.Helper()
	if _, err := os.Stat(j.journal); err != nil {
		return nil
	}
	db := j.database()
	defer db.Close() // only read
	rows, err := db.QueryContext(j.Context(), "SELECT run + seq, target FROM temps JOIN items USING (transfer) WHERE result = ''")
	if err != nil {
		if strings.Contains(err.Error(), "no such table") {
			return nil
		}
		j.Fatal(err)
	}
	defer rows.Close() // rows.Err says what went wrong
	known := map[string]bool{}
	for rows.Next() {
		var n int64
		var target []byte
		if err := rows.Scan(&n, &target); err != nil {
			j.Fatal(err)
		}
		known[filepath.Base(localfs.TempOf(string(target), uint64(n)))] = true
	}
	if err := rows.Err(); err != nil {
		j.Fatal(err)
	}
	return known
}

// mustKnow are the temporary files that may not be there without the journal's knowledge. The name of a file of one request is recorded
// without waiting for the disk, so a power cut may leave that.
func (j *job) mustKnow() []string {
	j.Helper()
	return slices.DeleteFunc(j.temps(j.prefix()), func(name string) bool { return j.lossy && !strings.HasPrefix(name, ".large.") })
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
	if left := j.mustKnow(); len(left) > 0 {
		j.Errorf("%s %d: temporary files are left: %q", j.kind, j.number, left)
	}
	if state := j.number64("SELECT state = 'done' FROM transfers WHERE id = ?", j.newest()); state != 1 {
		j.Errorf("%s %d: the journal does not say that it is done", j.kind, j.number)
	}
	again := j.again()
	j.twice = again
	if most := int64(j.kills*connections*partSize) + framing; again > most && !j.lossy {
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
