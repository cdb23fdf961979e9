package storage

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sameListing holds the plain form's reader against the reader of all XML.
func sameListing(t rapid.TB, doc []byte, prefix string) (scanned bool) {
	got, ok, err := scanListing(doc, prefix)
	if !ok {
		return false
	}
	want, werr := parseListing(doc, prefix)
	if (err == nil) != (werr == nil) {
		t.Fatalf("%q: %v, want %v", doc, err, werr)
	}
	if err == nil && !reflect.DeepEqual(normal(got), normal(want)) {
		t.Fatalf("%q:\ngot  %+v\nwant %+v", doc, got, want)
	}
	return true
}

// normal takes off what no caller sees.
func normal(l *listing) listing {
	c := *l
	c.count = 0
	if len(c.page.Entries) == 0 {
		c.page.Entries = nil
	}
	return c
}

// element is one piece of a document, plain or not.
func element(name, text string, odd int) string {
	switch odd {
	case 1:
		return "<" + name + " x='>'>" + text + "</" + name + ">"
	case 2:
		return "<!-- " + name + " --><" + name + ">" + text + "</" + name + ">"
	case 3:
		return "<" + name + "/>"
	case 4:
		return "<" + name + "><![CDATA[" + text + "]]></" + name + ">"
	case 5:
		return "<" + name + ">" + text + "</" + name + ">\r\n\t "
	case 6:
		return "<s3:" + name + ">" + text + "</s3:" + name + ">"
	case 7:
		return "<" + name + "> " + text + "<b/></" + name + ">"
	}
	return "<" + name + ">" + text + "</" + name + ">"
}

func TestScan_ReadsWhatTheOtherReaderReads(t *testing.T) {
	texts := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9/%+._-]{0,20}`), rapid.SampledFrom([]string{"a%2Bb", "a+b", "a%20b", "%zz", "&amp;", "&#x1;", "&quot;x&quot;", "&#34;y&#34;",
		"W/\"z\"", "2026-11-20T12:00:00.000Z", "2026-11-20T23:59:59.999Z", "2026-02-30T12:00:00.000Z", "2026-11-20T12:00:00Z", "123", " 5 ", "true", "url", "STANDARD", "GLACIER", "CRC64NVME", "é", "\xff", "a\rb"}))
	scanned := 0
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.OneOf(rapid.Just(0), rapid.Just(0), rapid.Just(0), rapid.Just(0), rapid.IntRange(0, 7))
		if rapid.Bool().Draw(t, "plain") {
			odd = rapid.Just(0)
		}
		piece := func(name string) string {
			return element(name, texts.Draw(t, name), odd.Draw(t, "odd"))
		}
		var doc strings.Builder
		doc.WriteString(rapid.SampledFrom([]string{"", "<?xml version=\"1.0\"?>\n", "\xef\xbb\xbf"}).Draw(t, "head"))
		doc.WriteString(rapid.SampledFrom([]string{"<ListBucketResult>", "<ListBucketResult xmlns=\"http://x/\">", "<ListBucketResults>"}).Draw(t, "root"))
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"Contents", "Contents", "Contents", "CommonPrefixes", "IsTruncated", "EncodingType", "NextContinuationToken", "Marker", "Prefix", "Name"}), 0, 8).Draw(t, "children")
		for _, n := range names {
			switch n {
			case "Contents":
				var in strings.Builder
				for _, f := range rapid.SliceOfN(rapid.SampledFrom([]string{"Key", "LastModified", "ETag", "Size", "StorageClass", "Owner", "ChecksumAlgorithm", "ChecksumType", "RestoreStatus", "VersionId", "Other"}), 0, 9).Draw(t, "fields") {
					if f == "Owner" {
						in.WriteString(element(f, piece("ID")+piece("DisplayName"), odd.Draw(t, "odd")))
						continue
					}
					in.WriteString(piece(f))
				}
				doc.WriteString(element(n, in.String(), odd.Draw(t, "odd")))
			case "CommonPrefixes":
				doc.WriteString(element(n, piece("Prefix"), odd.Draw(t, "odd")))
			default:
				doc.WriteString(piece(n))
			}
		}
		doc.WriteString(rapid.SampledFrom([]string{"</ListBucketResult>", "</ListBucketResult>\n", "</ListBucketResult><x/>", ""}).Draw(t, "tail"))
		if sameListing(t, []byte(doc.String()), rapid.SampledFrom([]string{"", "", "", "a+", "a b"}).Draw(t, "prefix")) {
			scanned++
		}
	})
	if scanned == 0 && !testing.Short() { // few documents then
		t.Error("no document took the fast way")
	}
}

// A page as servers send it must take the fast way, cut off anywhere it must not.
func TestScan_TakesThePlainFormAndNothingCutOff(t *testing.T) {
	doc := "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix></Prefix><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" +
		"<NextContinuationToken>t</NextContinuationToken><Contents><Key>a%2Bb</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>5</Size>" +
		"<Owner><ID>i</ID><DisplayName>n</DisplayName></Owner><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><StorageClass>GLACIER</StorageClass></Contents>" +
		"<CommonPrefixes><Prefix>p%2F</Prefix></CommonPrefixes></ListBucketResult>"
	if !sameListing(t, []byte(doc), "") {
		t.Error("the plain form was left to the other reader")
	}
	for n := range len(doc) {
		if _, ok, _ := scanListing([]byte(doc[:n]), ""); ok {
			t.Fatalf("%d bytes of %d were taken for a page", n, len(doc))
		}
		changed := []byte(doc)
		changed[n] = byte(rand.Uint32())
		sameListing(t, changed, "")
		for _, c := range "<>&\"' " {
			changed[n] = byte(c)
			sameListing(t, changed, "")
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(fmt.Sprintf("<ListBucketResult><EncodingType>url</EncodingType>%s</ListBucketResult>", element("Contents", element("Key", "k%2B", 0), 0))), "a+")
	f.Fuzz(func(t *testing.T, doc []byte, prefix string) { sameListing(t, doc, prefix) })
}
