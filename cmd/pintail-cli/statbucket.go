package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// statSetting is one setting of a bucket: what it is, or why it is not known.
type statSetting struct {
	Name    string `json:"name"`
	Value   string `json:"value,omitempty"`
	Missing string `json:"missing_permission,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// line is what is shown of it.
func (s statSetting) line() string {
	switch {
	case s.Missing != "":
		return text.T("stat.needs", s.Missing)
	case s.Problem != "":
		return s.Problem
	}
	return s.Value
}

// settingReader reads one setting in a few words.
type settingReader struct {
	name string
	read func(context.Context, *storage.Session, storage.Location) (string, error)
}

// settingsAtOnce is how many settings are asked for at the same time.
const settingsAtOnce = 8

// bucketSettings reads what a bucket is set to, each by itself: one that is refused takes nothing else along.
func (a *app) bucketSettings(ctx context.Context, s *storage.Session, loc storage.Location) ([]statSetting, error) {
	readers := settingReaders()
	lines := make([]statSetting, len(readers))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(settingsAtOnce)
	for i, r := range readers {
		g.Go(func() error {
			value := ""
			err := again(ctx, a, func() (err error) { value, err = r.read(ctx, s, loc); return err })
			lines[i] = statSetting{Name: r.name, Value: value}
			var e *storage.Error
			switch {
			case err == nil:
			case storage.KindOf(err) == storage.KindCancelled:
				return err
			case errors.As(err, &e) && e.Kind == storage.KindPermission && e.Permission != "":
				lines[i].Missing = e.Permission
			case storage.KindOf(err) == storage.KindUnsupported:
				lines[i].Problem = text.T("stat.notOffered")
			default:
				lines[i].Problem = explained(err).Title
			}
			return nil
		})
	}
	return lines, g.Wait()
}

// settingReaders is the settings in the order in which they are shown.
func settingReaders() []settingReader {
	return []settingReader{
		{"Versioning", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			v, err := s.Versioning(ctx, loc)
			if v.MFADelete == "Enabled" {
				v.Status += ", " + text.T("stat.mfa")
			}
			return orOff(v.Status), err
		}},
		{"Encryption", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			b, err := s.BucketEncryption(ctx, loc)
			return orNone(strings.TrimSpace(b.Type + " " + b.KeyID)), err
		}},
		{"Public access", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			b, err := s.PublicAccessBlock(ctx, loc)
			return blockedWords(b), err
		}},
		{"Policy", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			p, err := s.BucketPolicy(ctx, loc)
			if err != nil || p == "" {
				return orNone(""), err
			}
			public, err := s.PolicyIsPublic(ctx, loc)
			switch {
			case storage.KindOf(err) == storage.KindUnsupported || storage.KindOf(err) == storage.KindPermission:
				return text.T("stat.policy"), nil
			case public:
				return text.T("stat.policyPublic"), err
			}
			return text.T("stat.policyPrivate"), err
		}},
		{"Ownership", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			o, err := s.Ownership(ctx, loc)
			return orNone(o), err
		}},
		{"Object lock", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			l, err := s.ObjectLockDefault(ctx, loc)
			return lockWords(l), err
		}},
		{"Lifecycle", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			l, err := s.Lifecycle(ctx, loc)
			return ruleWords(len(l.Rules)), err
		}},
		{"CORS", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			c, err := s.CORS(ctx, loc)
			return ruleWords(len(c.Rules)), err
		}},
		{"Website", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			w, err := s.Website(ctx, loc)
			switch {
			case w.Redirect != nil:
				return text.T("stat.redirects", w.Redirect.HostName), err
			case w.Index != nil:
				return w.Index.Suffix, err
			}
			return orOff(""), err
		}},
		{"Logging", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			l, err := s.Logging(ctx, loc)
			if l.Bucket == "" {
				return orOff(""), err
			}
			return scheme + l.Bucket + "/" + l.Prefix, err
		}},
		{"Requester pays", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			on, err := s.RequesterPays(ctx, loc)
			return onOff(on), err
		}},
		{"Acceleration", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			v, err := s.Acceleration(ctx, loc)
			return orOff(v), err
		}},
		{"Replication", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			r, err := s.Replication(ctx, loc)
			return ruleWords(len(r.Rules)), err
		}},
		{"Notifications", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			n, err := s.Notifications(ctx, loc)
			count := len(n.Topics) + len(n.Queues) + len(n.Functions)
			if n.EventBridge != nil {
				count++
			}
			return ruleWords(count), err
		}},
		{"Tags", func(ctx context.Context, s *storage.Session, loc storage.Location) (string, error) {
			t, err := s.BucketTags(ctx, loc)
			if len(t) == 0 {
				return orNone(""), err
			}
			return units.FormatCount(int64(len(t))), err
		}},
	}
}

func orOff(v string) string {
	if v == "" {
		return text.T("stat.off")
	}
	return v
}

func orNone(v string) string {
	if v == "" {
		return text.T("stat.none")
	}
	return v
}

func onOff(on bool) string {
	if on {
		return text.T("stat.on")
	}
	return text.T("stat.off")
}

func ruleWords(n int) string {
	if n == 0 {
		return text.T("stat.none")
	}
	return text.N("stat.rules", n, units.FormatCount(int64(n)))
}

func blockedWords(b storage.PublicAccessBlock) string {
	var on []string
	for name, is := range map[string]bool{"ACLs": b.BlockPublicAcls && b.IgnorePublicAcls, "policy": b.BlockPublicPolicy && b.RestrictPublicBuckets} {
		if is {
			on = append(on, name)
		}
	}
	switch {
	case b.All():
		return text.T("stat.blocked")
	case !b.BlockPublicAcls && !b.IgnorePublicAcls && !b.BlockPublicPolicy && !b.RestrictPublicBuckets:
		return text.T("stat.notBlocked")
	case len(on) == 1:
		return text.T("stat.blockedFor", on[0])
	}
	return text.T("stat.blockedPartly")
}

func lockWords(l storage.ObjectLockDefault) string {
	switch {
	case !l.On:
		return text.T("stat.off")
	case l.Mode == "":
		return text.T("stat.lockOn")
	case l.Years > 0:
		return fmt.Sprintf("%s, %s", l.Mode, text.N("stat.years", l.Years, units.FormatCount(int64(l.Years))))
	}
	return fmt.Sprintf("%s, %s", l.Mode, text.N("stat.days", l.Days, units.FormatCount(int64(l.Days))))
}
