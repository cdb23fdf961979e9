package storage

import (
	"strings"
	"testing"
)

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-9/10", "bytes */10", "bytes 0-9/*", "bytes 9223372036854775807-9223372036854775807/9223372036854775807", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first, last, total, err := parseContentRange(s)
		if err == nil && (first < 0 || first > last || last >= total) {
			t.Errorf("%q: %d-%d/%d", s, first, last, total)
		}
	})
}

func FuzzETag(f *testing.F) {
	for _, s := range []string{`"5d41402abc4b2a76b9719d911017c592"`, `W/"x"`, `"5d41402abc4b2a76b9719d911017c592-12"`, `"`, "", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := cleanETag(s)
		if strings.HasPrefix(e, `"`) || strings.HasSuffix(e, `"`) {
			t.Errorf("%q: quotes left in %q", s, e)
		}
		if sum := etagMD5(e); sum != nil && (len(sum) != 16 || len(e) != 32) {
			t.Errorf("%q taken for an MD5", e)
		}
		if isMultipartETag(e) && etagMD5(e) != nil {
			t.Errorf("%q is both", e)
		}
	})
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(`<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a%2Bb</Key></Contents></ListBucketResult>`), "a+")
	f.Add([]byte(`<ListVersionsResult><DeleteMarker><Key>&#x1;&lt;</Key></DeleteMarker><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListVersionsResult>`), "")
	f.Add([]byte("<a><![CDATA[x]]><!-- --></a>"), "")
	f.Fuzz(func(t *testing.T, doc []byte, prefix string) {
		l, err := parseListing(doc, prefix)
		if err == nil {
			if root, rerr := rootElement(doc); rerr != nil || root == "" {
				t.Errorf("parsed without a root: %v", rerr)
			}
			if len(l.page.Entries) > maxPageKeys {
				t.Error("too many keys")
			}
		}
		_, _ = parseUploads(doc)
	})
}

func FuzzRoot(f *testing.F) {
	for _, s := range []string{"<a/>", "<?xml version='1.0'?><x:Error/>", "<!DOCTYPE html><html>", "", "\xef\xbb\xbf<a>", "{}", "<a b='>'>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		root, err := rootElement(doc)
		if err == nil && (root == "" || strings.ContainsAny(root, "<>/ :\"'")) {
			t.Errorf("root %q", root)
		}
	})
}

func FuzzErrorDocument(f *testing.F) {
	f.Add([]byte(`<Error><Code>NoSuchKey</Code><Message>m</Message><Region>r</Region></Error>`))
	f.Add([]byte(`<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error><RequestId>x</RequestId></ErrorResponse>`))
	f.Add([]byte("<html><body>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		e := parseFailure(doc)
		if len(e.Code) > 128 || len(e.Message) > 1024 || len(e.Region) > 64 {
			t.Errorf("%+v", e)
		}
		if e.isXML == e.page && len(strings.TrimSpace(string(doc))) > 0 {
			if e.isXML {
				return // broken off after its first fields: they are taken, and the rest is noted
			}
			t.Errorf("neither an error nor a page: %q", doc)
		}
	})
}
