package storage_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"pintail/internal/testkit/reliability"
	"pintail/storage"
)

// lies are answers with a status of success that are not what was asked for.
var lies = map[string]http.HandlerFunc{
	"web page with 200": impostors["web page"],
	"empty 200":         impostors["empty"],
	"error in a 200": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>`)
	},
	"204":           func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) },
	"JSON with 200": impostors["JSON"],
	"the right document of another operation": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0"?><GetBucketPolicyResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)
	},
}

// toldByRefusal are the operations that take a refusal as an answer: what may not be read is not known.
var toldByRefusal = map[string]bool{"Versioned": true, "EffectiveAccess": true}

// TestLies_AreNeverTakenForSuccess asks every operation of a session, signed and unsigned, of servers that lie.
func TestLies_AreNeverTakenForSuccess(t *testing.T) {
	cells, taken := 0, 0
	for name, h := range lies {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		for _, signed := range []bool{true, false} {
			s := connect(t, srv.URL, func(c *storage.Config) {
				if !signed {
					c.Credentials = nil
				}
			})
			for op, run := range operations(s) {
				if op == "Identity" && !signed || name == "error in a 200" && toldByRefusal[op] {
					continue
				}
				cells++
				err := run(context.Background())
				var e *storage.Error
				if err == nil || !errors.As(err, &e) {
					taken++
					t.Errorf("%s: %s (signed %v): %v", name, op, signed, err)
				}
			}
		}
	}
	if cells < 240 {
		t.Errorf("only %d cells", cells)
	}
	reliability.Record(t, reliability.Table{ID: "12-lies", Title: "Answers that lie",
		Note:    "Every operation of a session, signed and unsigned, against answers of success that are not its own. The right answers are shown to succeed by the suite that runs every operation against versitygw, RGW and the embedded server.",
		Columns: []string{"counted", "number"}, Rows: [][]string{{"cases", strconv.Itoa(cells)}, {"taken for a success", strconv.Itoa(taken)}}})
}
