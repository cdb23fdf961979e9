package storage

import "context"

// Logging is where a bucket writes who asked for what. The zero value: nowhere.
type Logging struct {
	Bucket  string    `xml:"TargetBucket"`
	Prefix  string    `xml:"TargetPrefix"`
	Foreign []Foreign `xml:",any"` // grants, the form of the keys
}

type loggingStatus struct {
	Enabled *Logging  `xml:"LoggingEnabled"`
	Foreign []Foreign `xml:",any"`
}

// Logging reads where a bucket logs to.
func (s *Session) Logging(ctx context.Context, loc Location) (Logging, error) {
	var l loggingStatus
	if _, err := s.readTyped(ctx, settingOf("logging"), loc, "", &l); err != nil || l.Enabled == nil {
		return Logging{}, err
	}
	return *l.Enabled, nil
}

// SetLogging says where a bucket logs to; a Logging without a bucket switches it off. The target must be in the same region, and
// must let the log service write. A bucket that logs to itself logs its own logs.
func (s *Session) SetLogging(ctx context.Context, loc Location, l Logging) error {
	var status loggingStatus
	if l.Bucket != "" {
		status.Enabled = &l
	}
	return s.writeTyped(ctx, settingOf("logging"), loc, status, settingRequest{})
}
