package storage

import "context"

// Replication is what a bucket copies to others by itself. Role is the ARN of the role that does it.
type Replication struct {
	Role    string            `xml:"Role"`
	Rules   []ReplicationRule `xml:"Rule"`
	Foreign []Foreign         `xml:",any"`
}

// ReplicationRule copies what fits its filter to a bucket.
type ReplicationRule struct {
	ID            string                 `xml:"ID,omitempty"`
	Priority      *int                   `xml:"Priority"`
	Prefix        *string                `xml:"Prefix"` // the old form of Filter
	Filter        *ReplicationFilter     `xml:"Filter"`
	Status        string                 `xml:"Status"` // Enabled or Disabled
	Destination   ReplicationDestination `xml:"Destination"`
	DeleteMarkers *ReplicationMarkers    `xml:"DeleteMarkerReplication"`
	Foreign       []Foreign              `xml:",any"`
}

// ReplicationFilter has one condition, or several in And.
type ReplicationFilter struct {
	Prefix  *string       `xml:"Prefix"`
	Tags    []Tag         `xml:"Tag"` // one
	And     *LifecycleAnd `xml:"And"`
	Foreign []Foreign     `xml:",any"`
}

// ReplicationDestination is the ARN of the target bucket, and the class of the copies ("": the source's).
type ReplicationDestination struct {
	Bucket  string    `xml:"Bucket"`
	Account string    `xml:"Account,omitempty"`
	Class   string    `xml:"StorageClass,omitempty"`
	Foreign []Foreign `xml:",any"`
}

// ReplicationMarkers says whether delete markers are copied: Enabled or Disabled.
type ReplicationMarkers struct {
	Status  string    `xml:"Status"`
	Foreign []Foreign `xml:",any"`
}

// Replication reads what a bucket copies.
func (s *Session) Replication(ctx context.Context, loc Location) (Replication, error) {
	var r Replication
	_, err := s.readTyped(ctx, settingOf("replication"), loc, "", &r)
	return r, err
}

// SetReplication replaces what a bucket copies. Both buckets must keep versions. Without rules it is taken away.
func (s *Session) SetReplication(ctx context.Context, loc Location, r Replication) error {
	if len(r.Rules) == 0 {
		return s.DeleteReplication(ctx, loc)
	}
	return s.writeTyped(ctx, settingOf("replication"), loc, r, settingRequest{})
}

// DeleteReplication ends it. What was copied stays.
func (s *Session) DeleteReplication(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("replication"), loc, settingRequest{})
}
