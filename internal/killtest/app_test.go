//go:build !race

package killtest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit"
	"pintail/internal/testkit/reliability"
	"pintail/internal/testkit/window"
)

// takes is how the app goes on with what was cut off: a person says so when it starts.
func takes(a *window.App) {
	a.Press("dialog.ok")
	a.Part("transfers.list")
}

// TestApp_SurvivesKills kills the app itself, on a display, while two runs of the command line use the same journal: one has transfers
// of its own, the other tries to take over the app's. It must be refused for as long as the app lives, and succeed once it is gone.
func TestApp_SurvivesKills(t *testing.T) {
	m, g := embedded(t)
	s := makeSources(m)
	rnd := testkit.Rand(t)
	m.finish(m.run("pref", "set", "queue.connections.limit", strconv.Itoa(connections)))
	stop := neighbour(m)
	jobs := []quota{{"upload", 2}, {"download", 1}}
	if reliability.Long() {
		jobs = []quota{{"upload", 15}, {"download", 9}, {"sync", 6}}
	}
	n := tally{phases: map[string]int{}, byKind: map[string]map[string]int{}, again: map[string]int64{}}
	var app *window.App
	number, at := 0, time.Now()
	for _, q := range jobs {
		n.byKind[q.kind] = map[string]int{}
		for kills := 0; kills < q.kills && !t.Failed(); {
			number++
			j := newJob(m, g, rnd, s, q.kind, number)
			j.begin()
			for _, p := range n.choose(q.kind, 0, q.kills-kills, rnd.IntN) {
				app = j.appKilled(app, p)
				n.byKind[q.kind][p.name]++
				n.phases[p.phase]++
				kills++
			}
			j.finish(j.start("transfers", "resume")) // its owner is gone: the command line takes it over
			j.ended()
			n.again[q.kind] += j.twice
		}
	}
	n.runs = stop()
	t.Logf("%v: %+v", time.Since(at), n)
	if n.runs == 0 {
		t.Error("no other run shared the journal")
	}
	n.record(t, reliability.Table{ID: "21-app-kills", Title: "kill -9 of the app",
		Note: "build/pintail was killed at these moments, on a display, after a person had let it go on with what was cut off. Two runs of pintail-cli used the same journal: " +
			"one all the time, one that tried to resume the app's transfer and was refused while the app lived. After the last kill the command line took it over and ended it."})
}

// begun is where the command line is killed that a job for the app begins with: before anything of the large file is done.
var begun = map[string]string{"upload": "CreateMultipartUpload", "sync": "CreateMultipartUpload", "download": "GetObject"}

// begin starts the job with the command line and kills that.
func (j *job) begin() {
	j.Helper()
	j.server.Demo.ResetRequests()
	j.base = j.newest()
	p := point{name: "begun", rule: held(begun[j.kind], onArrival, 0)}
	j.killAt(j.start(j.command()...), p)
	j.kills++
	j.survived(p)
}

// appKilled lets the app go on with the job and kills it at a point.
func (j *job) appKilled(app *window.App, p point) *window.App {
	j.Helper()
	at, stop := j.point(p)
	defer stop()
	if app == nil {
		app = window.Open(j, window.Options{Env: j.own()})
	} else {
		app.Restart()
	}
	takes(app)
	select {
	case <-at:
	case <-time.After(hangs):
		j.Fatalf("%s: the app does not come to it; see %s", p.name, app.Picture("hangs"))
	}
	if j.lk == nil && p.phase != midPart { // nobody can do anything; a part that stands still is sent a second time, and the transfer may end
		j.mustBeRefused()
	}
	app.Kill()
	j.after(p)
	j.kills++
	j.survived(p)
	return app
}

// mustBeRefused tries to take the job from its owner, which lives.
func (j *job) mustBeRefused() {
	j.Helper()
	left := j.number64("SELECT lease FROM transfers WHERE id = ?", j.newest()) - time.Now().UnixNano()
	c := j.start("transfers", "resume", strconv.FormatInt(j.newest(), 10))
	<-c.ended
	if c.err == nil || !strings.Contains(c.out.String(), "Another program runs this transfer") {
		j.Errorf("a transfer was taken from its living owner, whose lease had %v left: %v: %s", time.Duration(left), c.err, c.out)
	}
}
