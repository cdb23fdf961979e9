package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Template is a policy to start from. ID names it for texts: "public-read".
type Template struct {
	ID      string
	Account bool // it needs the number (or ARN) of another account
	Prefix  bool // it needs the prefix that holds a folder for each user
	make    func(b string, o TemplateOptions) []any
}

// TemplateOptions fill a template in.
type TemplateOptions struct {
	Bucket    string
	Partition string // "" is "aws"
	Account   string // twelve digits, or an ARN
	Prefix    string // "" is "home/"
}

// Templates are in the order of a menu.
func Templates() []Template {
	return []Template{
		{ID: "public-read", make: publicRead},
		{ID: "deny-unencrypted", make: denyUnencrypted},
		{ID: "deny-http", make: denyHTTP},
		{ID: "cross-account", Account: true, make: crossAccount},
		{ID: "user-folders", Account: true, Prefix: true, make: userFolders},
	}
}

// Make is the template's document, indented.
func (t Template) Make(o TemplateOptions) ([]byte, error) {
	if o.Bucket == "" || t.Account && o.Account == "" {
		return nil, fmt.Errorf("the template %s needs a bucket%s", t.ID, map[bool]string{true: " and an account"}[t.Account])
	}
	if o.Partition == "" {
		o.Partition = "aws"
	}
	if o.Prefix == "" {
		o.Prefix = "home/"
	}
	if !strings.HasSuffix(o.Prefix, "/") {
		o.Prefix += "/"
	}
	doc := document{Version: "2012-10-17", Statement: t.make("arn:"+o.Partition+":s3:::"+o.Bucket, o)}
	b, err := json.MarshalIndent(doc, "", "  ")
	return append(b, '\n'), err
}

type document struct {
	Version   string
	Statement []any
}

// rule is a statement in the order in which people read it.
type rule struct {
	Sid       string
	Effect    string
	Principal any
	Action    any
	Resource  any
	Condition any `json:",omitempty"`
}

func publicRead(arn string, _ TemplateOptions) []any {
	return []any{rule{Sid: "PublicRead", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: arn + "/*"}}
}

func denyUnencrypted(arn string, _ TemplateOptions) []any {
	return []any{rule{Sid: "DenyUnencryptedUploads", Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: arn + "/*",
		Condition: map[string]any{"Null": map[string]any{"s3:x-amz-server-side-encryption": "true"}}}}
}

func denyHTTP(arn string, _ TemplateOptions) []any {
	return []any{rule{Sid: "DenyPlainHTTP", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: []string{arn, arn + "/*"},
		Condition: map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}}}
}

// principalOf is an account's number, or an ARN as it is.
func principalOf(o TemplateOptions) any {
	id := o.Account
	if !strings.HasPrefix(id, "arn:") && len(id) == 12 {
		id = "arn:" + o.Partition + ":iam::" + id + ":root"
	}
	return map[string]any{"AWS": id}
}

func crossAccount(arn string, o TemplateOptions) []any {
	return []any{
		rule{Sid: "OtherAccountLists", Effect: "Allow", Principal: principalOf(o), Action: []string{"s3:ListBucket", "s3:GetBucketLocation"}, Resource: arn},
		rule{Sid: "OtherAccountReadsAndWrites", Effect: "Allow", Principal: principalOf(o),
			Action: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}, Resource: arn + "/*"},
	}
}

func userFolders(arn string, o TemplateOptions) []any {
	own := o.Prefix + "${aws:username}/"
	return []any{
		rule{Sid: "UsersListTheirFolder", Effect: "Allow", Principal: principalOf(o), Action: "s3:ListBucket", Resource: arn,
			Condition: map[string]any{"StringLike": map[string]any{"s3:prefix": []string{own + "*"}}}},
		rule{Sid: "UsersUseTheirFolder", Effect: "Allow", Principal: principalOf(o),
			Action: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}, Resource: arn + "/" + own + "*"},
	}
}
