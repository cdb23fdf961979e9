package transfer

import (
	"context"
	"fmt"
	"time"

	"pintail/storage"
)

// Unfinished is an upload that the journal remembers: it belongs to a transfer and goes on with it.
type Unfinished struct {
	Transfer ID
	Location storage.Location
	UploadID string
	Size     int64     // bytes of the whole file; -1 = not known
	Created  time.Time // when it was begun
}

// Unfinished lists the multipart uploads of the journal that are not completed, by their upload ids. Removing or resuming their
// transfers ends them; nobody else should.
func (q *Queue) Unfinished(ctx context.Context) (map[string]Unfinished, error) {
	rs, err := q.j.r.QueryContext(ctx, "SELECT transfer, bucket, key, upload, size, created FROM uploads WHERE upload <> ''")
	if err != nil {
		return nil, fmt.Errorf("read uploads: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	all := map[string]Unfinished{}
	for rs.Next() {
		var u Unfinished
		var key []byte
		var created int64
		if err := rs.Scan(&u.Transfer, &u.Location.Bucket, &key, &u.UploadID, &u.Size, &created); err != nil {
			return nil, fmt.Errorf("read uploads: %w", err)
		}
		u.Location.Key, u.Created = string(key), fromNano(created)
		all[u.UploadID] = u
	}
	return all, rs.Err()
}
