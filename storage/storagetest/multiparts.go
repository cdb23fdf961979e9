package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/storage"
)

const mib = 1 << 20

// upload sends data as parts of size bytes and completes them.
func upload(e *Env, key string, data []byte, size int, o storage.WriteOptions) (storage.Upload, []storage.Part, storage.Written, error) {
	e.Helper()
	u, err := e.S.CreateUpload(e.Context(), e.Loc(key), o)
	if err != nil {
		e.Fatal(err)
	}
	var parts []storage.Part
	for off := 0; off < len(data); off += size {
		p, err := e.S.UploadPart(e.Context(), e.Loc(key), u, int32(len(parts)+1), Body(data[off:min(off+size, len(data))]))
		if err != nil {
			e.Fatalf("part %d: %v", len(parts)+1, err)
		}
		parts = append(parts, p)
	}
	w, err := e.S.CompleteUpload(e.Context(), e.Loc(key), u, parts, o)
	return u, parts, w, err
}

var multipartCases = []testCase{
	{"parts put together", []string{"upload.multipart"}, func(e *Env) {
		data := Data(5, 11*mib+1)
		o := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-parts"}, Metadata: map[string]string{"k": "v"}}
		u, parts, w, err := upload(e, "big + file", data, 5*mib, o)
		if err != nil || w.Proof < storage.ProofMD5 || w.Size != int64(len(data)) {
			e.Fatalf("%+v, %v", w, err)
		}
		if e.Target.Quirks.has(storage.ChecksumCRC64NVME) && (w.Proof != storage.ProofFull || !u.FullObject) {
			e.Errorf("the server keeps CRC64NVME, but the proof is %v", w.Proof)
		}
		e.MustHave(e.Loc("big + file"), data)
		info, err := e.S.Stat(e.Context(), e.Loc("big + file"))
		if err != nil || info.Headers.ContentType != "text/x-parts" || info.Metadata["k"] != "v" {
			e.Errorf("%+v, %v", info, err)
		}
		again, err := e.S.ProveUpload(e.Context(), e.Loc("big + file"), u, parts)
		if err != nil || again.Proof != w.Proof {
			e.Errorf("proved again: %+v, %v", again, err)
		}
		_, err = e.S.CompleteUpload(e.Context(), e.Loc("big + file"), u, parts, o)
		var se *storage.Error
		if err != nil && (!errors.As(err, &se) || !se.Unknown) {
			e.Errorf("completed twice: %v", err)
		}
	}},
	{"an upload in doubt that did not happen", nil, func(e *Env) {
		u, err := e.S.CreateUpload(e.Context(), e.Loc("d"), storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		p, err := e.S.UploadPart(e.Context(), e.Loc("d"), u, 1, Body([]byte("new")))
		if err != nil {
			e.Fatal(err)
		}
		_, err = e.S.ProveUpload(e.Context(), e.Loc("d"), u, []storage.Part{p})
		e.wantKind(err, storage.KindNotFound)
		e.MustPut("d", []byte("old"), storage.WriteOptions{})
		_, err = e.S.ProveUpload(e.Context(), e.Loc("d"), u, []storage.Part{p})
		e.wantKind(err, storage.KindConflict)
	}},
	{"a stored upload is completed, one with a gap is not", nil, func(e *Env) {
		data := Data(7, 5<<20+1000)
		for _, gap := range []bool{true, false} {
			u, err := e.S.CreateUpload(e.Context(), e.Loc("s/stored one"), storage.WriteOptions{})
			if err != nil {
				e.Fatal(err)
			}
			for i, part := range [][]byte{data[:5<<20], data[5<<20:]} {
				if n := int32(i + 1); !gap || n == 2 {
					if _, err := e.S.UploadPart(e.Context(), e.Loc("s/stored one"), u, n, Body(part)); err != nil {
						e.Fatal(err)
					}
				}
			}
			w, err := e.S.CompleteStored(e.Context(), e.Loc("s/stored one"), u.ID)
			if gap {
				e.wantKind(err, storage.KindInvalid)
				if _, err := e.S.Stat(e.Context(), e.Loc("s/stored one")); storage.KindOf(err) != storage.KindNotFound {
					e.Errorf("an upload with a gap has made an object: %v", err)
				}
				if err := e.S.AbortUpload(e.Context(), e.Loc("s/stored one"), u.ID); err != nil {
					e.Error(err)
				}
				continue
			}
			if err != nil || w.Size != int64(len(data)) || w.Proof < storage.ProofMD5 {
				e.Fatalf("%+v, %v", w, err)
			}
			e.MustHave(e.Loc("s/stored one"), data)
			_, err = e.S.CompleteStored(e.Context(), e.Loc("s/stored one"), u.ID)
			e.wantKind(err, storage.KindNotFound)
		}
	}},
	{"unfinished uploads and their parts", nil, func(e *Env) {
		u, err := e.S.CreateUpload(e.Context(), e.Loc("un/fin+ished"), storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		p, err := e.S.UploadPart(e.Context(), e.Loc("un/fin+ished"), u, 3, Body(Data(6, 1000)))
		if err != nil {
			e.Fatal(err)
		}
		found := false
		for page, err := range e.S.ListUploads(e.Context(), e.Bucket, "un/", storage.ListOptions{}) {
			if err != nil {
				e.Fatal(err)
			}
			for _, l := range page.Uploads {
				found = found || l.ID == u.ID && l.Key == "un/fin+ished"
			}
		}
		if !found {
			e.Error("the upload is not listed")
		}
		for list, err := range e.S.Parts(e.Context(), e.Loc("un/fin+ished"), u.ID) {
			if err != nil || len(list) != 1 || list[0].Number != 3 || list[0].Size != 1000 || list[0].ETag != p.ETag {
				e.Errorf("%+v, %v", list, err)
			}
		}
		if err := e.S.AbortUpload(e.Context(), e.Loc("un/fin+ished"), u.ID); err != nil {
			e.Error(err)
		}
		if err := e.S.AbortUpload(e.Context(), e.Loc("un/fin+ished"), u.ID); err != nil {
			e.Errorf("aborted twice: %v", err)
		}
		for _, err := range e.S.Parts(e.Context(), e.Loc("un/fin+ished"), u.ID) {
			e.wantKind(err, storage.KindNotFound)
		}
	}},
	{"unfinished uploads of any number", nil, unfinishedPages},
	{"parts copied on the server", nil, func(e *Env) {
		data := Data(7, 12*mib)
		src := e.MustPut("s", data, storage.WriteOptions{})
		u, err := e.S.CreateUpload(e.Context(), e.Loc("t"), storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		var parts []storage.Part
		for i, off := range []int64{0, 6 * mib} {
			p, err := e.S.CopyPart(e.Context(), e.Loc("s"), off, 6*mib, src.ETag, e.Loc("t"), u, int32(i+1))
			if err != nil {
				e.Fatal(err)
			}
			parts = append(parts, p)
		}
		w, err := e.S.CompleteUpload(e.Context(), e.Loc("t"), u, parts, storage.WriteOptions{})
		if err != nil || w.Size != 12*mib || w.Proof < storage.ProofSize {
			e.Fatalf("%+v, %v", w, err)
		}
		e.MustHave(e.Loc("t"), data)
	}},
	{"streams", []string{"upload.stream"}, func(e *Env) {
		for _, n := range []int{0, 1, 16*mib - 1, 16 * mib, 33*mib + 7} {
			data := Data(uint64(n), n)
			w, err := e.S.PutStream(e.Context(), e.Loc("stream"), io.MultiReader(bytes.NewReader(data)), storage.WriteOptions{})
			if err != nil || w.Size != int64(n) || w.Proof < storage.ProofStored {
				e.Fatalf("%d: %+v, %v", n, w, err)
			}
			e.MustHave(e.Loc("stream"), data)
		}
	}},
	{"a stream that fails leaves nothing", nil, func(e *Env) {
		broken := errors.New("the source broke")
		r := io.MultiReader(bytes.NewReader(Data(9, 20*mib)), errorReader{broken})
		_, err := e.S.PutStream(e.Context(), e.Loc("broken"), r, storage.WriteOptions{})
		if !errors.Is(err, broken) {
			e.Errorf("%v", err)
		}
		_, err = e.S.Stat(e.Context(), e.Loc("broken"))
		e.wantKind(err, storage.KindNotFound)
		for p, err := range e.S.ListUploads(e.Context(), e.Bucket, "", storage.ListOptions{}) {
			if err != nil || len(p.Uploads) != 0 {
				e.Errorf("left: %+v, %v", p.Uploads, err)
			}
		}
	}},
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

var checksumFeatures = map[storage.ChecksumAlgorithm]string{storage.ChecksumCRC64NVME: "checksum.crc64nvme", storage.ChecksumCRC32: "checksum.crc32",
	storage.ChecksumCRC32C: "checksum.crc32c", storage.ChecksumSHA1: "checksum.sha1", storage.ChecksumSHA256: "checksum.sha256"}

var checksumCases = makeChecksumCases()

func makeChecksumCases() []testCase {
	cases := []testCase{{"Content-MD5", []string{"checksum.md5"}, func(e *Env) {
		w := e.MustPut("md5", Data(1, 1000), storage.WriteOptions{Checksum: storage.ChecksumMD5})
		if w.Proof < storage.ProofMD5 {
			e.Errorf("proof %v", w.Proof)
		}
	}}, {"what is learnt of a server", nil, func(e *Env) {
		for i := range 3 {
			e.MustPut(fmt.Sprint(i), Data(1, 1000), storage.WriteOptions{})
		}
		k := e.S.Capabilities(e.Bucket).ChecksumHeaders
		if want := e.Target.Quirks.has(storage.ChecksumCRC64NVME); k == nil || *k != want {
			e.Errorf("checksum headers: learnt %v, want %v", k, want)
		}
		w := e.MustPut("then", Data(1, 1000), storage.WriteOptions{})
		if e.Target.Quirks.has(storage.ChecksumCRC64NVME) && w.Proof != storage.ProofFull {
			e.Errorf("proof %v", w.Proof)
		}
	}}}
	for a, f := range checksumFeatures {
		cases = append(cases, testCase{"checksum " + string(a), nil, func(e *Env) {
			if !e.Target.Quirks.has(a) {
				e.Skip("the server does not keep it")
			}
			proveFeature(e, f)
			w := e.MustPut("one", Data(1, 100_000), storage.WriteOptions{Checksum: a})
			if w.Proof != storage.ProofFull || w.Checksums.Values[a] == "" {
				e.Errorf("proof %v, %+v", w.Proof, w.Checksums)
			}
			info, err := e.S.Stat(e.Context(), e.Loc("one"))
			if err != nil || info.Checksums.Values[a] != w.Checksums.Values[a] || !info.Checksums.FullObject {
				e.Errorf("stat %+v, %v", info.Checksums, err)
			}
			data := Data(2, 5*mib+100)
			_, _, w, err = upload(e, "parts", data, 5*mib, storage.WriteOptions{Checksum: a})
			if err != nil || w.Proof < storage.ProofParts {
				e.Errorf("multipart: %+v, %v", w, err)
			}
			e.MustHave(e.Loc("parts"), data)
		}})
	}
	return cases
}

// anonymous is a session without credentials; the case's own stays for the cleaning up.
func anonymous(e *Env) *storage.Session {
	e.Helper()
	c := e.Target.Config()
	c.Credentials = nil
	return Open(e.T, c)
}

var failureCases = []testCase{
	{"wrong secret, unknown key", []string{"connect.wrongsecret"}, func(e *Env) {
		for _, pair := range [][2]string{{e.Target.AccessKey, "wrong" + e.Target.SecretKey}, {"unknownkey", "x"}} {
			c := e.Target.Config()
			c.Credentials = credentials.NewStaticCredentialsProvider(pair[0], pair[1], "")
			s := Open(e.T, c)
			want := []storage.Kind{storage.KindAuth}
			if e.Target.Quirks.WrongSecret != 0 {
				want = append(want, e.Target.Quirks.WrongSecret)
			}
			for _, err := range s.Buckets(e.Context()) {
				e.wantKind(err, want...)
				if strings.Contains(fmt.Sprint(err), e.Target.SecretKey) {
					e.Error("the secret is in the error")
				}
			}
			for _, err := range s.List(e.Context(), e.Bucket, "", storage.ListOptions{}) {
				e.wantKind(err, want...)
			}
		}
	}},
	{"bucket, key, upload that are not there", nil, func(e *Env) {
		none := storage.Location{Bucket: e.Bucket + "-none", Key: "k"}
		for _, err := range e.S.List(e.Context(), none.Bucket, "", storage.ListOptions{}) {
			e.wantKind(err, storage.KindNotFound)
		}
		_, err := e.S.Read(e.Context(), none, storage.ReadOptions{Whole: true})
		e.wantKind(err, storage.KindNotFound)
		_, err = e.S.Put(e.Context(), none, Body([]byte("x")), storage.WriteOptions{})
		e.wantKind(err, storage.KindNotFound)
		_, err = e.S.Read(e.Context(), e.Loc("none"), storage.ReadOptions{Length: 1})
		e.wantKind(err, storage.KindNotFound)
		_, err = e.S.UploadPart(e.Context(), e.Loc("none"), storage.Upload{ID: "00000000-0000-0000-0000-000000000000"}, 1, Body([]byte("x")))
		e.wantKind(err, storage.KindNotFound)
	}},
	{"anonymous reads what is public", nil, func(e *Env) {
		if e.Target.Quirks.NoACL {
			e.Skip("the server has no ACLs on objects")
		}
		proveFeature(e, "connect.anonymous")
		proveFeature(e, "object.acl")
		e.MustPut("public", []byte("for all"), storage.WriteOptions{ACL: "public-read"})
		e.MustPut("private", []byte("for me"), storage.WriteOptions{})
		e.S = anonymous(e)
		e.MustHave(e.Loc("public"), []byte("for all"))
		_, err := e.S.Read(e.Context(), e.Loc("private"), storage.ReadOptions{Whole: true})
		e.wantKind(err, storage.KindPermission, storage.KindAuth)
	}},
	{"anonymous is refused", nil, func(e *Env) {
		s := anonymous(e)
		_, err := s.Put(e.Context(), e.Loc("anon"), Body([]byte("x")), storage.WriteOptions{})
		e.wantKind(err, storage.KindPermission, storage.KindAuth)
	}},
}
