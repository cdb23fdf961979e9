package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pintail/storage/policy"
)

const bucket = "amzn-s3-demo-bucket"

// doc is a policy of one statement with the elements given.
func doc(elements string) string {
	return "{\"Version\": \"2012-10-17\", \"Statement\": [\n{" + elements + "}]}"
}

func TestCheck_PlaceAndReason(t *testing.T) {
	const rest = `"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"`
	for _, c := range []struct {
		doc          string
		line, column int // 0 = no problem
		part         string
		warning      bool
	}{
		{doc(rest), 0, 0, "", false},
		{"", 1, 1, "unexpected end", false},
		{"{\n  \"Version\": \"2012-10-17\",,\n}", 2, 27, "invalid character", false},
		{"{\n  \"Version\": ", 2, 14, "unexpected end", false},
		{"{} x", 1, 4, "invalid character", false},
		{"{\"a\xff\"}", 1, 4, "UTF-8", false},
		{`{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}`, 1, 27, "twice", false},
		{`[]`, 1, 1, "must be an object", false},
		{`{"Version": "2024-01-01", "Statement": {` + rest + `}}`, 1, 13, "2012-10-17", false},
		{`{"Statement": {` + rest + `}}`, 1, 1, "old language", true},
		{`{"Version": "2012-10-17", "Statement": []}`, 1, 1, "needs a Statement", false},
		{`{"Version": "2012-10-17", "statement": []}`, 1, 1, "needs a Statement", false},
		{`{"Version": "2012-10-17", "Statement": {` + rest + `}, "ä": 1, "More": 1}`, 1, 155, "no element \"ä\"", false},
		{doc(`"Sid": 1, ` + rest), 2, 9, "Sid", false},
		{doc(strings.Replace(rest, "Allow", "allow", 1)), 2, 12, "\"Allow\" or \"Deny\"", false},
		{doc(strings.Replace(rest, `"Principal": "*", `, "", 1)), 2, 1, "needs Principal", false},
		{doc(rest + `, "NotPrincipal": "*"`), 2, 131, "not both", false},
		{doc(strings.Replace(rest, `"*"`, `"me"`, 1)), 2, 34, "principal is \"*\"", false},
		{doc(strings.Replace(rest, `"*"`, `{"AWS": "arn:aws:iam::123456789012:user/*"}`, 1)), 2, 42, "no wildcards", false},
		{doc(strings.Replace(rest, `"*"`, `{}`, 1)), 2, 34, "empty", false},
		{doc(strings.Replace(rest, `"*"`, `{"aws": "x"}`, 1)), 2, 35, "written \"AWS\"", false},
		{doc(strings.Replace(rest, "s3:GetObject", "GetObject", 1)), 2, 49, "no action of S3", false},
		{doc(strings.Replace(rest, "s3:GetObject", "s3:GetObjekt", 1)), 2, 49, "no known action", true},
		{doc(strings.Replace(rest, "s3:GetObject", "s3:ListBucket", 1)), 2, 49, "about the bucket", false},
		{doc(strings.Replace(rest, "bucket/*", "bucket", 1)), 2, 49, "about objects", false},
		{doc(strings.Replace(rest, `"s3:GetObject"`, "[]", 1)), 2, 49, "list of texts", false},
		{doc(strings.Replace(rest, `"s3:GetObject"`, "[1]", 1)), 2, 50, "is a text", false},
		{doc(strings.Replace(rest, "demo-bucket/*", "other/*", 1)), 2, 77, "this bucket alone", false},
		{doc(strings.Replace(rest, "demo-bucket/*", "demo-bucket2/*", 1)), 2, 77, "this bucket alone", false},
		{doc(strings.Replace(rest, "arn:aws:s3:::", "", 1)), 2, 77, "no resource of S3", false},
		{doc(rest + `, "Condition": {"StringIs": {"aws:x": "y"}}`), 2, 129, "no test \"StringIs\"", false},
		{doc(rest + `, "Condition": {"StringLike": {"x": "y"}}`), 2, 144, "no key", false},
		{doc(rest + `, "Condition": {"Bool": {"aws:SecureTransport": "no"}}`), 2, 161, "no value", false},
		{doc(rest + `, "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "ten"]}}`), 2, 174, "no value", false},
		{doc(rest + `, "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:x": ["y", 1, true]}, "Null": {"s3:x": true}, "DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}`), 0, 0, "", false},
		{doc(rest + "}, {" + rest + `, "Sid": "a"}, {"Sid": "a", ` + rest), 2, 251, "twice", false},
		{doc(strings.Replace(rest, "bucket/*", "bucket/"+strings.Repeat("x", policy.MaxBytes), 1)), 2, 20595, "bytes at most", false},
		{strings.Repeat("[", 100) + strings.Repeat("]", 100), 1, 34, "levels", false},
	} {
		problems := policy.Check([]byte(c.doc), bucket)
		if c.line == 0 {
			if len(problems) > 0 {
				t.Errorf("%s: %v", c.doc, problems)
			}
			continue
		}
		if !slices.ContainsFunc(problems, func(p policy.Problem) bool {
			return p.Line == c.line && p.Column == c.column && strings.Contains(p.Text, c.part) && p.Warning == c.warning
		}) {
			t.Errorf("%.400s:\n%v, want line %d, column %d: %q", c.doc, problems, c.line, c.column, c.part)
		}
		if _, err := policy.Parse([]byte(c.doc)); (err != nil) != (policy.Fatal(policy.Check([]byte(c.doc), "")) != nil) {
			t.Errorf("%.400s: parse says %v", c.doc, err)
		}
	}
}

func TestTemplates_AreRightAndDoWhatTheySay(t *testing.T) {
	for _, tmpl := range policy.Templates() {
		if _, err := tmpl.Make(policy.TemplateOptions{Bucket: bucket}); (err != nil) != tmpl.Account {
			t.Errorf("%s without an account: %v", tmpl.ID, err)
		}
		b, err := tmpl.Make(policy.TemplateOptions{Bucket: bucket, Account: "123456789012"})
		if err != nil {
			t.Fatal(err)
		}
		if p := policy.Check(b, bucket); len(p) > 0 {
			t.Errorf("%s: %v\n%s", tmpl.ID, p, b)
		}
		p, err := policy.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]policy.Effect{}
		for who, account := range map[string]string{"anyone": "", "other": "123456789012"} {
			for _, action := range []string{"s3:GetObject", "s3:PutObject"} {
				r := policy.Request{Account: account, Action: action, Resource: bucket + "/home/u/k",
					Context: map[string][]string{"aws:securetransport": {"false"}, "s3:x-amz-server-side-encryption": nil}}
				got[who+" "+action] = p.Decide(r).Effect
			}
		}
		want := map[string]string{"public-read": "1 1 0 0", "deny-unencrypted": "0 0 3 3", "deny-http": "3 3 3 3", "cross-account": "0 1 0 1",
			"user-folders": "0 2 0 2"}[tmpl.ID]
		if s := fmt.Sprint(got["anyone s3:GetObject"], got["other s3:GetObject"], got["anyone s3:PutObject"], got["other s3:PutObject"]); s != want {
			t.Errorf("%s: %s, want %s", tmpl.ID, s, want)
		}
		if l := p.LockOuts(bucket, policy.Self{Account: "999999999999", Secure: true}); len(l) > 0 {
			t.Errorf("%s locks out: %+v", tmpl.ID, l)
		}
	}
}

func TestDecide_Table(t *testing.T) {
	const all = `"Resource": ["arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"]`
	anyone := policy.Request{Action: "s3:GetObject", Resource: bucket + "/a/b", Context: map[string][]string{"aws:securetransport": {"true"}, "aws:sourceip": {"10.1.2.3"}, "aws:referer": {}}}
	for _, c := range []struct {
		statements string
		want       policy.Effect
	}{
		{`{"Effect": "Allow", "Principal": {"AWS": ["x", "*"]}, "Action": "s3:get*", ` + all + `}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "*", ` + all + `}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "NotAction": "s3:Get*", ` + all + `}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "NotAction": "s3:Put*", ` + all + `}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/c/*"}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::amzn-s3-demo-bucket/c/*"}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::amzn-s3-demo-bucket/a?b"}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*"}`, policy.MaybeAllow},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"StringEquals": {"aws:Referer": "x"}}}`, policy.Nothing},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"StringNotEquals": {"aws:Referer": "x"}}}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"StringEquals": {"aws:UserAgent": "x"}}}`, policy.MaybeAllow},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", ` + all + `}`, policy.Denied},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, policy.Allowed},
		{`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", ` + all + `, "Condition": {"StringLike": {"aws:UserAgent": "x"}}}`, policy.MaybeDeny},
		{`{"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*", ` + all + `}`, policy.Denied},
	} {
		p, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [` + c.statements + `]}`))
		if err != nil {
			t.Fatalf("%s: %v", c.statements, err)
		}
		if d := p.Decide(anyone); d.Effect != c.want || (d.Statement == nil) != (d.Effect == policy.Nothing) {
			t.Errorf("%s: %+v, want %v", c.statements, d, c.want)
		}
	}
}

func TestLockOuts_Table(t *testing.T) {
	self := policy.Self{Account: "111111111111", ARN: "arn:aws:iam::111111111111:user/me", Secure: true}
	for _, c := range []struct {
		statement string
		actions   int
		certain   bool
	}{
		{`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket*"`, 2, true},
		{`"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 1, true},
		{`"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 2, true},
		{`"Effect": "Deny", "NotPrincipal": {"AWS": "222222222222"}, "Action": "*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 2, true},
		{`"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:user/me"}, "Action": "*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 0, false},
		{`"Effect": "Deny", "Principal": {"AWS": "111111111111"}, "Action": "s3:*Policy", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 2, true},
		{`"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "s3:*Policy", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 2, true},
		{`"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"`, 0, false},
		{`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"`, 0, false},
		{`"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket*"`, 0, false},
		{`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket", "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`, 2, false},
		{`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket", "Condition": {"Bool": {"aws:SecureTransport": "true"}}`, 2, true},
		{`"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket*"`, 0, false},
	} {
		p, err := policy.Parse([]byte(doc(c.statement)))
		if err != nil {
			t.Fatal(err)
		}
		l := p.LockOuts(bucket, self)
		if len(l) == 0 && c.actions == 0 {
			continue
		}
		if len(l) != 1 || len(l[0].Actions) != c.actions || l[0].Certain != c.certain || l[0].Statement.Line != 2 {
			t.Errorf("%s: %+v", c.statement, l)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, tmpl := range policy.Templates() {
		b, err := tmpl.Make(policy.TemplateOptions{Bucket: bucket, Account: "123456789012"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{"", "{", "[[[", `{"Statement":{"Condition":{"Null":{"a:b":[null]}}}}`, `{"Statement":[1,[2],{"Action":{}}]}`, "\xff", `{"Statement":{"Principal":{"AWS":{}}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		lines := strings.Count(string(b), "\n") + 1
		problems := policy.Check(b, bucket)
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > len(b)+1 || p.Text == "" {
				t.Errorf("no such place: %+v", p)
			}
		}
		p, err := policy.Parse(b)
		if (err == nil) != (policy.Fatal(policy.Check(b, "")) == nil) {
			t.Errorf("parse says %v", err)
		}
		if err != nil {
			return
		}
		p.Decide(policy.Request{Action: "s3:GetObject", Resource: bucket + "/k"})
		p.LockOuts(bucket, policy.Self{})
		if q, err := policy.Parse(policy.Compact(policy.Indent(b))); err != nil || len(q.Statements) != len(p.Statements) {
			t.Errorf("indented it is another: %v", err)
		}
	})
}
