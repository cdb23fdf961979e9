package storagetest

import (
	"fmt"
	"strings"

	"pintail/storage"
)

func replaceID(doc, id string) string { return strings.Replace(doc, `"ID"`, `"`+id+`"`, 1) }

// policies sets a policy that lets everybody read, sees that everybody can, and takes it away.
func policies(e *Env) {
	proveFeature(e, "bucket.policy")
	text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::%s/*"]}]}`, e.Bucket)
	if got, err := e.S.BucketPolicy(e.Context(), e.loc()); err != nil || got != "" {
		e.Errorf("at first: %q, %v", got, err)
	}
	if err := e.S.SetBucketPolicy(e.Context(), e.loc(), text); err != nil {
		e.Fatal(err)
	}
	if got, err := e.S.BucketPolicy(e.Context(), e.loc()); err != nil || !strings.Contains(got, "s3:GetObject") {
		e.Errorf("%q, %v", got, err)
	}
	public, err := e.S.PolicyIsPublic(e.Context(), e.loc())
	if e.Target.Quirks.NoSettings["policystatus"] {
		e.wantSetting("policy status", err)
	} else if err != nil || !public {
		e.Errorf("public: %v, %v", public, err)
	}
	e.wantKind(e.S.SetBucketPolicy(e.Context(), e.loc(), `{"Statement": `), storage.KindInvalid)
	e.wantKind(e.S.SetBucketPolicy(e.Context(), e.loc(), text[:len(text)-1]+`,"Id":"`+strings.Repeat("x", 20<<10)+`"}`), storage.KindInvalid)
	// White space does not count, and is left out where it would for others.
	wide := text[:len(text)-1] + strings.Repeat("\n", 20<<10) + "}"
	if _, err := storage.ParseDocument("policy", []byte(wide)); err != nil {
		e.Errorf("a document with much white space: %v", err)
	}
	if err := e.S.SetBucketPolicy(e.Context(), e.loc(), wide); err != nil {
		e.Errorf("a policy with much white space: %v", err)
	}
	if got, err := e.S.BucketPolicy(e.Context(), e.loc()); err != nil || len(got) > len(text)+100 {
		e.Errorf("%d bytes of it are stored: %v", len(got), err)
	}
	for range 2 {
		if err := e.S.DeleteBucketPolicy(e.Context(), e.loc()); err != nil {
			e.Error(err)
		}
	}
	if got, err := e.S.BucketPolicy(e.Context(), e.loc()); err != nil || got != "" {
		e.Errorf("after it was taken away: %q, %v", got, err)
	}
}

// foreignParts edits one rule of documents that another program wrote, with parts that this one has no name for.
func foreignParts(e *Env) {
	set := func(feature, doc string) bool {
		d, err := storage.ParseDocument(feature, []byte(doc))
		if err != nil {
			e.Fatal(err)
		}
		err = e.S.SetBucketDocument(e.Context(), e.loc(), d, "")
		if err != nil {
			e.Logf("%s: the server does not keep what it does not know: %v", feature, err)
		}
		return err == nil
	}
	if !e.Target.Quirks.NoSettings["lifecycle"] {
		if set("lifecycle", `{"Rules":[{"ID":"a","Status":"Enabled","Filter":{"Prefix":"a/"},"Expiration":{"Days":9},"Unheard":{"Of":"it"}},{"ID":"b","Status":"Enabled","Filter":{"Prefix":"b/"},"Expiration":{"Days":5}}]}`) {
			e.foreignLifecycle("Unheard")
		}
	}
	if !e.Target.Quirks.NoSettings["cors"] {
		if set("cors", `{"CORSRules":[{"ID":"a","AllowedOrigins":["*"],"AllowedMethods":["GET"],"Unheard":{"Of":"it"}},{"ID":"b","AllowedOrigins":["*"],"AllowedMethods":["HEAD"]}]}`) {
			c, err := e.S.CORS(e.Context(), e.loc())
			if err != nil || len(c.Rules) != 2 {
				e.Fatalf("%+v, %v", c, err)
			}
			c.Rules[1].AllowedMethods = []string{"PUT"}
			if err := e.S.SetCORS(e.Context(), e.loc(), c); err != nil {
				e.Fatal(err)
			}
			e.documentHas("cors", "Unheard")
		}
	}
}

func (e *Env) foreignLifecycle(name string) {
	e.Helper()
	l, err := e.S.Lifecycle(e.Context(), e.loc())
	if err != nil || len(l.Rules) != 2 {
		e.Fatalf("%+v, %v", l, err)
	}
	for i := range l.Rules {
		if l.Rules[i].ID == "b" {
			l.Rules[i].Expiration.Days = 6
		}
	}
	if err := e.S.SetLifecycle(e.Context(), e.loc(), l); err != nil {
		e.Fatal(err)
	}
	e.documentHas("lifecycle", name)
}

func (e *Env) documentHas(feature, text string) {
	e.Helper()
	d, err := e.S.BucketDocument(e.Context(), e.loc(), feature, "")
	if err != nil {
		e.Fatal(err)
	}
	if b, err := d.JSON(); err != nil || !strings.Contains(string(b), text) {
		e.Errorf("%s lost %s: %s, %v", feature, text, b, err)
	}
}
