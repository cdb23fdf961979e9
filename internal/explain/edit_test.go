package explain_test

import (
	"reflect"
	"testing"
	"time"

	"pintail/internal/explain"
	"pintail/storage"
)

func TestEdit_SaysWhatItChanges(t *testing.T) {
	yes, no := true, false
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.Local)
	everyone := storage.Grant{Grantee: storage.Grantee{URI: storage.GroupEveryone}, Permission: storage.GrantRead}
	named := storage.Grant{Grantee: storage.Grantee{ID: "0123", Name: "Ada"}, Permission: "FULL_CONTROL"}
	for want, e := range map[string]storage.Edit{
		"class GLACIER": {Class: "GLACIER"},
		"encryption SSE-KMS, a key of the key service, key-1":                   {Encryption: &storage.Encryption{Type: "aws:kms", KeyID: "key-1"}},
		"encryption as the bucket says":                                         {Encryption: &storage.Encryption{}},
		"Cache-Control = no-cache, without Expires":                             {Headers: map[string]string{"Expires": "", "Cache-Control": "no-cache"}},
		"x-amz-meta-a = b, without x-amz-meta-c":                                {Metadata: map[string]string{"a": "b"}, RemoveMetadata: []string{"c"}},
		"tag a = b, without tag c":                                              {Tags: map[string]string{"a": "b"}, RemoveTags: []string{"c"}},
		"access list private":                                                   {ACL: &storage.ACLEdit{Canned: "private"}},
		"everyone: READ, Ada: not FULL_CONTROL":                                 {ACL: &storage.ACLEdit{Grant: []storage.Grant{everyone}, Revoke: []storage.Grant{named}}},
		"GOVERNANCE until 2030-01-02 03:04:05, legal hold":                      {Lock: &storage.LockEdit{Retention: &storage.Retention{Mode: "GOVERNANCE", Until: until}, Hold: &yes}},
		"no retention, no legal hold":                                           {Lock: &storage.LockEdit{Retention: &storage.Retention{}, Hold: &no}},
		"class GLACIER, x-amz-meta-a = 1, x-amz-meta-b = 2, tag c = d":          {Class: "GLACIER", Metadata: map[string]string{"a": "1", "b": "2"}, Tags: map[string]string{"c": "d"}},
		"class GLACIER, x-amz-meta-a = 1, x-amz-meta-b = 2, and 2 more changes": {Class: "GLACIER", Metadata: map[string]string{"a": "1", "b": "2"}, Tags: map[string]string{"c": "d"}, RemoveTags: []string{"e"}},
	} {
		if got := explain.Edit(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := explain.Restore(storage.RestoreOptions{Days: 2}) + "; " + explain.Restore(storage.RestoreOptions{Tier: "Bulk"}); got != "for 2 days, Standard; Bulk" {
		t.Error(got)
	}
}

// Whatever can be changed is said: a field that Edit gets later has words, too.
func TestEdit_EveryFieldHasWords(t *testing.T) {
	yes := true
	full := storage.Edit{Headers: map[string]string{"Expires": "x"}, Metadata: map[string]string{"a": "b"}, RemoveMetadata: []string{"c"},
		Tags: map[string]string{"d": "e"}, RemoveTags: []string{"f"}, Class: "GLACIER", Encryption: &storage.Encryption{Type: "AES256"},
		ACL: &storage.ACLEdit{Canned: "private"}, Lock: &storage.LockEdit{Hold: &yes}}
	all := reflect.ValueOf(full)
	for i := range all.NumField() {
		one := reflect.New(all.Type()).Elem()
		one.Field(i).Set(all.Field(i))
		e, ok := one.Interface().(storage.Edit)
		if name := all.Type().Field(i).Name; !ok || all.Field(i).IsZero() || explain.Edit(e) == "" {
			t.Errorf("%s: %q", name, explain.Edit(e))
		}
	}
}
