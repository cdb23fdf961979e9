package main

import (
	"encoding/json"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	"pintail/internal/testkit/client"
)

// grants KEY GRANTEE:PERMISSION...: the independent client reads exactly these; the key - is the bucket.
func grants(ts *testscript.TestScript, c *client.Client, args []string) {
	op, in := "get-object-acl", map[string]any{"Bucket": ts.Getenv("BUCKET"), "Key": args[0]}
	if args[0] == "-" {
		op = "get-bucket-acl"
		delete(in, "Key")
	}
	out, err := c.Try(op, in)
	ts.Check(err)
	var list struct {
		Grants []struct {
			Grantee    struct{ ID, URI string }
			Permission string
		}
	}
	ts.Check(json.Unmarshal(out, &list))
	var got []string
	for _, g := range list.Grants {
		got = append(got, g.Grantee.ID+g.Grantee.URI+":"+g.Permission)
	}
	want := slices.Clone(args[1:])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("%s: the independent client reads %q, want %q", args[0], got, want)
	}
}
