package storage_test

import (
	"net/http"
	"testing"
)

// A question about locks that is refused is no answer: only a server that does not know of locks has none.
func TestKeeps_ARefusalIsNoAnswer(t *testing.T) {
	for _, c := range []struct {
		status     int
		body       string
		lock, fail bool
	}{
		{200, "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>", true, false},
		{200, "<ObjectLockConfiguration/>", false, false},
		{404, "<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>", false, false},
		{501, "<Error><Code>NotImplemented</Code></Error>", false, false},
		{200, "<ListBucketResult/>", false, false},
		{403, "<Error><Code>AccessDenied</Code></Error>", true, false},
		{403, "<Error><Code>InvalidAccessKeyId</Code></Error>", false, true},
		{400, "<Error><Code>ExpiredToken</Code></Error>", false, true},
		{404, "", false, true},
		{400, "", false, true},
		{500, "<Error><Code>InternalError</Code></Error>", false, true},
		{200, "<html>Sign in</html>", false, true},
		{200, "", false, true},
	} {
		r := record(t, func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Query().Has("object-lock") {
				s3(w, c.status, c.body)
				return
			}
			s3error(w, 404, "OwnershipControlsNotFoundError")
		})
		k, err := connect(t, r.URL, nil).Keeps(t.Context(), "bucket")
		if (err != nil) != c.fail || err == nil && k.Lock != c.lock {
			t.Errorf("%d %s: %+v, %v", c.status, c.body, k, err)
		}
	}
}
