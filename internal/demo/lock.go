package demo

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Object lock, after "Locking objects with Object Lock": a version that is held, or whose retention has not ended by the movable
// clock, is not deleted. A bucket that has object lock keeps it, and its versioning stays on.

const (
	governance = "GOVERNANCE"
	compliance = "COMPLIANCE"

	lockModeHeader   = "X-Amz-Object-Lock-Mode"
	lockUntilHeader  = "X-Amz-Object-Lock-Retain-Until-Date"
	lockHoldHeader   = "X-Amz-Object-Lock-Legal-Hold"
	bucketLockHeader = "X-Amz-Bucket-Object-Lock-Enabled"
	bypassHeader     = "X-Amz-Bypass-Governance-Retention"

	lockSetting = "object-lock"
	lockEnabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"

	maxLockDays  = 36500
	maxLockYears = 100
)

// lock is what keeps a version from being deleted.
type lock struct {
	mode  string // "", GOVERNANCE or COMPLIANCE
	until time.Time
	hold  string // "" when it was never set, else ON or OFF
}

// period is a default retention of new versions; mode "" is none.
type period struct {
	mode        string
	days, years int
}

func (l lock) retained(now time.Time) bool { return l.mode != "" && now.Before(l.until) }

// protects tells whether a version with l may not be deleted.
func (l lock) protects(now time.Time, bypass bool) bool {
	return l.hold == "ON" || l.retained(now) && (l.mode == compliance || !bypass)
}

// protected tells whether a version may not be deleted. The store must be locked.
func (b *bucket) protected(key, id string, now time.Time, bypass bool) bool {
	e := b.entry(key)
	if e == nil {
		return false
	}
	i := e.index(id)
	return i >= 0 && !e.versions[i].marker && e.versions[i].lock.protects(now, bypass)
}

// tell writes the headers of a read version.
func (l lock) tell(h http.Header) {
	if l.mode != "" {
		h.Set(lockModeHeader, l.mode)
		h.Set(lockUntilHeader, isoTime(l.until))
	}
	if l.hold != "" {
		h.Set(lockHoldHeader, l.hold)
	}
}

// bypass tells whether the request asks to set GOVERNANCE aside; only the owner may.
func (c *call) bypass() bool {
	return !c.anonymous && strings.EqualFold(c.r.Header.Get(bypassHeader), "true")
}

// takesLock tells whether a header about locks means something for the operation.
func (c *call) takesLock(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case lockModeHeader, lockUntilHeader, lockHoldHeader:
		return c.op == "PutObject" || c.op == "CopyObject" || c.op == "CreateMultipartUpload"
	case bucketLockHeader:
		return c.op == "CreateBucket"
	}
	return false
}

// wantsLock reads the header of CreateBucket.
func (c *call) wantsLock() (bool, error) {
	switch v := c.r.Header.Get(bucketLockHeader); strings.ToLower(v) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fail("InvalidArgument", "", field{"ArgumentName", strings.ToLower(bucketLockHeader)}, field{"ArgumentValue", v})
	}
}

// enableLock gives a new bucket object lock.
func (b *bucket) enableLock() {
	b.versioning = "Enabled"
	if b.settings == nil {
		b.settings = map[string]string{}
	}
	b.settings[lockSetting] = lockEnabled
	b.follow(lockSetting)
}

// requestedLock reads the three headers of a new object.
func (c *call) requestedLock() (lock, error) {
	h := c.r.Header
	l := lock{mode: h.Get(lockModeHeader), hold: h.Get(lockHoldHeader)}
	until := h.Get(lockUntilHeader)
	bad := func(name, message string) (lock, error) {
		return lock{}, fail("InvalidArgument", message, field{"ArgumentName", strings.ToLower(name)}, field{"ArgumentValue", h.Get(name)})
	}
	if (l.mode == "") != (until == "") {
		return bad(lockModeHeader, "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied")
	}
	if !slices.Contains([]string{"", "ON", "OFF"}, l.hold) {
		return bad(lockHoldHeader, "Legal Hold must be either of 'ON' or 'OFF'")
	}
	if l.mode == "" {
		return l, nil
	}
	if l.mode != governance && l.mode != compliance {
		return bad(lockModeHeader, "Unknown wormMode directive.")
	}
	var err error
	if l.until, err = time.Parse(time.RFC3339, until); err != nil {
		return bad(lockUntilHeader, "The retain until date must be provided in ISO 8601 format")
	}
	return l, c.inFuture(l.until)
}

func (c *call) inFuture(until time.Time) error {
	if !until.After(c.s.now()) {
		return fail("InvalidArgument", "The retain until date must be in the future!")
	}
	return nil
}

// mayLock refuses a lock for a bucket without object lock. The store must be locked.
func (b *bucket) mayLock(l lock) error {
	if !b.lockOn && l != (lock{}) {
		return noLock()
	}
	return nil
}

// lockNeedsDigest refuses a body that says nothing of its content for an object that will be locked.
func (c *call) lockNeedsDigest(l lock) error {
	if want, err := c.payload.wantedChecksum(c.r.Header); err != nil || want.algo != nil || c.r.Header.Get("Content-Md5") != "" {
		return err
	}
	b := c.lookBucket()
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	if l != (lock{}) || b != nil && b.retention.mode != "" {
		return fail("InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters")
	}
	return nil
}

func noLock() error {
	return fail("InvalidRequest", "Bucket is missing Object Lock Configuration")
}

// keepByDefault gives a new version the bucket's default retention, unless it came with one. The store must be locked.
func (b *bucket) keepByDefault(v *version) {
	if v.marker || b.retention.mode == "" || v.lock.mode != "" {
		return
	}
	v.own()
	v.lock.mode, v.lock.until = b.retention.mode, v.modified.AddDate(b.retention.years, 0, b.retention.days)
}

// followLock reads the configuration that the bucket has now.
func (b *bucket) followLock() {
	d, err := readValues(b.settings[lockSetting])
	if err != nil {
		return
	}
	const by = "Rule/DefaultRetention/"
	days, _ := strconv.Atoi(d.first(by + "Days"))
	years, _ := strconv.Atoi(d.first(by + "Years"))
	b.lockOn, b.retention = d.first("ObjectLockEnabled") == "Enabled", period{d.first(by + "Mode"), days, years}
}

// checkObjectLock is for the document of PutObjectLockConfiguration.
func checkObjectLock(_ *call, d *settingDocument) error {
	if d.first("ObjectLockEnabled") != "Enabled" {
		return fail("MalformedXML", "")
	}
	if !d.has("Rule") {
		return nil
	}
	const by = "Rule/DefaultRetention/"
	mode := d.first(by + "Mode")
	if mode != governance && mode != compliance || d.has(by+"Days") == d.has(by+"Years") {
		return fail("MalformedXML", "")
	}
	for name, most := range map[string]int{"Days": maxLockDays, "Years": maxLockYears} {
		if !d.has(by + name) {
			continue
		}
		if n, err := strconv.Atoi(d.first(by + name)); err != nil || n < 1 || n > most {
			return fail("InvalidArgument", "Default retention period must be a positive integer value of at most "+strconv.Itoa(most)+" for '"+name+"'")
		}
	}
	return nil
}

// withLock runs f on the lock of the version that the request names.
func (c *call) withLock(f func(*lock) error) error {
	return c.withVersion(func(b *bucket, v *version) error {
		if !b.lockOn {
			return noLock()
		}
		c.w.Header().Set("X-Amz-Version-Id", v.id)
		v.own()
		return f(&v.lock)
	})
}

func neverLocked() error { return fail("NoSuchObjectLockConfiguration", "") }

func (c *call) getRetention() error {
	x := newXML("Retention", s3Namespace)
	err := c.withLock(func(l *lock) error {
		if l.mode == "" {
			return neverLocked()
		}
		x.text("Mode", l.mode)
		x.time("RetainUntilDate", l.until)
		return nil
	})
	if err != nil {
		return err
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

// putRetention makes a retention longer for everybody who may set one. A shorter, weaker or no retention in place of one in
// GOVERNANCE needs the bypass; one in COMPLIANCE stays until its end.
func (c *call) putRetention() error {
	var doc struct{ Mode, RetainUntilDate string }
	if err := c.readXML("Retention", &doc); err != nil {
		return err
	}
	fresh := lock{mode: doc.Mode}
	switch {
	case (doc.Mode == "") != (doc.RetainUntilDate == ""), !slices.Contains([]string{"", governance, compliance}, doc.Mode):
		return fail("MalformedXML", "")
	case doc.Mode != "":
		var err error
		if fresh.until, err = time.Parse(time.RFC3339, doc.RetainUntilDate); err != nil {
			return fail("MalformedXML", "")
		}
		if err := c.inFuture(fresh.until); err != nil {
			return err
		}
	}
	now := c.s.now()
	err := c.withLock(func(l *lock) error {
		less := fresh.mode == "" || fresh.until.Before(l.until) || l.mode == compliance && fresh.mode != compliance
		if l.retained(now) && less && (l.mode == compliance || !c.bypass()) {
			return fail("AccessDenied", protectedMessage)
		}
		l.mode, l.until = fresh.mode, fresh.until
		return nil
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

const protectedMessage = "Access Denied because object protected by object lock."

func (c *call) getHold() error {
	x := newXML("LegalHold", s3Namespace)
	err := c.withLock(func(l *lock) error {
		if l.hold == "" {
			return neverLocked()
		}
		x.text("Status", l.hold)
		return nil
	})
	if err != nil {
		return err
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) putHold() error {
	var doc struct{ Status string }
	if err := c.readXML("LegalHold", &doc); err != nil {
		return err
	}
	if doc.Status != "ON" && doc.Status != "OFF" {
		return fail("MalformedXML", "")
	}
	if err := c.withLock(func(l *lock) error { l.hold = doc.Status; return nil }); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}
