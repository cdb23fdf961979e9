package keychain

import (
	"net/http"
	"testing"
)

// A proxy would see the credentials of the machine, and a redirect could carry a token elsewhere.
func TestMetadataClient_KnowsNoProxyAndFollowsNobody(t *testing.T) {
	c := metadataClient()
	if tr, ok := c.Transport.(*http.Transport); !ok || tr.Proxy != nil {
		t.Error("metadata may be asked through a proxy")
	}
	if c.CheckRedirect(nil, nil) != http.ErrUseLastResponse {
		t.Error("a redirect is followed")
	}
}
