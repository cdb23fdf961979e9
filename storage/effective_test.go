package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pintail/storage"
	"pintail/storage/policy"
)

func TestJudge_Table(t *testing.T) {
	const everyObject = `"Resource": "arn:aws:s3:::b/*"`
	allow := `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", ` + everyObject + `}`
	block := func(acls, policies bool) *storage.PublicAccessBlock {
		return &storage.PublicAccessBlock{IgnorePublicAcls: acls, RestrictPublicBuckets: policies}
	}
	blocked := errors.New("denied")
	object, bucket := storage.Location{Bucket: "b", Key: "k"}, storage.Location{Bucket: "b"}
	for name, c := range map[string]struct {
		loc       storage.Location
		list      string // "-" = unread
		ownership string
		policy    string // "-" = unread
		block     *storage.PublicAccessBlock
		unread    bool // the block
		who       storage.Public
		action    string
		verdict   storage.Verdict
		reasons   string
	}{
		"private":                     {object, "me:FULL_CONTROL", "", "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"by list":                     {object, "me:FULL_CONTROL everyone:READ", "", "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[list]"},
		"by list to members":          {object, "authenticated:READ", "", "", nil, false, storage.Members, "s3:GetObject", storage.AccessYes, "[list]"},
		"members are not anyone":      {object, "authenticated:READ", "", "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"anyone is a member":          {object, "everyone:FULL_CONTROL", "", "", nil, false, storage.Members, "s3:PutObjectAcl", storage.AccessYes, "[list]"},
		"lists are off":               {object, "everyone:READ", storage.OwnerEnforced, "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[lists-off]"},
		"lists are ignored":           {object, "everyone:READ", "", "", block(true, false), false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[blocked-lists]"},
		"by policy":                   {object, "", "", allow, nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[policy]"},
		"by policy to a bucket":       {bucket, "", "", allow, nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[policy]"},
		"of some objects":             {bucket, "", "", `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k*"}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessSome, "[policy]"},
		"of some objects, restricted": {bucket, "", "", `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k*"}`, block(false, true), false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[blocked-policy]"},
		"of some objects, conditions": {bucket, "", "", `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessDepends, "[condition]"},
		"of some objects, denied":     {bucket, "", "", `[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/k*"}]`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"of another bucket's":         {bucket, "", "", `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::c/k*"}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"policies are restricted":     {object, "", "", allow, block(false, true), false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[blocked-policy]"},
		"blocked both ways":           {object, "everyone:READ", "", allow, block(true, true), false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[blocked-policy blocked-lists]"},
		"blocked one way":             {object, "everyone:READ", "", allow, block(true, false), false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[policy]"},
		"both ways":                   {object, "everyone:READ", "", allow, nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[policy list]"},
		"a denial beats a list":       {object, "everyone:READ", "", `{"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", ` + everyObject + `}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[denied]"},
		"a denial with conditions":    {object, "everyone:READ", "", `{"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", ` + everyObject + `, "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessDepends, "[maybe-denied list]"},
		"plain http alone":            {object, "everyone:READ", "", `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", ` + everyObject + `, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[list]"},
		"conditions":                  {object, "", "", `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", ` + everyObject + `, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`, nil, false, storage.Anyone, "s3:GetObject", storage.AccessDepends, "[condition]"},
		"policy unread":               {object, "me:FULL_CONTROL", "", "-", nil, false, storage.Anyone, "s3:GetObject", storage.AccessUnread, "[policy-unread]"},
		"policy unread, list":         {object, "everyone:READ", "", "-", nil, false, storage.Anyone, "s3:GetObject", storage.AccessYes, "[list policy-unread]"},
		"list unread":                 {object, "-", "", "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessUnread, "[list-unread]"},
		"block unread":                {object, "everyone:READ", "", "", nil, true, storage.Anyone, "s3:GetObject", storage.AccessUnread, "[block-unread list]"},
		"block unread and private":    {object, "me:FULL_CONTROL", "", "", nil, true, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"listing by list":             {bucket, "everyone:READ", "", "", nil, false, storage.Anyone, "s3:ListBucket", storage.AccessYes, "[bucket-list]"},
		"no download by its list":     {bucket, "everyone:READ", "", "", nil, false, storage.Anyone, "s3:GetObject", storage.AccessNo, "[nothing]"},
		"upload and delete by list":   {bucket, "everyone:WRITE", "", "", nil, false, storage.Anyone, "s3:DeleteObject", storage.AccessYes, "[bucket-list]"},
	} {
		f := storage.AccessFacts{Location: c.loc, Ownership: c.ownership, Block: c.block}
		if c.list != "-" {
			var grants []string
			if c.list != "" {
				grants = strings.Fields(c.list)
			}
			a := acl(t, grants...)
			f.List = &a
		}
		if c.policy != "-" {
			f.Policy = &policy.Policy{}
			if c.policy != "" {
				p, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": ` + c.policy + `}`))
				if err != nil {
					t.Fatal(err)
				}
				f.Policy = &p
			}
		}
		if f.Block == nil && !c.unread {
			f.Block = &storage.PublicAccessBlock{}
		}
		f.Unread = map[string]error{"policy": blocked}
		found := false
		for _, a := range f.Judge() {
			if a.Who == c.who && a.Action == c.action {
				found = true
				if a.Verdict != c.verdict || fmt.Sprint(a.Reasons) != c.reasons {
					t.Errorf("%s: %v %v, want %v %s", name, a.Verdict, a.Reasons, c.verdict, c.reasons)
				}
				if a.Verdict == storage.AccessSome && fmt.Sprint(a.Parts) != "[k*]" {
					t.Errorf("%s: of %v", name, a.Parts)
				}
			}
		}
		if !found {
			t.Errorf("%s: not judged", name)
		}
	}
}
