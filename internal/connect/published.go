package connect

import "pintail/storage"

// Published is the address of loc below the web address of the connection's bookmark, "" if the bookmark has none. A change of the bookmark
// holds at once.
func (c *Connection) Published(loc storage.Location) string {
	b, err := c.bookmark()
	if err != nil || b.WebURL == "" || loc.Bucket == "" {
		return ""
	}
	return storage.PublishedURL(b.WebURL, startOf(b.Path), loc)
}

// Publishes tells whether the connection's bookmark has a web address.
func (c *Connection) Publishes() bool {
	b, err := c.bookmark()
	return err == nil && b.WebURL != ""
}
