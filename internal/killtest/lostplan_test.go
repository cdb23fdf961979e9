package killtest

import (
	"strings"
	"testing"
)

// TestResume_LeavesAPlanThatWasCutOff: a sync that was killed before its plan was recorded has nothing to go on with. Resuming all says
// so and goes on with the others; resuming it alone fails.
func TestResume_LeavesAPlanThatWasCutOff(t *testing.T) {
	m, _ := embedded(t)
	want := m.file("tree/a", 1000, 1)
	m.finish(m.start("sync", "tree/", "s3://"+m.bucket+"/t/"))
	m.finish(m.start("cp", "tree/a", "s3://"+m.bucket+"/other"))
	db := m.database()
	for _, q := range []string{
		"UPDATE transfers SET planned = 0, state = 'stopped' WHERE kind = 'sync'",
		"UPDATE transfers SET state = 'stopped' WHERE kind = 'upload'",
		"UPDATE items SET result = '' WHERE transfer IN (SELECT id FROM transfers WHERE kind = 'upload')",
	} {
		if r, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		} else if n, err := r.RowsAffected(); n != 1 || err != nil {
			t.Fatalf("%s: %d rows, %v", q, n, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c := m.start("transfers", "resume")
	m.finish(c)
	if out := c.out.String(); !strings.Contains(out, "transfer 1 ended before its plan was recorded") || !strings.Contains(out, "verified: full") {
		t.Errorf("it said %s", out)
	}
	if m.objectSum("other") != want {
		t.Error("the other transfer did not go on")
	}
	alone := m.run("transfers", "resume", "1")
	if <-alone.ended; alone.err == nil || !strings.Contains(alone.out.String(), "Synchronise again") {
		t.Errorf("resumed alone: %v: %s", alone.err, alone.out)
	}
}
