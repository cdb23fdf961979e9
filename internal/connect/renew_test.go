package connect_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// tokens stands before a server: it hands out sessions of the server's own key, and ends one when it is told to.
type tokens struct {
	server transfertest.Server

	mu       sync.Mutex
	sessions int
	endAt    int // number of the part that meets an ended token; 0 = none
	parts    int
}

func (k *tokens) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		isPart := r.Method == http.MethodPut && r.URL.Query().Has("partNumber")
		if isPart {
			k.parts++
		}
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/":
			k.sessions++
			_, _ = fmt.Fprintf(w, `<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><Expiration>%s</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>`,
				k.server.Access, k.server.Secret, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
			k.mu.Unlock()
		case isPart && k.parts == k.endAt:
			k.mu.Unlock()
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><RequestId>1</RequestId></Error>`)
		default:
			k.mu.Unlock()
			next.ServeHTTP(w, r)
		}
	})
}

func (k *tokens) given() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sessions
}

// TestTransfer_EndedSessionPausesAsksAndGoesOn ends the token in the middle of an upload while nobody is there: the transfer
// pauses. With a code it goes on in the same upload.
func TestTransfer_EndedSessionPausesAsksAndGoesOn(t *testing.T) {
	k := &tokens{}
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		k.server = transfertest.Demo(t, k.before)
		return k.server
	})
	s := newSetup(t).key("LONGTERM", "S")
	s.script.Codes = []string{"111111"}
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "r", EndpointURL: k.server.Endpoint, Username: "LONGTERM", Region: "us-east-1", Custom: map[string]string{"mfa_serial": "device"}})
	ref := connect.Spec{Bookmark: id}.Ref()
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(ctx context.Context, _ string) (*storage.Session, error) {
			con, err := connect.OpenRef(ctx, s.Env, ref)
			if err != nil {
				return nil, err
			}
			return con.Session, nil
		}
	})
	r := b.Upload(b.File("f", 30<<20, 1), "k")
	r.Options.PartSize, r.Options.Threshold = 5<<20, 5<<20
	k.mu.Lock()
	k.endAt = k.parts + 4
	k.mu.Unlock()
	job, err := q.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Wait(q, job); got.State != transfer.Paused || k.given() != 1 {
		t.Fatalf("with nobody there: %+v after %d sessions", got, k.given())
	}
	s.script.Codes = []string{"222222"}
	if err := q.Resume(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if got := b.Wait(q, job); got.State != transfer.Done || k.given() != 2 {
		t.Errorf("with a code: %+v after %d sessions", got, k.given())
	}
	if n := k.server.Demo.CountRequests("CreateMultipartUpload", "k", 0); n != 1 {
		t.Errorf("%d uploads were begun for one", n)
	}
	features.Proved(t, "login.renewed", features.Embedded, "")
}
