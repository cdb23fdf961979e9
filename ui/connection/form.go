// Package connection asks how to connect: the Open Connection window, the bookmark editor's fields, and the questions that
// the core asks on the way. It must never keep a secret longer than its window, nor connect by itself.
// Start reading at [Form], then view.go; prompts.go answers internal/prompt with windows.
package connection

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
)

// Field names one field of the form, for inline errors and for the test harness.
type Field string

// The fields.
const (
	FieldProfile    Field = "profile"
	FieldNickname   Field = "nickname"
	FieldServer     Field = "server"
	FieldPort       Field = "port"
	FieldEndpoint   Field = "endpoint"
	FieldRegion     Field = "region"
	FieldLogin      Field = "login"
	FieldAWSProfile Field = "awsprofile"
	FieldKey        Field = "key"
	FieldSecret     Field = "secret"
	FieldRole       Field = "role"
	FieldMFA        Field = "mfa"
	FieldPath       Field = "path"
	FieldAddressing Field = "addressing"
	FieldWebURL     Field = "weburl"
	FieldNotes      Field = "notes"
	FieldFolder     Field = "folder"
	FieldColour     Field = "colour"
)

// Login is how one signs in.
type Login int

// The ways to sign in.
const (
	LoginKey Login = iota // an access key and its secret
	LoginAWS              // a profile of the AWS files
	LoginAnonymous
)

// Form is everything typed into the connection window, without drawing. Change the fields, then ask Errors and Spec.
type Form struct {
	Profile    int // place in Profiles
	Nickname   string
	Server     string
	Port       string
	Endpoint   string // a whole URL; wins over server and port
	Region     string
	Login      Login
	AWSProfile string
	KeyID      string
	Secret     string
	RoleARN    string
	MFASerial  string
	Save       bool
	Path       string
	Addressing storage.Addressing
	WebURL     string
	Notes      string
	Folder     string // of the bookmark, parts separated by /
	Colour     int    // place in [bookmarks.Colours]
	Advanced

	Profiles    []profiles.Profile
	AWSProfiles []keychain.AWSProfile
	Store       keychain.StoreKind // where a saved secret goes; "" is the system's keychain
	base        bookmarks.Bookmark // what the bookmark being edited holds besides
	touched     map[Field]bool     // by hand, so that another profile does not replace it
	bookmark    bool               // no secret is needed
}

// NewForm returns a form with the first profile's values. Profiles that cannot be used yet and old ones are left out.
func NewForm(all []profiles.Profile, aws []keychain.AWSProfile) *Form {
	f := &Form{AWSProfiles: aws, Save: true, touched: map[Field]bool{}}
	for _, p := range all {
		if p.SupportedByFields() == nil && !p.Deprecated && p.Vendor != profiles.VendorDemo {
			f.Profiles = append(f.Profiles, p)
		}
	}
	if len(aws) > 0 {
		f.AWSProfile = aws[0].Name
	}
	f.fill()
	return f
}

// canSave tells whether a secret can be stored for good.
func (f *Form) canSave() bool { return f.Store == "" || f.Store.Lasts() }

// Current is the chosen connection profile.
func (f *Form) Current() profiles.Profile {
	if f.Profile < 0 || f.Profile >= len(f.Profiles) {
		return profiles.Profile{Protocol: profiles.S3, Scheme: "https"}
	}
	return f.Profiles[f.Profile]
}

// Choose takes another profile: fields that were not touched get its defaults.
func (f *Form) Choose(i int) {
	f.Profile = i
	f.fill()
}

// Touch says that a person has changed a field.
func (f *Form) Touch(field Field) { f.touched[field] = true }

func (f *Form) fill() {
	p := f.Current()
	set := func(field Field, target *string, v string) {
		if !f.touched[field] {
			*target = v
		}
	}
	port := ""
	if p.DefaultPort != 0 {
		port = strconv.Itoa(p.DefaultPort)
	}
	// A host that the profile fixes replaces what was typed for another profile.
	if !p.Fields.Hostname && p.DefaultHostname != "" {
		f.Server, f.Port = p.DefaultHostname, port
	} else {
		set(FieldServer, &f.Server, p.DefaultHostname)
		set(FieldPort, &f.Port, port)
	}
	set(FieldRegion, &f.Region, "")
	set(FieldPath, &f.Path, p.DefaultPath)
	if p.UsesAWSFiles() {
		f.Login = LoginAWS
		f.preferSignIn()
	}
	f.fillOpenID()
	f.fillEndpoint()
	for field, target := range map[Field]*string{FieldRole: &f.RoleARN, FieldMFA: &f.MFASerial} {
		v, _ := p.Properties.Get(map[Field]string{FieldRole: customRole, FieldMFA: customMFA}[field])
		set(field, target, v)
	}
	if p.Quirks.PathStyle != nil && *p.Quirks.PathStyle && !f.touched[FieldAddressing] {
		f.Addressing = storage.AddressingPath
	} else if !f.touched[FieldAddressing] {
		f.Addressing = storage.AddressingAuto
	}
}

// Amazon tells whether the form is for Amazon S3 itself.
func (f *Form) Amazon() bool {
	return f.Current().Vendor == profiles.VendorAmazon && f.Endpoint == ""
}

// Shown tells whether a field has a meaning for the chosen profile.
func (f *Form) Shown(field Field) bool {
	p := f.Current()
	switch field {
	case FieldServer:
		return f.Endpoint == ""
	case FieldPort:
		return f.Endpoint == "" && (p.Fields.Port || p.Fields.Hostname)
	case FieldLogin:
		return !p.UsesOpenID()
	case FieldKey, FieldSecret:
		if p.UsesOpenID() {
			return f.shownOfOpenID(field)
		}
		return f.Login == LoginKey && (field == FieldKey || !f.bookmark)
	case FieldAWSProfile:
		return f.Login == LoginAWS
	case FieldRole:
		return f.Login == LoginKey && p.Fields.Role
	case FieldMFA:
		return f.Login == LoginKey && p.Fields.MultiFactor
	case FieldNickname, FieldWebURL, FieldNotes, FieldFolder, FieldColour, FieldProduction:
		return f.bookmark
	case FieldExisting:
		return f.bookmark && f.remembered() != ""
	case FieldProxyURL:
		return f.ProxyKind == ProxyOwn
	case FieldBypass:
		return f.ProxyKind != ProxyNone
	}
	return true
}

// Editable tells whether a person may change a field of the chosen profile.
func (f *Form) Editable(field Field) bool {
	p := f.Current()
	switch field {
	case FieldServer:
		return p.Fields.Hostname || p.DefaultHostname == ""
	case FieldPort:
		return p.Fields.Port
	}
	return true
}

// Regions are those that the profile offers.
func (f *Form) Regions() []string { return f.Current().Regions }

// errBadHost says that a server's name has characters that no host has.
var errBadHost = errors.New("not a host name")

// URL is where the connection goes, as the window previews it; "" with the error of the field that is wrong.
func (f *Form) URL() (string, Field, error) {
	p := f.Current()
	if f.Endpoint != "" {
		u, err := url.Parse(withScheme(f.Endpoint))
		if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
			(u.Scheme != "http" && u.Scheme != "https") {
			return "", FieldEndpoint, connect.ErrEndpoint
		}
		u.Host = bookmarks.PlainHost(u.Host) // one that looks like another shows as what it is
		return strings.TrimRight(u.String(), "/"), "", nil
	}
	host := strings.TrimSpace(f.Server)
	if host == p.DefaultHostname {
		host = p.HostIn(strings.TrimSpace(f.Region))
	}
	if host == "" || strings.ContainsAny(host, " \t/@?#") || !validHost(host) {
		return "", FieldServer, errBadHost
	}
	if !portOK(f.Port) {
		return "", FieldPort, errBadHost
	}
	port, _ := strconv.Atoi(f.Port)
	return profiles.EndpointURL(p.Scheme, host, port) + p.PathPrefix(), "", nil
}

// portOK tells whether s is a port, or empty for the usual one.
func portOK(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n >= 1 && n <= 65535
}

func withScheme(s string) string {
	if strings.Contains(s, "://") {
		return s
	}
	return "https://" + s
}

func validHost(h string) bool {
	if _, err := netip.ParseAddr(strings.Trim(h, "[]")); err == nil {
		return true
	}
	for _, l := range strings.Split(strings.TrimSuffix(h, "."), ".") {
		if l == "" || len(l) > 63 {
			return false
		}
	}
	return !strings.Contains(h, ":")
}

// SetServer takes what was typed into the server field: a host, host:port or a whole address is taken apart.
func (f *Form) SetServer(s string) {
	f.Touch(FieldServer)
	s = strings.TrimSpace(s)
	if strings.Contains(s, "://") {
		f.Endpoint = s
		f.Touch(FieldEndpoint)
		return
	}
	if h, p, err := net.SplitHostPort(s); err == nil && p != "" {
		f.Server, f.Port = h, p
		f.Touch(FieldPort)
		return
	}
	f.Server = s
}

// Preview is the address that a person sees below the fields: the endpoint, with its host as the network gets it, and where one begins.
func (f *Form) Preview() string {
	u, _, err := f.URL()
	if err != nil {
		return ""
	}
	u = bookmarks.PlainURL(u)
	if f.Path != "" {
		u += "/" + strings.TrimPrefix(f.Path, "/")
	}
	return u
}

// Errors are the fields that are not right, each with a sentence. Empty: Connect is possible.
func (f *Form) Errors() map[Field]string {
	out := map[Field]string{}
	if _, field, err := f.URL(); err != nil {
		switch field {
		case FieldEndpoint:
			out[field] = text.T("connection.bad_endpoint")
		case FieldPort:
			out[field] = text.T("connection.bad_port")
		default:
			out[field] = text.T("connection.bad_server")
			if f.Server == "" {
				out[field] = text.T("connection.no_server")
			}
		}
	}
	if f.Endpoint == "" && !portOK(f.Port) {
		out[FieldPort] = text.T("connection.bad_port")
	}
	if bookmarks.CheckWebURL(strings.TrimSpace(f.WebURL)) != nil {
		out[FieldWebURL] = text.T("connection.bad_web_url")
	}
	f.wrongAdvanced(out)
	switch f.Login {
	case LoginKey:
		f.wrongRole(out)
		if f.Current().UsesOpenID() {
			f.wrongOpenID(out)
			break
		}
		if f.bookmark {
			break
		}
		if strings.TrimSpace(f.KeyID) == "" {
			out[FieldKey] = text.T("connection.no_key")
		}
		if f.Secret == "" && !f.Save {
			out[FieldSecret] = text.T("connection.no_secret")
		}
	case LoginAWS:
		if f.AWSProfile == "" {
			out[FieldAWSProfile] = text.T("connection.no_aws_profile")
		}
	}
	return out
}

// Spec is what the form says, for internal/connect. Call it only when Errors is empty.
func (f *Form) Spec() connect.Spec {
	s := connect.Spec{Region: strings.TrimSpace(f.Region), Addressing: f.Addressing, Path: f.Path, Profile: f.Current().File, Save: f.Save && f.canSave()}
	f.advancedSpec(&s)
	if f.Amazon() && f.Current().DefaultHostname == f.Server {
		s.Amazon = true
	} else {
		s.Endpoint, _, _ = f.URL()
	}
	if f.Endpoint != "" && !f.Current().Fields.Hostname { // an address of one's own, not the provider's
		s.Profile = ""
	}
	switch f.Login {
	case LoginAnonymous:
		s.Anonymous = true
	case LoginAWS:
		s.AWSProfile = f.AWSProfile
	case LoginKey:
		s.KeyID = f.key()
		s.RoleARN, s.MFASerial = f.role()
		if f.Secret != "" {
			s.Typed = keychain.Typed{KeyID: s.KeyID, Secret: keychain.NewSecret(f.Secret)}
		}
	}
	return s
}

// NewBookmarkForm returns a form that edits b; its Bookmark has what was changed.
func NewBookmarkForm(all []profiles.Profile, aws []keychain.AWSProfile, b bookmarks.Bookmark) *Form {
	f := NewForm(all, aws)
	f.bookmark, f.base = true, b
	f.Folder, f.Colour = b.Folder, max(slices.Index(bookmarks.Colours(), b.Colour), 0)
	f.Nickname, f.WebURL, f.Notes, f.Path, f.Region = b.Nickname, b.WebURL, b.Comment, b.Path, b.Region
	if i := f.profileOf(b); i >= 0 {
		f.Profile = i
		f.fill()
	}
	f.Path = b.Path
	if b.Hostname != "" {
		f.Server = b.Hostname
	}
	if b.Port != 0 {
		f.Port = strconv.Itoa(b.Port)
	}
	f.Endpoint = b.EndpointURL
	f.RoleARN, f.MFASerial = b.Custom[customRole], b.Custom[customMFA]
	f.takeAdvanced(b)
	switch b.Addressing {
	case bookmarks.AddressingPath:
		f.Addressing = storage.AddressingPath
	case bookmarks.AddressingVirtual:
		f.Addressing = storage.AddressingVirtualHost
	}
	switch {
	case b.Anonymous:
		f.Login = LoginAnonymous
	case b.AWSProfile != "":
		f.Login, f.AWSProfile = LoginAWS, b.AWSProfile
	default:
		f.Login, f.KeyID = LoginKey, b.Username
	}
	for _, field := range []Field{FieldServer, FieldPort, FieldRegion, FieldPath, FieldEndpoint, FieldRole, FieldMFA} {
		f.Touch(field)
	}
	if b.ID == "" && b.Hostname == "" && b.EndpointURL == "" {
		clear(f.touched)
		f.takeDefaultKey()
	}
	return f
}

func (f *Form) profileOf(b bookmarks.Bookmark) int {
	same := func(p profiles.Profile) bool {
		return p.Protocol == b.Protocol && p.Vendor == b.Provider && (b.Hostname == "" || p.DefaultHostname == "" || p.DefaultHostname == b.Hostname)
	}
	if i := slices.IndexFunc(f.Profiles, same); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(f.Profiles, func(p profiles.Profile) bool { return p.Vendor == b.Provider }); i >= 0 {
		return i
	}
	want := profiles.VendorHTTPS
	if b.Hostname == "" || b.Hostname == "s3.amazonaws.com" {
		want = profiles.VendorAmazon
	}
	return slices.IndexFunc(f.Profiles, func(p profiles.Profile) bool { return p.Vendor == want })
}

// Bookmark is the bookmark that the form describes, with everything kept that the form does not show.
func (f *Form) Bookmark() bookmarks.Bookmark {
	b, p := f.base, f.Current()
	b.Protocol, b.Provider = profiles.S3, p.Vendor
	b.Nickname, b.WebURL, b.Comment = strings.TrimSpace(f.Nickname), strings.TrimSpace(f.WebURL), f.Notes
	b.Region, b.Path = strings.TrimSpace(f.Region), f.Path
	b.EndpointURL, b.Hostname, b.Port = "", "", 0
	if f.Endpoint != "" {
		b.EndpointURL, _, _ = f.URL()
		if !p.Fields.Hostname {
			b.Provider = profiles.VendorHTTPS
			if strings.HasPrefix(b.EndpointURL, "http:") {
				b.Provider = profiles.VendorHTTP
			}
		}
	} else {
		b.Hostname = strings.TrimSpace(f.Server)
		if n, err := strconv.Atoi(f.Port); err == nil && n != p.DefaultPort {
			b.Port = n
		}
	}
	b.Addressing = map[storage.Addressing]bookmarks.Addressing{storage.AddressingPath: bookmarks.AddressingPath,
		storage.AddressingVirtualHost: bookmarks.AddressingVirtual}[f.Addressing]
	b.Username, b.AWSProfile, b.Anonymous = "", "", false
	b.Custom, b.Folder, b.Colour = f.custom(), f.folder(), bookmarks.Colours()[f.Colour]
	f.advancedBookmark(&b)
	switch f.Login {
	case LoginKey:
		b.Username = f.key()
	case LoginAWS:
		b.AWSProfile = f.AWSProfile
	case LoginAnonymous:
		b.Anonymous = true
	}
	return b
}
