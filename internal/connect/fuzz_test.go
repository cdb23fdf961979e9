package connect_test

import (
	"testing"

	"pintail/internal/connect"
)

// FuzzParseRef reads a connection from a journal: what can be read is written as it was read.
func FuzzParseRef(f *testing.F) {
	f.Add(connect.Spec{Endpoint: "https://s3.example.com:8443", Region: "eu-central-1", KeyID: "AKIA", Anonymous: true}.Ref())
	f.Add("connection:1:{}")
	f.Add("connection:1:{\"bookmark\":\"\\ud800\"}")
	f.Add("connection:2:{}")
	f.Fuzz(func(t *testing.T, ref string) {
		s, err := connect.ParseRef(ref)
		if err != nil {
			return
		}
		back, err := connect.ParseRef(s.Ref())
		if err != nil || back.Ref() != s.Ref() {
			t.Fatalf("%q comes back as %q, %v", s.Ref(), back.Ref(), err)
		}
	})
}
