package profiles

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pintail/internal/plist"
)

// Ext is the ending of a profile's file name.
const Ext = ".cyberduckprofile"

// Problem is one thing wrong with a profile. Fatal ones make it unusable.
type Problem struct {
	Line  int // 0 when no line can be named
	Key   string
	Text  string
	Fatal bool
}

func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return p.Text
}

// ParseError is returned for a profile that cannot be used, with all that is wrong.
type ParseError struct {
	Name     string
	Problems []Problem
	Err      error // the reader's own error, if that was it
}

func (e *ParseError) Error() string {
	var parts []string
	for _, p := range e.Problems {
		if p.Fatal {
			parts = append(parts, p.String())
		}
	}
	return fmt.Sprintf("profile %s: %s", e.Name, strings.Join(parts, "; "))
}

// Unwrap returns the reader's error, nil when the content was wrong.
func (e *ParseError) Unwrap() error { return e.Err }

// Parse reads one profile; name is for messages and becomes File. The error is a *ParseError.
func Parse(r io.Reader, name string) (Profile, error) { return parse(r, name, false) }

// Lint returns everything that is wrong with a profile, fatal or not, and what it needs that is not there yet.
func Lint(r io.Reader, name string) []Problem {
	p, err := Parse(r, name)
	if pe := (*ParseError)(nil); errors.As(err, &pe) {
		return pe.Problems
	}
	problems := append(append(p.Problems(), unknownKeys(p.raw)...), unread(p.Properties)...)
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	if err := p.Supported(); err != nil {
		problems = append(problems, Problem{Text: err.Error()})
	}
	return problems
}

// unknownKeys are kept when a profile is written, but nothing reads them: often a slip of the pen.
func unknownKeys(d *plist.Dict) []Problem {
	var out []Problem
	for _, key := range d.Keys() {
		if v, _ := d.Get(key); !slices.Contains(knownKeys, key) {
			out = append(out, Problem{Line: v.Line, Key: key, Text: fmt.Sprintf("the key %q is not known; it is ignored", key)})
		}
	}
	return out
}

// knownKeys are all that a profile can have.
var knownKeys = []string{
	"Protocol", "Vendor", "Name", "Description", "Bundled", "Deprecated", "Help", "Scheme", "Schemes", "Default Hostname", "Default Port",
	"Default Path", "Default Nickname", "Hostname Placeholder", "Path Placeholder", "Username Placeholder", "Password Placeholder",
	"Token Placeholder", "Hostname Configurable", "Port Configurable", "Path Configurable", "Username Configurable",
	"Password Configurable", "Token Configurable", "Anonymous Configurable", "Certificate Configurable", "Role Configurable",
	"Multi Factor Configurable", "OAuth Configurable", "OAuth Authorization Url", "OAuth Token Url", "OAuth Client ID",
	"OAuth Client Secret", "OAuth Redirect Url", "OAuth PKCE", "Scopes", "STS Endpoint", "Authorization", "Region", "Regions", "Context",
	"Disk", "Icon", "Properties",
}

func iconKeys() []string { return []string{"Disk", "Icon"} }

func parse(r io.Reader, name string, dropIcons bool) (Profile, error) {
	doc, err := plist.Parse(r, plist.Options{Icons: iconKeys(), DropIcons: dropIcons})
	if err != nil {
		pr := Problem{Text: err.Error(), Fatal: true}
		if se := (*plist.SyntaxError)(nil); errors.As(err, &se) {
			pr.Line, pr.Text = se.Line, se.Err.Error()
		}
		return Profile{}, &ParseError{Name: name, Problems: []Problem{pr}, Err: err}
	}
	d := &decoder{dict: doc.Root}
	for _, w := range doc.Warnings {
		d.problems = append(d.problems, Problem{Line: w.Line, Text: w.Text})
	}
	p := d.profile()
	p.File, p.raw, p.problems = name, doc.Root, d.problems
	if d.fatal {
		return Profile{}, &ParseError{Name: name, Problems: d.problems}
	}
	return p, nil
}

// decoder turns the dict into a profile: a missing or blank text is the parent's, a missing bool too.
type decoder struct {
	dict     *plist.Dict
	problems []Problem
	fatal    bool
}

func (d *decoder) problem(key, format string, args ...any) {
	v, _ := d.dict.Get(key)
	d.problems = append(d.problems, Problem{Line: v.Line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (d *decoder) text(key, parent string) string {
	v, ok := d.dict.Get(key)
	if !ok {
		return parent
	}
	if v.Kind != plist.String && v.Kind != plist.Integer {
		d.problem(key, "%s is a %s, not a text; it is ignored", key, v.Kind)
		return parent
	}
	if s := strings.TrimSpace(v.Text); s != "" {
		return s
	}
	return parent
}

func (d *decoder) required(key string) string {
	s := d.text(key, "")
	if s == "" {
		d.problems = append(d.problems, Problem{Key: key, Text: key + " is missing", Fatal: true})
		d.fatal = true
	}
	return s
}

func (d *decoder) boolean(key string, parent bool) bool {
	v, ok := d.dict.Get(key)
	if !ok {
		return parent
	}
	switch v.Kind {
	case plist.Bool:
		return v.Bool
	case plist.String:
		if b, ok := parseBool(v.Text); ok {
			return b
		}
	}
	d.problem(key, "%s is neither true nor false; it is ignored", key)
	return parent
}

func (d *decoder) texts(key string) []string {
	v, ok := d.dict.Get(key)
	if !ok {
		return nil
	}
	if v.Kind != plist.Array {
		d.problem(key, "%s is a %s, not a list; it is ignored", key, v.Kind)
		return nil
	}
	var out []string
	for _, s := range d.dict.GetStrings(key) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (d *decoder) profile() Profile {
	p := Profile{
		Protocol:        d.required("Protocol"),
		Vendor:          d.required("Vendor"),
		Name:            d.text("Name", "S3"),
		Description:     d.text("Description", "Amazon S3"),
		Bundled:         d.boolean("Bundled", false),
		Deprecated:      d.boolean("Deprecated", false),
		Schemes:         d.texts("Schemes"),
		DefaultPath:     d.text("Default Path", ""),
		DefaultNickname: d.text("Default Nickname", ""),
		Region:          d.text("Region", ""),
		Regions:         d.texts("Regions"),
	}
	p.Help = d.url("Help", "", "http", "https")
	p.Scheme = d.scheme()
	p.Fields = d.fields()
	p.Labels = Labels{
		Hostname: d.text("Hostname Placeholder", ""),
		Path:     d.text("Path Placeholder", ""),
		Username: d.text("Username Placeholder", "Access Key ID"),
		Password: d.text("Password Placeholder", "Secret Access Key"),
		Token:    d.text("Token Placeholder", "Session Token"),
	}
	p.DefaultHostname = d.hostname(p.Fields.Hostname)
	p.DefaultPort = d.port(p.Scheme)
	p.OAuth = d.oauth()
	p.STSEndpoint = d.url("STS Endpoint", "https://sts.amazonaws.com/", "http", "https")
	p.Authorization = d.authorization()
	p.Context = d.text("Context", "")
	p.Properties = d.properties()
	p.Quirks = readQuirks(p.Properties, func(name, want string) {
		d.problem("Properties", "%s is not %s; it is ignored", name, want)
	})
	if p.Region != "" && len(p.Regions) > 0 && !slices.Contains(p.Regions, p.Region) {
		d.problem("Region", "Region %q is not in Regions", p.Region)
	}
	return p
}

func (d *decoder) fields() Fields {
	return Fields{
		Hostname:    d.boolean("Hostname Configurable", true),
		Port:        d.boolean("Port Configurable", true),
		Path:        d.boolean("Path Configurable", true),
		Username:    d.boolean("Username Configurable", true),
		Password:    d.boolean("Password Configurable", true),
		Token:       d.boolean("Token Configurable", false),
		Anonymous:   d.boolean("Anonymous Configurable", true),
		Certificate: d.boolean("Certificate Configurable", false),
		Role:        d.boolean("Role Configurable", false),
		MultiFactor: d.boolean("Multi Factor Configurable", false),
		OAuth:       d.boolean("OAuth Configurable", false),
	}
}

func (d *decoder) scheme() string {
	s := strings.ToLower(d.text("Scheme", "https"))
	if s != "http" && s != "https" {
		d.problem("Scheme", "Scheme %q is neither http nor https; https is used", s)
		return "https"
	}
	return s
}

// hostname follows real files: an empty Default Hostname with a host that can be edited means that the user has to
// name one. To put the parent's amazonaws.com there would send that provider's keys to Amazon.
func (d *decoder) hostname(editable bool) string {
	const parent = "s3.amazonaws.com"
	v, present := d.dict.Get("Default Hostname")
	if present && v.Kind == plist.String && strings.TrimSpace(v.Text) == "" && editable {
		return ""
	}
	host := d.text("Default Hostname", parent)
	if present && !validHost(host) {
		d.problem("Default Hostname", "Default Hostname %q is not a host name", host)
		return ""
	}
	return host
}

// validHost takes names and addresses as they stand in a URL; anything with a path, user or blank is not one.
func validHost(host string) bool {
	u, err := url.Parse("https://" + EscapeHost(host))
	return err == nil && len(host) <= 253 && u.User == nil && u.Path == "" && u.RawQuery == "" && u.Fragment == "" &&
		u.Port() == "" && u.Hostname() != "" && !strings.ContainsAny(host, " \t\r\n/@\\?#%<>\"'")
}

// EscapeHost puts brackets around an IPv6 address.
func EscapeHost(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}

// EndpointURL puts an endpoint together; port 0 and the scheme's own port are left out.
func EndpointURL(scheme, host string, port int) string {
	if port == 0 || port == schemePort(scheme) {
		return scheme + "://" + EscapeHost(host)
	}
	return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

func schemePort(scheme string) int {
	if scheme == "http" {
		return 80
	}
	return 443
}

func (d *decoder) port(scheme string) int {
	s := d.text("Default Port", "")
	if s == "" {
		return schemePort(scheme)
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		d.problem("Default Port", "Default Port %q is not a port; %d is used", s, schemePort(scheme))
		return schemePort(scheme)
	}
	return n
}

func (d *decoder) url(key, parent string, schemes ...string) string {
	s := d.text(key, parent)
	if s == parent {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || !slices.Contains(schemes, u.Scheme) {
		d.problem(key, "%s is not an address; it is ignored", key)
		return parent
	}
	return s
}

func (d *decoder) oauth() OAuth {
	o := OAuth{
		AuthorizationURL: d.url("OAuth Authorization Url", "", "https", "http"),
		TokenURL:         d.url("OAuth Token Url", "", "https", "http"),
		ClientID:         d.text("OAuth Client ID", ""),
		ClientSecret:     d.text("OAuth Client Secret", ""),
		RedirectURL:      d.text("OAuth Redirect Url", ""),
		PKCE:             d.boolean("OAuth PKCE", true),
		Scopes:           d.texts("Scopes"),
	}
	_, o.HasClientID = d.dict.Get("OAuth Client ID")
	_, o.HasClientSecret = d.dict.Get("OAuth Client Secret")
	return o
}

func (d *decoder) authorization() Authorization {
	switch a := Authorization(d.text("Authorization", string(AWS4))); a {
	case AWS4, AWS2, AuthorizationCode:
		return a
	default:
		d.problem("Authorization", "Authorization %q is not known; %s is used", a, AWS4)
		return AWS4
	}
}

// properties come as a dict of texts and bools, or as an array of name=value with blanks and line ends inside.
func (d *decoder) properties() Properties {
	var props Properties
	v, ok := d.dict.Get("Properties")
	if !ok {
		return props
	}
	switch v.Kind {
	case plist.Dictionary:
		for _, name := range v.Dict.Keys() {
			e, _ := v.Dict.Get(name)
			switch e.Kind {
			case plist.Bool:
				props.set(name, strconv.FormatBool(e.Bool))
			case plist.Array, plist.Dictionary, plist.Data:
				d.problems = append(d.problems, Problem{Line: e.Line, Key: name,
					Text: fmt.Sprintf("%s is a %s; it is ignored", name, e.Kind)})
			default:
				props.set(name, squeeze(e.Text))
			}
		}
	case plist.Array:
		for _, e := range v.List {
			name, value, found := strings.Cut(e.Text, "=")
			if name = strings.TrimSpace(name); e.Kind != plist.String || !found || name == "" {
				d.problems = append(d.problems, Problem{Line: e.Line, Key: "Properties",
					Text: "an element of Properties is not name=value; it is ignored"})
				continue
			}
			props.set(name, squeeze(value))
		}
	default:
		d.problem("Properties", "Properties is a %s; it is ignored", v.Kind)
	}
	return props
}

// squeeze joins the lines and inner runs of blanks that real files have.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
