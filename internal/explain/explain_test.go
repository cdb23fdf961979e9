package explain_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/importing"
	"pintail/internal/localfs"
	"pintail/internal/plist"
	"pintail/internal/prompt"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/storage"
	"pintail/transfer"
)

// TestError_EveryKindHasARow reads the kinds from the source of storage, so that a new one cannot be forgotten.
func TestError_EveryKindHasARow(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../../storage/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Kind") {
			kinds++
		}
		return true
	})
	if kinds < 20 {
		t.Fatalf("found %d kinds only", kinds)
	}
	seen := map[string]storage.Kind{}
	for k := range storage.Kind(kinds) {
		e := explain.Error(&storage.Error{Op: "GetObject", Location: storage.Location{Bucket: "b", Key: "k"}, Kind: k, Host: "h"})
		if e.Title == "" || e.Sentence == "" || e.Exit == 0 || e.Kind == "" {
			t.Errorf("kind %d: %+v", k, e)
		}
		if k != storage.KindOther && e.Kind == "other" {
			t.Errorf("kind %d has no row", k)
		}
		if other, dup := seen[e.Kind]; dup {
			t.Errorf("kinds %d and %d are both called %q", k, other, e.Kind)
		}
		seen[e.Kind] = k
	}
}

func TestError_DeniedNamesWhatWhereAndThePermission(t *testing.T) {
	err := fmt.Errorf("copy: %w", &storage.Error{Op: "ListObjectsV2", Location: storage.Location{Bucket: "b", Key: "x/"}, Code: "AccessDenied",
		Message: "Access Denied.", HTTPStatus: 403, RequestID: "R1", Host: "s3.example.com", Kind: storage.KindPermission, Permission: "s3:ListBucket"})
	e := explain.Error(err)
	want := explain.Explanation{
		Title:      "Access denied",
		Sentence:   "s3://b/x/ could not be listed: the credentials may not do this (AccessDenied: Access Denied).",
		Advice:     "They need the permission s3:ListBucket.",
		Permission: "s3:ListBucket",
		Details:    "ListObjectsV2, AccessDenied, HTTP 403, request R1, s3.example.com",
		Kind:       "permission", Exit: 4,
	}
	if e != want {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
}

// What is wrapped in another error names its permissions, too: those without which a move fails, and a change.
func TestError_WhatCannotBeCarriedNamesThePermissions(t *testing.T) {
	denied := func(op, permission string) error {
		return &storage.Error{Op: op, Location: storage.Location{Bucket: "b", Key: "k"}, Kind: storage.KindPermission, Code: "AccessDenied", Permission: permission}
	}
	both := errors.Join(denied("GetObjectRetention", "s3:GetObjectRetention"), denied("GetObjectLegalHold", "s3:GetObjectLegalHold"))
	for _, err := range []error{fmt.Errorf("%w: %w", transfer.ErrNotCarried, both), &storage.UnreadableError{What: []string{storage.PartLock}, Err: both}} {
		e := explain.Error(err)
		if !strings.Contains(e.Sentence+e.Advice, "permission s3:GetObjectRetention, s3:GetObjectLegalHold") || !strings.Contains(e.Advice, "--plain") || e.Permission != "s3:GetObjectRetention" {
			t.Errorf("%+v", e)
		}
	}
}

func TestError_DeniedSaysThePermissionOnce(t *testing.T) {
	e := explain.Error(&storage.Error{Op: "PutObject", Location: storage.Location{Bucket: "b", Key: "k"}, Code: "AccessDenied", HTTPStatus: 403,
		Message: "User: arn:aws:iam::1:user/x is not authorized to perform: s3:PutObject on resource: k", Kind: storage.KindPermission, Permission: "s3:PutObject"})
	if n := strings.Count(e.Sentence+e.Advice, "s3:PutObject"); n != 1 || e.Permission != "s3:PutObject" || e.Advice == "" {
		t.Errorf("the permission is said %d times: %+v", n, e)
	}
}

func TestError_Rows(t *testing.T) {
	network := func(cause error) error {
		return &storage.Error{Op: "ListBuckets", Kind: storage.KindNetwork, Host: "h:9", Err: cause}
	}
	for _, c := range []struct {
		err  error
		kind string
		exit int
		part string
	}{
		{network(&net.DNSError{Name: "nowhere.example", IsNotFound: true}), "host-unknown", 6, "no host named nowhere.example"},
		{network(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), "connection-refused", 6, "nothing answers at h:9"},
		{network(errors.New("reset")), "network", 6, "reset"},
		{fmt.Errorf("%w: %w", transfer.ErrHeld, &storage.Error{Kind: storage.KindNotFound, Code: "NoSuchBucket", Op: "ListObjectsV2", Location: storage.Location{Bucket: "bb"}}),
			"deletion-held", 5, "Nothing is deleted because not everything else went well: s3://bb could not be listed: there is no bucket bb"},
		{&storage.Error{Kind: storage.KindNotFound, Code: "NoSuchBucket", Op: "ListObjectsV2", Location: storage.Location{Bucket: "bb"}}, "not-found", 3, "no bucket bb"},
		{&storage.Error{Kind: storage.KindNotFound, Op: "HeadObject", Location: storage.Location{Bucket: "bb", Key: "k"}}, "not-found", 3, "s3://bb/k"},
		{&storage.Error{Kind: storage.KindInvalid, Op: "PutBucketAcl", Code: storage.CodeBadGrant}, "invalid", 2, "nothing was sent"},
		{&storage.Error{Kind: storage.KindInvalid, Op: "ListObjectsV2", Code: storage.CodeARN}, "invalid", 2, "neither a bucket nor an access point"},
		{&storage.Error{Kind: storage.KindUnsupported, Op: "ListObjectsV2", Code: storage.CodeARNHost}, "unsupported", 1, "Amazon's own hosts"},
		{&storage.Error{Kind: storage.KindUnsupported, Op: "ListObjectVersions", Code: storage.CodeNotVersioned}, "unsupported", 1, "no older versions"},
		{&storage.Error{Kind: storage.KindInvalid, Op: "PutObjectAcl", Code: storage.CodeNoSuchGrantee}, "invalid", 1, "canonical id"},
		{&storage.Error{Kind: storage.KindInvalid, Op: "PutObjectAcl", Code: "AmbiguousGrantByEmailAddress"}, "invalid", 1, "several accounts"},
		{&storage.Error{Kind: storage.KindInvalid, Op: "PutObjectAcl", Code: "UnresolvableGrantByEmailAddress"}, "invalid", 1, "no account"},
		{&storage.Error{Kind: storage.KindUnsupported, Op: "PutObjectAcl", Code: storage.CodeNoEmail}, "unsupported", 1, "e-mail"},
		{&storage.Error{Kind: storage.KindUnsupported, Op: "PutObjectAcl", Code: "AccessControlListNotSupported"}, "unsupported", 1, "switched off"},
		{&storage.Error{Kind: storage.KindUnsupported, Op: "PutObjectAcl", Code: storage.CodeIgnored}, "unsupported", 1, "did not make it"},
		{&storage.Error{Kind: storage.KindNetwork, Op: "PutObject", Unknown: true}, "network", 6, "not known"},
		{context.Canceled, "cancelled", 130, "stopped"},
		{&storage.Error{Kind: storage.KindNetwork, Err: context.Canceled}, "cancelled", 130, "stopped"},
		{&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}, "local-not-found", 3, "/x"},
		{&fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}, "local-permission", 4, "/x"},
		{&fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, "disk-full", 1, "disk is full"},
		{&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENAMETOOLONG}, "local-name", 1, "too long"},
		{fmt.Errorf("credentials: %w", &keychain.NoCredentialsError{}), "no-credentials", 4, "No credentials"},
		{&keychain.MFAError{Serial: "s"}, "needs-mfa", 4, "code"},
		{&keychain.SSOError{Profile: "work"}, "needs-sso", 4, "Identity Center"},
		{&keychain.LoginError{Profile: "work", Err: errors.New("x")}, "needs-login", 4, "work"},
		{&keychain.OpenIDError{Provider: "login.example"}, "needs-openid", 4, "login.example"},
		{fmt.Errorf("%w: x", keychain.ErrOpenIDAnswer), "openid-answer", 1, "cannot be used: x"},
		{fmt.Errorf("%w: x", keychain.ErrBadProfile), "aws-profile", 2, "cannot be used: x"},
		{&keychain.NoCredentialsError{StoreErr: &keychain.FileError{Path: "/s", Err: keychain.ErrFileLocked}}, "secrets-locked", 2, "/s"},
		{&keychain.FileError{Path: "/s", Err: keychain.ErrWrongPassphrase}, "wrong-passphrase", 4, "/s"},
		{&keychain.FileError{Path: "/s", Err: fmt.Errorf("%w: EOF", keychain.ErrFileBroken)}, "secrets-broken", 1, "/s"},
		{&keychain.FileError{Path: "/s", Err: keychain.ErrNoFile}, "no-secrets-file", 3, "/s"},
		{keychain.ErrUnavailable, "no-keychain", 1, "keychain"},
		{prompt.ErrDismissed, "not-answered", 2, "not answered"},
		{func() error { _, err := units.ParseBytes("x"); return err }(), "usage", 2, "Size \"x\" cannot be read"},
		{fmt.Errorf("%w: %w: no source", transfer.ErrRecord, transfer.ErrRequest), "transfer-record", 1, "record of the transfer"},
		{&transfer.AdoptError{Why: transfer.AdoptNoParts}, "adopt", 2, "no part"},
		{&transfer.AdoptError{Why: transfer.AdoptPartSize, Has: 7, File: 1 << 30}, "adopt", 2, "7 bytes"},
		{&transfer.AdoptError{Why: transfer.AdoptFileShort, Part: 9, Has: 5 << 20, File: 1 << 20}, "adopt", 2, "part 9"},
		{&transfer.AdoptError{Why: transfer.AdoptOtherPart, Part: 3, Has: 5, Want: 6}, "adopt", 2, "part 3"},
		{fmt.Errorf("%w: into itself", transfer.ErrRequest), "refused-request", 2, "into itself"},
		{&storage.UnreadableError{What: []string{"acl", "tags"}, Err: &storage.Error{Kind: storage.KindPermission}}, "unreadable", 4, "access list, tags"},
		{&storage.NotKeptError{What: []string{"lock", "Expires"}}, "not-kept", 1, "lock, Expires"},
		{fmt.Errorf("%w: %w", transfer.ErrNotCarried, &storage.Error{Op: "GetObjectAcl", Kind: storage.KindPermission, Code: "AccessDenied"}), "not-carried", 1, "AccessDenied"},
		{transfer.ErrGaveUp, "gave-up", 6, "No progress"},
		{fmt.Errorf("%w: %w", transfer.ErrJournal, transfer.ErrJournalNewer), "journal-newer", 1, "newer version"},
		{fmt.Errorf("%w: %w: /x", transfer.ErrJournal, transfer.ErrJournalDamaged), "journal-damaged", 1, "/x"},
		{fmt.Errorf("%w: %w: /x", transfer.ErrJournal, transfer.ErrJournalBusy), "journal-busy", 1, "Another program"},
		{fmt.Errorf("%w: %w", transfer.ErrJournal, localfs.ErrNoSpace), "journal-full", 1, "disk is full"},
		{fmt.Errorf("%w: %w: readonly", transfer.ErrJournal, fs.ErrPermission), "journal", 1, "readonly"},
		{&storage.NameError{Text: "A name."}, "bucket-name", 2, "A name."},
		{&connect.NotTrustedError{Topic: prompt.TopicPlainHTTP, Host: "h"}, "not-trusted", 2, "not encrypted"},
		{bookmarks.ErrNotFound, "no-bookmark", 2, "No such bookmark"},
		{fmt.Errorf("import: %w", bookmarks.ErrFormat), "import", 2, "known kind"},
		{importing.ErrAWSElsewhere, "import-aws", 2, "where they are"},
		{plist.ErrNotXML, "broken-file", 2, "XML"},
		{errors.New("strange thing"), "other", 1, "Strange thing."},
	} {
		e := explain.Error(c.err)
		if e.Kind != c.kind || e.Exit != c.exit || !strings.Contains(e.Sentence, c.part) || e.Title == "" {
			t.Errorf("%v: %+v, want %s, %d, %q", c.err, e, c.kind, c.exit, c.part)
		}
	}
	if e := explain.Error(nil); e != (explain.Explanation{}) {
		t.Errorf("nil: %+v", e)
	}
}

func TestError_OfJoinedTheGravest(t *testing.T) {
	missing := &storage.Error{Kind: storage.KindNotFound, Op: "HeadObject"}
	wrong := &storage.Error{Kind: storage.KindChecksum, Op: "GetObject"}
	if e := explain.Error(errors.Join(missing, wrong)); e.Exit != 7 {
		t.Errorf("missing and wrong content: %+v", e)
	}
	if e := explain.Error(errors.Join(missing, missing)); e.Exit != 3 {
		t.Errorf("twice missing: %+v", e)
	}
}

func TestExitOf_Combinations(t *testing.T) {
	for _, c := range []struct {
		done   int64
		failed []int
		want   int
	}{
		{5, nil, 0}, {0, []int{3}, 3}, {0, []int{4, 4}, 4}, {1, []int{3}, 5}, {0, []int{3, 4}, 5}, {9, []int{7, 3}, 7},
		{9, []int{130, 7}, 130}, {2, []int{6}, 6}, {2, []int{6, 4}, 5}, {0, []int{6}, 6}, {1, []int{0}, 0},
	} {
		if got := explain.ExitOf(c.done, c.failed...); got != c.want {
			t.Errorf("ExitOf(%d, %v) = %d, want %d", c.done, c.failed, got, c.want)
		}
	}
}
