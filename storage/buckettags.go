package storage

import (
	"cmp"
	"context"
	"slices"
)

type bucketTagging struct {
	Tags    []Tag     `xml:"TagSet>Tag"`
	Foreign []Foreign `xml:",any"`
}

// BucketTags reads the tags of a bucket. One without tags has an empty map.
func (s *Session) BucketTags(ctx context.Context, loc Location) (map[string]string, error) {
	var t bucketTagging
	if _, err := s.readTyped(ctx, settingOf("tags"), loc, "", &t); err != nil {
		return nil, err
	}
	m := make(map[string]string, len(t.Tags))
	for _, tag := range t.Tags {
		m[tag.Key] = tag.Value
	}
	return m, nil
}

// SetBucketTags replaces the tags of a bucket. An empty map takes them all away.
func (s *Session) SetBucketTags(ctx context.Context, loc Location, tags map[string]string) error {
	if len(tags) == 0 {
		return s.deleteSetting(ctx, settingOf("tags"), loc, settingRequest{})
	}
	var t bucketTagging
	for k, v := range tags {
		t.Tags = append(t.Tags, Tag{k, v})
	}
	slices.SortFunc(t.Tags, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	return s.writeTyped(ctx, settingOf("tags"), loc, t, settingRequest{})
}
