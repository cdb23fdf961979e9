package storagetest

import (
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"pintail/storage"
)

// Objects that are encrypted with a key of the customer's.
var customerKeyCases = []testCase{
	{"an object with a key of its own", []string{"object.ssec"}, func(e *Env) {
		mine, others := e.withKey("0123456789abcdef0123456789abcdef"), e.withKey(strings.Repeat("x", 32))
		data := Data(1, 70_000)
		w, err := e.S.Put(mine, e.Loc("a"), Body(data), storage.WriteOptions{Metadata: map[string]string{"m": "n"}})
		if err != nil || w.Proof == storage.ProofNone {
			e.Fatalf("%+v, %v", w, err)
		}
		info, err := e.S.Stat(mine, e.Loc("a"))
		if err != nil || info.Encryption.Type != storage.EncryptionCustomer || info.Metadata["m"] != "n" || info.Size != int64(len(data)) {
			e.Fatalf("%+v, %v", info, err)
		}
		e.mustRead(mine, "a", data)
		for _, ctx := range []context.Context{e.Context(), others} {
			if _, err := e.S.Stat(ctx, e.Loc("a")); err == nil {
				e.Error("the head is told without the key")
			}
			if r, err := e.S.Read(ctx, e.Loc("a"), storage.ReadOptions{Whole: true}); err == nil {
				b, err := io.ReadAll(r)
				_ = r.Close()
				if err == nil && string(b) == string(data) {
					e.Error("the content is told without the key")
				}
			}
		}
	}},
	{"an object in parts with a key of its own", []string{"object.ssec"}, func(e *Env) {
		mine := e.withKey("0123456789abcdef0123456789abcdef")
		data := Data(2, 11<<20)
		u, err := e.S.CreateUpload(mine, e.Loc("large"), storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		var parts []storage.Part
		for i := 0; i*(5<<20) < len(data); i++ {
			p, err := e.S.UploadPart(mine, e.Loc("large"), u, int32(i+1), Body(data[i*(5<<20):min(len(data), (i+1)*(5<<20))]))
			if err != nil {
				e.Fatal(err)
			}
			parts = append(parts, p)
		}
		if _, err := e.S.CompleteUpload(mine, e.Loc("large"), u, parts, storage.WriteOptions{}); err != nil {
			e.Fatal(err)
		}
		e.mustRead(mine, "large", data)
	}},
	{"objects without a key are read all the same", nil, func(e *Env) {
		mine := e.withKey("0123456789abcdef0123456789abcdef")
		e.MustPut("plain", []byte("plain"), storage.WriteOptions{})
		if info, err := e.S.Stat(mine, e.Loc("plain")); err != nil || info.Encryption.Type != "" {
			e.Errorf("%+v, %v", info, err)
		}
		e.mustRead(mine, "plain", []byte("plain"))
	}},
	{"copies and edits with a key", nil, func(e *Env) {
		if e.Target.Quirks.NoEncryptedCopy {
			return // the answer is that this is not there, see the case of uploads
		}
		mine := e.withKey("0123456789abcdef0123456789abcdef")
		if _, err := e.S.Put(mine, e.Loc("a"), Body([]byte("secret")), storage.WriteOptions{Metadata: map[string]string{"m": "n"}}); err != nil {
			e.Fatal(err)
		}
		e.MustPut("plain", []byte("plain"), storage.WriteOptions{})
		for from, data := range map[string]string{"a": "secret", "plain": "plain"} {
			if _, err := e.S.Copy(mine, e.Loc(from), e.Loc(from+"2"), storage.CopyOptions{}); err != nil {
				e.Fatal(err)
			}
			e.mustRead(mine, from+"2", []byte(data))
			if _, err := e.S.Stat(e.Context(), e.Loc(from+"2")); err == nil {
				e.Errorf("the copy of %s is told without the key", from)
			}
		}
		w, err := e.S.Rewrite(mine, e.Loc("a"), storage.Edit{Metadata: map[string]string{"new": "yes"}}, storage.RewriteOptions{})
		if err != nil || !w.Copied || len(w.Ignored) > 0 {
			e.Fatalf("%+v, %v", w, err)
		}
		info, err := e.S.Stat(mine, e.Loc("a"))
		if err != nil || info.Metadata["m"] != "n" || info.Metadata["new"] != "yes" || info.Encryption.Type != storage.EncryptionCustomer {
			e.Errorf("%+v, %v", info, err)
		}
		e.mustRead(mine, "a", []byte("secret"))
	}},
	{"a key never goes over plain http", nil, func(e *Env) {
		c := e.Target.Config()
		c.Endpoint = &url.URL{Scheme: "http", Host: c.Endpoint.Host}
		sent := 0
		c.Trace = func(storage.Event) { sent++ }
		s := Open(e.T, c)
		_, err := s.Put(e.withKey("0123456789abcdef0123456789abcdef"), e.Loc("a"), Body([]byte("x")), storage.WriteOptions{})
		e.wantKind(err, storage.KindInvalid)
		if sent != 0 {
			e.Errorf("%d requests were sent", sent)
		}
	}},
}

// withKey is the case's context with a key that was read from a file.
func (e *Env) withKey(key string) context.Context {
	e.Helper()
	path := filepath.Join(e.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		e.Fatal(err)
	}
	k, err := storage.ReadCustomerKey(path)
	if err != nil {
		e.Fatal(err)
	}
	return storage.WithCustomerKey(e.Context(), k)
}

func (e *Env) mustRead(ctx context.Context, key string, want []byte) {
	e.Helper()
	r, err := e.S.Read(ctx, e.Loc(key), storage.ReadOptions{Whole: true})
	if err != nil {
		e.Fatalf("read %s: %v", key, err)
	}
	defer r.Close() // read to its end
	got, err := io.ReadAll(r)
	if err != nil || string(got) != string(want) {
		e.Fatalf("read %s: %d bytes, %v", key, len(got), err)
	}
}
