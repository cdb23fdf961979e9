package storage

import "context"

type statusDocument struct {
	Status  string    `xml:"Status,omitempty"`
	Foreign []Foreign `xml:",any"`
}

// Acceleration is "Enabled", "Suspended" or, where transfer acceleration was never switched on, "".
func (s *Session) Acceleration(ctx context.Context, loc Location) (string, error) {
	var d statusDocument
	_, err := s.readTyped(ctx, settingOf("accelerate"), loc, "", &d)
	return d.Status, err
}

// SetAcceleration switches transfer acceleration on or off. A bucket with a dot in its name cannot have it.
func (s *Session) SetAcceleration(ctx context.Context, loc Location, on bool) error {
	status := "Suspended"
	if on {
		status = "Enabled"
	}
	err := s.writeTyped(ctx, settingOf("accelerate"), loc, statusDocument{Status: status}, settingRequest{})
	if err == nil {
		s.rememberAcceleration(loc.Bucket, on)
	}
	return err
}

type payerDocument struct {
	Payer   string    `xml:"Payer"`
	Foreign []Foreign `xml:",any"`
}

// RequesterPays tells whether those who read a bucket pay for it.
func (s *Session) RequesterPays(ctx context.Context, loc Location) (bool, error) {
	var d payerDocument
	_, err := s.readTyped(ctx, settingOf("requester-pays"), loc, "", &d)
	return d.Payer == "Requester", err
}

// SetRequesterPays says who pays for reading.
func (s *Session) SetRequesterPays(ctx context.Context, loc Location, on bool) error {
	payer := "BucketOwner"
	if on {
		payer = "Requester"
	}
	return s.writeTyped(ctx, settingOf("requester-pays"), loc, payerDocument{Payer: payer}, settingRequest{})
}
