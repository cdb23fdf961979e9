package demo

import (
	"fmt"
	"net/http"
	"time"
)

// restore is a temporary copy of an archived object, or one on its way.
type restore struct {
	ready  time.Time
	expiry time.Time
}

// restoreTime is how long a retrieval takes, after "Understanding archive retrieval options".
var restoreTime = map[string]map[string]time.Duration{
	"GLACIER":      {"Expedited": 5 * time.Minute, "Standard": 5 * time.Hour, "Bulk": 12 * time.Hour},
	"DEEP_ARCHIVE": {"Standard": 12 * time.Hour, "Bulk": 48 * time.Hour},
}

// archived says whether the bytes cannot be read now.
func (v *version) archived(now time.Time) bool {
	return restoreTime[v.class] != nil && !v.restore.restored(now)
}

func (r *restore) ongoing(now time.Time) bool { return r != nil && now.Before(r.ready) }

func (r *restore) restored(now time.Time) bool {
	return r != nil && !now.Before(r.ready) && now.Before(r.expiry)
}

// header is the value of x-amz-restore, "" when there is none.
func (r *restore) header(now time.Time) string {
	switch {
	case r.ongoing(now):
		return `ongoing-request="true"`
	case r.restored(now):
		return fmt.Sprintf(`ongoing-request="false", expiry-date="%s"`, httpTime(r.expiry))
	}
	return ""
}

func (r *restore) writeStatus(x *xmlWriter, now time.Time) {
	if !r.ongoing(now) && !r.restored(now) {
		return
	}
	x.start("RestoreStatus")
	x.flag("IsRestoreInProgress", r.ongoing(now))
	if r.restored(now) {
		x.time("RestoreExpiryDate", r.expiry)
	}
	x.end()
}

type restoreRequest struct {
	Days   int
	Tier   string
	Type   string
	Params struct{ Tier string } `xml:"GlacierJobParameters"`
}

// expiryAfter is the end of a restored copy: S3 adds the days and rounds up to the next midnight UTC.
func expiryAfter(from time.Time, days int) time.Time {
	return from.UTC().AddDate(0, 0, days).Truncate(24*time.Hour).AddDate(0, 0, 1)
}

func (c *call) restoreObject() error {
	var req restoreRequest
	if err := c.readXML("RestoreRequest", &req); err != nil {
		return err
	}
	if req.Type != "" {
		return fail("NotImplemented", "")
	}
	tier := req.Params.Tier
	if tier == "" {
		tier = req.Tier
	}
	if tier == "" {
		tier = "Standard"
	}
	if req.Days < 1 {
		return fail("MalformedXML", "")
	}
	var status int
	err := c.withVersion(func(_ *bucket, v *version) (err error) {
		status, err = v.retrieve(c.s.now(), tier, req.Days)
		return err
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(status)
	return nil
}

// retrieve begins a retrieval, or gives a copy that is there another end, and returns the status to answer with.
func (v *version) retrieve(now time.Time, tier string, days int) (status int, err error) {
	tiers := restoreTime[v.class]
	takes, ok := tiers[tier]
	switch {
	case tiers == nil:
		return 0, fail("InvalidObjectState", "Restore is not allowed for the object's current storage class", field{"StorageClass", v.class})
	case !ok:
		return 0, fail("InvalidArgument", "Retrieval option is not supported by this storage class", field{"ArgumentName", "Tier"}, field{"ArgumentValue", tier})
	case v.restore.ongoing(now):
		return 0, fail("RestoreAlreadyInProgress", "")
	}
	v.own()
	if v.restore.restored(now) {
		v.restore = &restore{v.restore.ready, expiryAfter(now, days)}
		return http.StatusOK, nil
	}
	v.restore = &restore{now.Add(takes), expiryAfter(now.Add(takes), days)}
	return http.StatusAccepted, nil
}
