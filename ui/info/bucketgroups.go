package info

import (
	"context"

	"pintail/internal/text"
	"pintail/storage"
)

// Setting is a value of a bucket that can be edited. Without choices it is a text; a choice of "" is that it was never set.
type Setting struct {
	ID, Label string
	Choices   []string
	Hint      string // in the place of an empty text
	// aside goes along with the other values of its document and is none itself: the code of a device.
	aside bool
	// shown tells by the other values whether it matters; nil: always.
	shown func(value func(id string) string) bool
}

// settingGroup is settings that one document of the server holds: they are read at once and written at once.
type settingGroup struct {
	tab   Tab
	title string
	list  []Setting
	read  func(context.Context, *storage.Session, storage.Location) (map[string]string, error)
	// write changes what want names and keeps the rest of the document as it is on the server by then.
	write func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error
}

const (
	on  = "on"
	off = "off"
)

func onOff(b bool) string {
	if b {
		return on
	}
	return off
}

// bucketGroups are the settings of a bucket in their order.
func bucketGroups() []settingGroup {
	return []settingGroup{versioningGroup(), encryptionGroup(), payerGroup(), accelerationGroup(), ownershipGroup(), blockGroup()}
}

func versioningGroup() settingGroup {
	return settingGroup{tab: Service, list: []Setting{
		{ID: "versioning", Label: text.T("info.set_versioning"), Choices: []string{"", "Enabled", "Suspended"}},
		{ID: "mfadelete", Label: text.T("bucketinfo.mfa_delete"), Choices: []string{off, on}, shown: func(value func(string) string) bool { return value("versioning") != "" }},
		{ID: "mfa", Label: text.T("bucketinfo.mfa"), Hint: text.T("bucketinfo.mfa_hint"), aside: true, shown: func(value func(string) string) bool {
			return value("mfadelete") == on || value("mfawas") == on
		}}},
		read: func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
			v, err := s.Versioning(ctx, at)
			mfa := onOff(v.MFADelete == "Enabled")
			return map[string]string{"versioning": v.Status, "mfadelete": mfa, "mfawas": mfa}, err
		},
		write: func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
			v, err := s.Versioning(ctx, at)
			if err != nil {
				return err
			}
			if to, ok := want["versioning"]; ok {
				v.Status = to
			}
			if to, ok := want["mfadelete"]; ok {
				v.MFADelete = map[string]string{on: "Enabled", off: "Disabled"}[to]
			}
			return s.SetVersioning(ctx, at, v, want["mfa"])
		}}
}

// byKMS tells whether a type of encryption has a key of the key service.
func byKMS(kind string) bool { return kind == "aws:kms" || kind == "aws:kms:dsse" }

func encryptionGroup() settingGroup {
	return settingGroup{tab: Service, list: []Setting{
		{ID: "encryption", Label: text.T("info.set_encryption"), Choices: []string{"", "AES256", "aws:kms", "aws:kms:dsse"}},
		{ID: "kmskey", Label: text.T("info.kms_key"), Hint: text.T("bucketinfo.kms_hint"), shown: func(value func(string) string) bool { return byKMS(value("encryption")) }},
		{ID: "bucketkey", Label: text.T("bucketinfo.bucket_key"), Choices: []string{off, on}, shown: func(value func(string) string) bool { return value("encryption") == "aws:kms" }}},
		read: func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
			e, err := s.BucketEncryption(ctx, at)
			return map[string]string{"encryption": e.Type, "kmskey": e.KeyID, "bucketkey": onOff(e.BucketKey)}, err
		},
		write: func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
			e, err := s.BucketEncryption(ctx, at)
			if err != nil {
				return err
			}
			if v, ok := want["encryption"]; ok {
				e.Type = v
			}
			if v, ok := want["kmskey"]; ok {
				e.KeyID = v
			}
			if v, ok := want["bucketkey"]; ok {
				e.BucketKey = v == on
			}
			if !byKMS(e.Type) {
				e.KeyID = ""
			}
			e.BucketKey = e.BucketKey && e.Type == "aws:kms"
			return s.SetBucketEncryption(ctx, at, e)
		}}
}

func payerGroup() settingGroup {
	return settingGroup{tab: Service, list: []Setting{{ID: "payer", Label: text.T("info.set_payer"), Choices: []string{off, on}}},
		read: func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
			b, err := s.RequesterPays(ctx, at)
			return map[string]string{"payer": onOff(b)}, err
		},
		write: func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
			return s.SetRequesterPays(ctx, at, want["payer"] == on)
		}}
}

func accelerationGroup() settingGroup {
	return settingGroup{tab: Service, list: []Setting{{ID: "acceleration", Label: text.T("info.set_acceleration"), Choices: []string{off, on}}},
		read: func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
			v, err := s.Acceleration(ctx, at)
			return map[string]string{"acceleration": onOff(v == "Enabled")}, err
		},
		write: func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
			return s.SetAcceleration(ctx, at, want["acceleration"] == on)
		}}
}

func ownershipGroup() settingGroup {
	return settingGroup{tab: Permissions, list: []Setting{{ID: "ownership", Label: text.T("info.set_ownership"),
		Choices: []string{"", storage.OwnerEnforced, storage.OwnerPreferred, storage.OwnerWriter}}},
		read: func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
			o, err := s.Ownership(ctx, at)
			return map[string]string{"ownership": o}, err
		},
		write: func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
			if want["ownership"] == "" {
				return s.DeleteOwnership(ctx, at)
			}
			return s.SetOwnership(ctx, at, want["ownership"])
		}}
}

// blockGroup is the public access block.
func blockGroup() settingGroup {
	g := settingGroup{tab: Permissions, title: text.T("bucketinfo.block")}
	for _, n := range []struct{ id, label string }{{"BlockPublicAcls", text.T("info.set_block_acls")}, {"IgnorePublicAcls", text.T("info.set_ignore_acls")},
		{"BlockPublicPolicy", text.T("info.set_block_policy")}, {"RestrictPublicBuckets", text.T("info.set_restrict")}} {
		g.list = append(g.list, Setting{ID: n.id, Label: n.label, Choices: []string{off, on}})
	}
	fields := func(b *storage.PublicAccessBlock) map[string]*bool {
		return map[string]*bool{"BlockPublicAcls": &b.BlockPublicAcls, "IgnorePublicAcls": &b.IgnorePublicAcls,
			"BlockPublicPolicy": &b.BlockPublicPolicy, "RestrictPublicBuckets": &b.RestrictPublicBuckets}
	}
	g.read = func(ctx context.Context, s *storage.Session, at storage.Location) (map[string]string, error) {
		b, err := s.PublicAccessBlock(ctx, at)
		out := map[string]string{}
		for id, f := range fields(&b) {
			out[id] = onOff(*f)
		}
		return out, err
	}
	g.write = func(ctx context.Context, s *storage.Session, at storage.Location, want map[string]string) error {
		b, err := s.PublicAccessBlock(ctx, at)
		if err != nil {
			return err
		}
		for id, f := range fields(&b) {
			if v, ok := want[id]; ok {
				*f = v == on
			}
		}
		return s.SetPublicAccessBlock(ctx, at, b)
	}
	return g
}
