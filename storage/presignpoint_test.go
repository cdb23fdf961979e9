package storage_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	model "github.com/aws/aws-sdk-go-v2/service/s3"

	"pintail/storage"
)

const ecdsaAlgorithm = "AWS4-ECDSA-P256-SHA256"

// publicKey is what a server derives from a key pair to check signatures that hold in several regions: a counter-mode KDF of SP 800-108 over
// HMAC-SHA256, as FIPS 186-4 B.4.2 makes a key of its output.
func publicKey(t *testing.T, keyID, secret string) *ecdsa.PublicKey {
	t.Helper()
	curve := elliptic.P256()
	most := new(big.Int).Sub(curve.Params().N, big.NewInt(2))
	for counter := byte(1); ; counter++ {
		mac := hmac.New(sha256.New, []byte("AWS4A"+secret))
		mac.Write(binary.BigEndian.AppendUint32(nil, 1))
		mac.Write([]byte(ecdsaAlgorithm + "\x00" + keyID))
		mac.Write([]byte{counter})
		mac.Write(binary.BigEndian.AppendUint32(nil, 256))
		if d := new(big.Int).SetBytes(mac.Sum(nil)); d.Cmp(most) <= 0 {
			k, err := ecdsa.ParseRawPrivateKey(curve, d.Add(d, big.NewInt(1)).FillBytes(make([]byte, 32)))
			if err != nil {
				t.Fatal(err)
			}
			return &k.PublicKey
		}
	}
}

// verifies checks a pre-signed address as a server does, from its text alone.
func verifies(method, address string, key *ecdsa.PublicKey) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	q := u.Query()
	signature, err := hex.DecodeString(q.Get("X-Amz-Signature"))
	if err != nil || len(signature) == 0 || q.Get("X-Amz-Algorithm") != ecdsaAlgorithm || q.Get("X-Amz-SignedHeaders") != "host" {
		return fmt.Errorf("it is not signed so: %v, %v", q, err)
	}
	q.Del("X-Amz-Signature")
	canonical := strings.Join([]string{method, u.EscapedPath(), strings.ReplaceAll(q.Encode(), "+", "%20"), "host:" + u.Host, "", "host", "UNSIGNED-PAYLOAD"}, "\n")
	_, scope, _ := strings.Cut(q.Get("X-Amz-Credential"), "/")
	sum := sha256.Sum256([]byte(canonical))
	sum = sha256.Sum256([]byte(strings.Join([]string{ecdsaAlgorithm, q.Get("X-Amz-Date"), scope, hex.EncodeToString(sum[:])}, "\n")))
	if !ecdsa.VerifyASN1(key, sum[:], signature) {
		return fmt.Errorf("the signature is wrong")
	}
	return nil
}

// The pair is that of Amazon's own test of the derivation.
func TestPublicKey_IsTheOneAmazonDerives(t *testing.T) {
	t.Parallel()
	point, err := publicKey(t, "AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom").Bytes() // 4, then both coordinates
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(point); got != "0415d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb"+
		"0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0" {
		t.Error(got)
	}
}

// TestPresign_MultiRegionAccessPoint: the address is signed for all regions with the key that a server derives from the pair, for the method,
// the object and the time asked for, and for nothing else.
func TestPresign_MultiRegionAccessPoint(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "to+ken/="} {
		a, s := nearAmazon(t, func(c *storage.Config) {
			c.Endpoint = nil
			c.Credentials = credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", token)
		})
		region := "us-east-2"
		ep, err := model.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), model.EndpointParameters{Bucket: aws.String(manyPoint), Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		key := publicKey(t, "AKIAEXAMPLE", "secret")
		for _, o := range []storage.PresignOptions{{Method: http.MethodGet, FileName: "ü 1.txt"}, {Method: http.MethodHead}, {Method: http.MethodPut}, {Method: http.MethodDelete}} {
			o.Span = 90 * time.Minute
			p, err := s.PresignWith(t.Context(), storage.Location{Bucket: manyPoint, Key: "a b/ü+c//d"}, o)
			if err != nil {
				t.Fatalf("%s: %v", o.Method, err)
			}
			if err := verifies(o.Method, p.URL, key); err != nil {
				t.Errorf("%s: %v\n%s", o.Method, err, p.URL)
			}
			u, _ := url.Parse(p.URL)
			q := u.Query()
			at, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
			if err != nil || time.Since(at).Abs() > time.Minute || p.Method != o.Method || u.Host != ep.URI.Host || u.Scheme != "https" ||
				u.EscapedPath() != "/a%20b/%C3%BC%2Bc//d" || q.Get("X-Amz-Region-Set") != "*" || q.Get("X-Amz-Expires") != "5400" || q.Get("X-Amz-Security-Token") != token {
				t.Errorf("%s: %s, %v", o.Method, p.URL, err)
			}
			for what, other := range map[string]string{"other key": strings.Replace(p.URL, "c//d", "c//e", 1), "longer": strings.Replace(p.URL, "Expires=5400", "Expires=5401", 1),
				"other host": strings.Replace(p.URL, u.Host, "evil.example", 1)} {
				if other == p.URL || verifies(o.Method, other, key) == nil {
					t.Errorf("%s: changed (%s), the address holds too", o.Method, what)
				}
			}
			if verifies("POST", p.URL, key) == nil || verifies(o.Method, p.URL, publicKey(t, "AKIAEXAMPLE", "other")) == nil {
				t.Errorf("%s: another method or key holds too", o.Method)
			}
		}
		if seen := a.take(); len(seen) != 0 {
			t.Errorf("%d requests were sent", len(seen))
		}
	}
}
