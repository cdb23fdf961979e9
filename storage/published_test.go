package storage_test

import (
	"testing"

	"pintail/storage"
)

func TestPublishedURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, start, at, want string }{
		{"https://www.example.com", "", "b/a b/c+d", "https://www.example.com/b/a%20b/c%2Bd"},
		{"https://www.example.com/", "b", "b/k", "https://www.example.com/k"},
		{"https://www.example.com/x/", "b/site/", "b/site/img/ä.png", "https://www.example.com/x/img/%C3%A4.png"},
		{"https://www.example.com", "b/site/", "b/sitemap", "https://www.example.com/b/sitemap"},
		{"https://www.example.com", "b/site/", "c/site/k", "https://www.example.com/c/site/k"},
		{"https://www.example.com", "b", "b/", "https://www.example.com/"},
		{"https://cdn.example.com/{key}", "b/site/", "b/site/k?#", "https://cdn.example.com/site/k%3F%23"},
		{"https://cdn.example.com/{key}?w=1", "", "b//k", "https://cdn.example.com//k?w=1"},
		{"https://{bucket}.cdn.example.com", "b", "b/x/y", "https://b.cdn.example.com/x/y"},
		{"https://cdn.example.com/{bucket}/{key}", "", "evil.com/{bucket}", "https://cdn.example.com/evil.com/%7Bbucket%7D"},
	} {
		if got := storage.PublishedURL(c.base, storage.ParsePath(c.start), storage.ParsePath(c.at)); got != c.want {
			t.Errorf("%s, from %q: %s of %s, want %s", c.base, c.start, got, c.at, c.want)
		}
	}
	if got := storage.PublishedURL("https://{bucket}.example.com", storage.Location{}, storage.Location{Bucket: "evil.com/", Key: "k"}); got != "https://evil.com%2F.example.com/k" {
		t.Errorf("another host: %s", got)
	}
}
