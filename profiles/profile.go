// Package profiles reads connection profiles (.cyberduckprofile): which server a connection is for, which fields its
// window shows, and what the server cannot do. A profile is data from anyone: it must never run anything, read a
// file, or make a connection sign in a way it did not ask for.
// Start reading at [Parse]; [Registry] has the bundled and the installed ones.
package profiles

import (
	"net"
	"slices"
	"strings"

	"pintail/internal/plist"
)

// Protocol ids that mean the S3 protocol.
const S3 = "s3"

// Authorization is how requests are signed.
type Authorization string

// The authorizations that profiles name.
const (
	AWS4              Authorization = "AWS4HMACSHA256"
	AWS2              Authorization = "AWS2"
	AuthorizationCode Authorization = "AuthorizationCode" // OAuth, then STS with a web identity
)

// Fields says which fields of the connection window can be edited; a field that cannot is not asked for.
type Fields struct {
	Hostname, Port, Path, Username, Password, Token, Anonymous, Certificate bool
	Role, MultiFactor, OAuth                                                bool
}

// Labels are the hints of the connection window's fields.
type Labels struct {
	Hostname, Path, Username, Password, Token string
}

// OAuth are the settings of an OpenID Connect sign-in. ClientID and ClientSecret are not secrets of the user: they
// come with the profile. HasClientSecret tells an empty secret (none) from a missing one (ask).
type OAuth struct {
	AuthorizationURL, TokenURL, ClientID, ClientSecret, RedirectURL string
	HasClientID, HasClientSecret, PKCE                              bool
	Scopes                                                          []string
}

// Profile is one connection profile with everything that it inherits filled in.
type Profile struct {
	Protocol    string // id of the parent protocol, s3 and others
	Vendor      string // not unique in practice: several files of one provider share it
	Name        string // short
	Description string // title in lists
	Help        string // URL, "" for none
	Bundled     bool
	Deprecated  bool // works, is left out of lists

	Scheme          string // http or https
	Schemes         []string
	DefaultHostname string // "" means the user has to name one
	DefaultPort     int    // always set: the scheme's port when the profile names none
	DefaultPath     string
	DefaultNickname string

	Fields Fields
	Labels Labels
	OAuth  OAuth

	STSEndpoint   string
	Authorization Authorization
	Region        string // "" means not said
	Regions       []string
	Context       string

	Properties Properties
	Quirks     Quirks

	// File is where it was read from: a path, or bundled/NAME. Source tells Go code the same.
	File string

	problems []Problem
	raw      *plist.Dict
}

// Title is what a list shows.
func (p Profile) Title() string {
	if p.Description != "" {
		return p.Description
	}
	return p.Name
}

// Endpoint is the URL of the default host, "" when the user has to name one. The scheme's own port is left out.
func (p Profile) Endpoint() string {
	if p.DefaultHostname == "" {
		return ""
	}
	return EndpointURL(p.Scheme, p.DefaultHostname, p.DefaultPort) + p.PathPrefix()
}

// HostIn is the host for a region: the profile's host of that region when it has a host for each of its regions, else
// DefaultHostname. A region that is not one of Regions makes no host.
func (p Profile) HostIn(region string) string {
	if f := p.Quirks.EndpointFormat; f != nil && region != "" && slices.Contains(p.Regions, region) {
		return strings.Replace(*f, "%s", region, 1)
	}
	return p.DefaultHostname
}

// EndpointIn is [Profile.Endpoint] for a region, see [Profile.HostIn].
func (p Profile) EndpointIn(region string) string {
	p.DefaultHostname = p.HostIn(region)
	return p.Endpoint()
}

// EndpointAt is the URL of a host that the user names, host or host:port: with the profile's scheme, port and path prefix.
func (p Profile) EndpointAt(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return p.Scheme + "://" + host + p.PathPrefix()
	}
	return EndpointURL(p.Scheme, host, p.DefaultPort) + p.PathPrefix()
}

// RegionOf is the region that a host of the profile serves, "" when the host does not tell.
func (p Profile) RegionOf(host string) string {
	if p.Quirks.EndpointFormat == nil {
		return ""
	}
	for _, r := range p.Regions {
		if strings.EqualFold(p.HostIn(r), host) {
			return r
		}
	}
	return ""
}

// PathPrefix is what comes before each request's path: Context when it is a path, "" else.
func (p Profile) PathPrefix() string {
	if strings.HasPrefix(p.Context, "/") && p.Context != "/" {
		return strings.TrimSuffix(p.Context, "/")
	}
	return ""
}

// UsesInstanceMetadata reports whether the credentials come from the instance this program runs on.
func (p Profile) UsesInstanceMetadata() bool { return isMetadataURL(p.Context) }

// UsesAWSFiles reports whether the user name is that of a profile in the AWS files: no secret is asked for, and no
// other way to sign in is named.
func (p Profile) UsesAWSFiles() bool {
	return p.Fields.Username && !p.Fields.Password && !p.UsesInstanceMetadata() && p.Authorization == AWS4
}

// Problems are what was odd in the file without stopping the reading.
func (p Profile) Problems() []Problem { return append([]Problem(nil), p.problems...) }
