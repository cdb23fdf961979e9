package info

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"pintail/internal/connect"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/look"
)

// beside is a server that has Amazon's other services, too.
type beside struct {
	name, version string
	client.Account
}

func ofServer(s *servers.Server) beside {
	return beside{string(s.Name), s.Version, client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}}
}

func (b *bench) embedded() beside {
	s := b.server
	return beside{features.Embedded, "", client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()}}
}

// beside makes the bench work with a new bucket on a server that has Amazon's other services, too.
func (b *bench) beside(at beside) (bucket string) {
	b.t.Helper()
	b.besideAt(at.Endpoint, at.Region, at.AccessKey, at.SecretKey)
	bucket = fmt.Sprintf("beside-%x", time.Now().UnixNano())
	b.must(b.s.MakeBucket(context.Background(), bucket, storage.MakeBucketOptions{}))
	return bucket
}

// besideAt makes the bench work on a server for S3 and Amazon's other services.
func (b *bench) besideAt(endpoint, region, key, secret string) {
	b.t.Helper()
	prefs, err := preferences.Open(preferences.Options{})
	b.must(err)
	profs, err := profiles.OpenRegistry("")
	b.must(err)
	env := map[string]string{"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": region, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
	c, err := connect.Open(context.Background(), connect.Env{Profiles: profs, Preferences: prefs, Run: keychain.NewMemory(), Home: b.t.TempDir(),
		Getenv: func(name string) string { return env[name] }}, connect.Spec{})
	b.must(err)
	b.t.Cleanup(func() { b.must(c.Close()) })
	b.s = c.Session
}

func TestKeys_ChosenByAliasOnMoto(t *testing.T) {
	srv := servers.SharedMoto(t)
	keysOn(t, newBench(t), ofServer(srv))
}

func TestKeys_ChosenByAliasOnTheEmbeddedServer(t *testing.T) {
	b := newBench(t)
	keysOn(t, b, b.embedded())
}

func keysOn(t *testing.T, b *bench, on beside) {
	t.Helper()
	d := newDesk(t, b, look.Light, LeastWidth)
	bucket := b.beside(on)
	other := client.New(t, on.Account)
	var made struct{ KeyMetadata struct{ KeyId, Arn string } }
	b.must(json.Unmarshal(other.Service("kms", "create-key"), &made))
	other.Service("kms", "create-alias", "--alias-name", "alias/"+bucket, "--target-key-id", made.KeyMetadata.KeyId)
	at := storage.Location{Bucket: bucket, Key: "key"}
	_, err := b.s.Put(context.Background(), at, storage.Body{R: strings.NewReader("x"), Size: 1}, storage.WriteOptions{})
	b.must(err)
	b.show(Item{At: at, Size: 1, Kind: "TXT file"})
	b.vm.Choose(Service)
	b.calm()
	if list, _ := b.vm.Keys(); list != nil {
		t.Error("keys are asked for before they matter")
	}
	b.vm.SetEncryption("aws:kms", "")
	b.calm()
	list, reason := b.vm.Keys()
	i := slices.Index(list, shorten(bucket))
	if i < 1 || reason != "" || list[0] != "the default" || b.vm.KeyIndex() != 0 {
		t.Fatalf("keys %q, %q", list, reason)
	}
	b.vm.ChooseKey(i)
	d.inside("keys")
	d.keep("keys")
	if c := b.vm.Changes(); len(c) != 1 || c[0].To != "SSE-KMS "+bucket+" – "+made.KeyMetadata.KeyId {
		t.Errorf("changes %+v", c)
	}
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("outcome %+v", o)
	}
	var head struct{ ServerSideEncryption, SSEKMSKeyId string }
	raw, err := other.Try("head-object", map[string]any{"Bucket": bucket, "Key": "key"})
	b.must(err)
	b.must(json.Unmarshal(raw, &head))
	if head.ServerSideEncryption != "aws:kms" || head.SSEKMSKeyId != made.KeyMetadata.Arn {
		t.Errorf("the independent client reads %+v, not %s", head, made.KeyMetadata.Arn)
	}
	if b.vm.KeyIndex() != i || b.vm.KeyTyped() {
		t.Errorf("afterwards it shows %d", b.vm.KeyIndex())
	}
	b.vm.ChooseKey(len(list) - 1)
	d.inside("another key")
	d.win.Canvas().Focus(d.pane.views[Service].(*serviceView).key)
	test.Type(d.pane.views[Service].(*serviceView).key, "alias/other")
	if _, key := b.vm.Encryption(); key != "alias/other" || !b.vm.KeyTyped() {
		t.Errorf("typed: %q", key)
	}
	features.Proved(t, "window.kmskeys", on.name, on.version)
}

// Where keys cannot be listed, one can be typed, and it is said why.
func TestKeys_TypedWhereTheyCannotBeListed(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Dark, LeastWidth)
	b.show(b.put("key", "x", storage.WriteOptions{}))
	b.vm.Choose(Service)
	b.calm()
	b.vm.SetEncryption("aws:kms", "")
	b.calm()
	d.keep("keytyped")
	d.inside("typed")
	v := d.pane.views[Service].(*serviceView)
	if v.keys.Visible() || !v.key.Visible() || v.typedRow.Remark() != "Keys cannot be listed (this server does not have it). Type one." {
		t.Errorf("it says %q", v.typedRow.Remark())
	}
	d.win.Canvas().Focus(v.key)
	test.Type(v.key, "abc")
	if c := b.vm.Changes(); len(c) != 1 || c[0].To != "SSE-KMS abc" {
		t.Errorf("changes %+v", c)
	}
}
