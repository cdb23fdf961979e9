package demo

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxObjectTags = 10
	maxBucketTags = 50
)

type tagDocument struct {
	Set struct {
		Tags []struct{ Key, Value string } `xml:"Tag"`
	} `xml:"TagSet"`
}

// checkTags enforces the limits of "Object tagging".
func checkTags(tags []field, limit int) error {
	if len(tags) > limit {
		return fail("BadRequest", "Object tags cannot be greater than "+strconv.Itoa(limit))
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.name == "" || utf8.RuneCountInString(t.name) > 128 || strings.HasPrefix(t.name, "aws:"):
			return fail("InvalidTag", "The TagKey you have provided is invalid", field{"TagKey", t.name})
		case utf8.RuneCountInString(t.value) > 256:
			return fail("InvalidTag", "The TagValue you have provided is invalid", field{"TagKey", t.name})
		case seen[t.name]:
			return fail("InvalidTag", "Cannot provide multiple Tags with the same key", field{"TagKey", t.name})
		}
		seen[t.name] = true
	}
	return nil
}

// headerTags reads x-amz-tagging, which is written like a query. Its order is kept.
func headerTags(v string) ([]field, error) {
	var tags []field
	for pair := range strings.SplitSeq(v, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		n, err1 := url.QueryUnescape(name)
		val, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, fail("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, field{n, val})
	}
	return tags, checkTags(tags, maxObjectTags)
}

// withTags runs f on the tags of the request's bucket or object.
func (c *call) withTags(f func(*[]field) error) error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if c.key == "" {
		return f(&b.tags)
	}
	v, err := c.object(b, "")
	if err != nil {
		return err
	}
	if b.versioning != "" {
		c.w.Header().Set("X-Amz-Version-Id", v.id)
	}
	v.own()
	return f(&v.tags)
}

func (c *call) getTagging() error {
	x := newXML("Tagging", s3Namespace)
	err := c.withTags(func(tags *[]field) error {
		if c.key == "" && len(*tags) == 0 {
			return fail("NoSuchTagSet", "The TagSet does not exist", field{"BucketName", c.bucket})
		}
		x.start("TagSet")
		for _, t := range *tags {
			x.start("Tag")
			x.text("Key", t.name)
			x.text("Value", t.value)
			x.end()
		}
		x.end()
		return nil
	})
	if err != nil {
		return err
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) putTagging() error {
	var doc tagDocument
	if err := c.readXML("Tagging", &doc); err != nil {
		return err
	}
	limit, status := maxObjectTags, http.StatusOK
	if c.key == "" {
		limit, status = maxBucketTags, http.StatusNoContent
	}
	var fresh []field
	for _, t := range doc.Set.Tags {
		fresh = append(fresh, field{t.Key, t.Value})
	}
	if err := checkTags(fresh, limit); err != nil {
		return err
	}
	if err := c.withTags(func(tags *[]field) error { *tags = fresh; return nil }); err != nil {
		return err
	}
	c.w.WriteHeader(status)
	return nil
}

func (c *call) deleteTagging() error {
	if err := c.withTags(func(tags *[]field) error { *tags = nil; return nil }); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
