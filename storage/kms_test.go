package storage_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pintail/storage"
)

// TestKMSKeys_AllPagesWithTheirNames reads a listing of two pages: those with a name come first, keys of other services not at all.
func TestKMSKeys_AllPagesWithTheirNames(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch second := strings.Contains(string(body), "next"); {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListAliases"):
			_, _ = fmt.Fprint(w, `{"Aliases":[{"AliasName":"alias/mine","TargetKeyId":"k3"},{"AliasName":"alias/aws/ebs","TargetKeyId":"k2"},{"AliasName":"alias/aws/rds"}],"Truncated":false}`)
		case second:
			_, _ = fmt.Fprint(w, `{"Keys":[{"KeyId":"k3","KeyArn":"arn:k3"}],"Truncated":false}`)
		default:
			_, _ = fmt.Fprint(w, `{"Keys":[{"KeyId":"k1","KeyArn":"arn:k1"},{"KeyId":"k2","KeyArn":"arn:k2"}],"Truncated":true,"NextMarker":"next"}`)
		}
	}))
	t.Cleanup(srv.Close)
	s := connect(t, srv.URL, func(c *storage.Config) { c.KMS = c.Endpoint })
	keys, err := s.KMSKeys(t.Context(), "")
	if got := fmt.Sprint(keys); err != nil || got != "[{k3 arn:k3 [alias/mine]} {k1 arn:k1 []}]" {
		t.Errorf("keys %s, %v", got, err)
	}
}

// TestKMSKeys_DeniedNamesThePermission: the service's refusal is one of permission, with its action.
func TestKMSKeys_DeniedNamesThePermission(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"no"}`)
	}))
	t.Cleanup(srv.Close)
	s := connect(t, srv.URL, func(c *storage.Config) { c.KMS = c.Endpoint })
	_, err := s.KMSKeys(t.Context(), "")
	var e *storage.Error
	if !errors.As(err, &e) || e.Kind != storage.KindPermission || e.Permission != "kms:ListAliases" {
		t.Errorf("%v", err)
	}
	s = connect(t, srv.URL, func(*storage.Config) {})
	if _, err := s.KMSKeys(t.Context(), ""); storage.KindOf(err) != storage.KindUnsupported {
		t.Errorf("where there is no KMS: %v", err)
	}
}
