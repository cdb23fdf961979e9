package keychain

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// The caps are far above real files; the largest organisations have some hundred profiles. The lines are bounded
// because the ini library compares each key with all before it.
const (
	maxINI      = 1 << 20
	maxINILines = 10000
)

// ErrTooLarge is returned for an AWS file above 1 MiB or 10,000 lines.
var ErrTooLarge = errors.New("the file is too large")

// loadINI reads one AWS file the way the AWS tools do. The library's defaults would cut a value at # or ;, join
// lines at a trailing backslash, spill a nested block into its profile and give a profile a.b what a has.
func loadINI(data []byte) (*ini.File, error) {
	data, err := plainLines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, err
	}
	f, err := ini.LoadSources(ini.LoadOptions{
		IgnoreInlineComment:     true,
		IgnoreContinuation:      true,
		AllowNestedValues:       true,
		SkipUnrecognizableLines: true,
		InsensitiveKeys:         true,
		ChildSectionDelimiter:   "\x00",
	}, data)
	if err != nil {
		return nil, errNotINI // the library's error quotes the line, which may be a secret
	}
	return f, nil
}

// plainLines keeps the library from reading on into the next lines: it does so for a name or value that begins with a
// backtick or three quotes, which mean nothing in an AWS file. Such a value is put between quotes of the library's own.
func plainLines(data []byte) ([]byte, error) {
	var out bytes.Buffer
	lines := 0
	for line := range bytes.Lines(data) {
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 || trimmed[0] == '#' || trimmed[0] == ';' {
			continue
		}
		if lines++; lines > maxINILines {
			return nil, fmt.Errorf("%w: more than %d lines", ErrTooLarge, maxINILines)
		}
		if trimmed[0] == '`' || trimmed[0] == '"' {
			continue // no name begins so
		}
		at := bytes.IndexAny(trimmed, "=:")
		value := bytes.TrimSpace(trimmed[at+1:])
		if trimmed[0] != '[' && at > 0 && (bytes.HasPrefix(value, []byte("`")) || bytes.HasPrefix(value, []byte(`"""`))) {
			indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
			line = fmt.Appendf(nil, "%s%s = \"\"\"%s\"\"\"\n", indent, bytes.TrimSpace(trimmed[:at]), value)
		}
		out.Write(line)
	}
	return out.Bytes(), nil
}

var errNotINI = errors.New("it is not a valid ini file")

func readINI(path string) (*ini.File, error) {
	if path == "" {
		return ini.Empty(), nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ini.Empty(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("aws files: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxINI+1))
	if err != nil {
		return nil, fmt.Errorf("aws files: %w", err)
	}
	if len(data) > maxINI {
		return nil, fmt.Errorf("aws files: %s: %w", path, ErrTooLarge)
	}
	parsed, err := loadINI(data)
	if err != nil {
		return nil, fmt.Errorf("aws files: %s: %w", path, err)
	}
	return parsed, nil
}

// section is one profile in the two files; the credentials file wins.
type section struct {
	name                string
	config, credentials *ini.Section
}

func (s section) value(key string) string {
	for _, sec := range []*ini.Section{s.credentials, s.config} {
		if sec != nil && sec.HasKey(key) {
			// Value, not String: that one would expand %(name)s.
			return strings.TrimSpace(sec.Key(key).Value())
		}
	}
	return ""
}

func (s section) has(keys ...string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool { return s.value(k) == "" })
}

// nested reads one line of an indented block such as "s3 =".
func nested(sec *ini.Section, block, key string) string {
	if sec == nil || !sec.HasKey(block) {
		return ""
	}
	for _, line := range sec.Key(block).NestedValues() {
		k, v, ok := strings.Cut(line, "=")
		if ok && strings.EqualFold(strings.TrimSpace(k), key) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// awsFiles are both files read.
type awsFiles struct {
	paths               AWSFiles
	config, credentials *ini.File
}

func readAWSFiles(paths AWSFiles) (awsFiles, error) {
	config, err := readINI(paths.Config)
	if err != nil {
		return awsFiles{}, err
	}
	creds, err := readINI(paths.Credentials)
	if err != nil {
		return awsFiles{}, err
	}
	return awsFiles{paths, config, creds}, nil
}

// profiles returns the profiles in the order of the files: those of the config file first. In that file a profile is
// called [profile NAME], except [default].
func (f awsFiles) profiles() []section {
	var out []section
	at := map[string]int{}
	add := func(name string, sec *ini.Section, creds bool) {
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, section{name: name})
		}
		if creds {
			out[i].credentials = sec
		} else {
			out[i].config = sec
		}
	}
	for _, sec := range f.config.Sections() {
		if name, ok := profileName(sec.Name()); ok {
			add(name, sec, false)
		}
	}
	for _, sec := range f.credentials.Sections() {
		if name := strings.TrimSpace(sec.Name()); name != ini.DefaultSection && name != "" && !strings.HasPrefix(name, "profile ") {
			add(name, sec, true)
		}
	}
	return out
}

func profileName(header string) (string, bool) {
	header = strings.TrimSpace(header)
	if header == "default" {
		return header, true
	}
	kind, name, ok := strings.Cut(strings.ReplaceAll(header, "\t", " "), " ")
	name = strings.TrimSpace(name)
	return name, ok && kind == "profile" && name != ""
}

func (f awsFiles) find(name string) (section, bool) {
	for _, s := range f.profiles() {
		if s.name == name {
			return s, true
		}
	}
	return section{}, false
}

// kind follows the order in which the SDK looks at a profile.
func (s section) kind() ProfileKind {
	switch {
	case s.value("role_arn") != "" && s.value("web_identity_token_file") != "":
		return ProfileWebIdentity
	case s.value("role_arn") != "":
		return ProfileRole
	case s.has("aws_access_key_id", "aws_secret_access_key"):
		return ProfileStatic
	case s.value("sso_session") != "" || s.value("sso_start_url") != "":
		return ProfileSSO
	case s.value("login_session") != "":
		return ProfileLogin
	case s.value("credential_process") != "":
		return ProfileProcess
	}
	return ProfileNone
}

func (f awsFiles) describe(s section) AWSProfile {
	p := AWSProfile{Name: s.name, Kind: s.kind(), Region: s.value("region"), File: f.paths.Config}
	if s.credentials != nil && (s.config == nil || (section{credentials: s.credentials}).has("aws_access_key_id", "aws_secret_access_key")) {
		p.File = f.paths.Credentials
	}
	switch p.Kind {
	case ProfileStatic:
		p.KeyID = s.value("aws_access_key_id")
	case ProfileRole, ProfileWebIdentity:
		p.RoleARN, p.SourceProfile, p.MFASerial = s.value("role_arn"), s.value("source_profile"), s.value("mfa_serial")
		p.NeedsMFA = p.MFASerial != ""
	case ProfileSSO:
		p.Account, p.RoleName = s.value("sso_account_id"), s.value("sso_role_name")
	}
	return p
}

// ListAWSProfiles lists the profiles of both files in their order, without any secret. A missing file has none.
func ListAWSProfiles(files AWSFiles) ([]AWSProfile, error) {
	f, err := readAWSFiles(files)
	if err != nil {
		return nil, err
	}
	return f.list(), nil
}

func (f awsFiles) list() []AWSProfile {
	var out []AWSProfile
	pages, servers := f.named("sso-session", "", "sso_start_url"), f.named("services", "s3", "endpoint_url")
	for _, s := range f.profiles() {
		p := f.describe(s)
		p.Endpoint = cmp.Or(servers[s.value("services")], s.value("endpoint_url"))
		if p.Kind == ProfileSSO {
			p.StartURL = cmp.Or(pages[s.value("sso_session")], s.value("sso_start_url"))
		}
		out = append(out, p)
	}
	return out
}

// named is a key of each section [kind NAME], by NAME; with a block, of that nested block. It is read once for all profiles: a file may
// have very many of both.
func (f awsFiles) named(kind, block, key string) map[string]string {
	out := map[string]string{}
	for _, sec := range f.config.Sections() {
		k, name, ok := strings.Cut(sec.Name(), " ")
		if !ok || k != kind {
			continue
		}
		switch name = strings.TrimSpace(name); {
		case name == "":
		case block != "":
			out[name] = nested(sec, block, key)
		default:
			out[name] = section{config: sec}.value(key)
		}
	}
	return out
}

// MatchAWSProfile finds the profile that a user name means: its name, else its access key id; an empty user means
// the profile default.
func MatchAWSProfile(list []AWSProfile, user string) (AWSProfile, bool) {
	if user == "" {
		user = "default"
	}
	for _, same := range []func(AWSProfile) bool{
		func(p AWSProfile) bool { return p.Name == user },
		func(p AWSProfile) bool { return p.KeyID == user },
	} {
		if i := slices.IndexFunc(list, same); i >= 0 {
			return list[i], true
		}
	}
	return AWSProfile{}, false
}

// ReadAWSConfig returns what the named profile ("" means default) says about the connection. A profile that is not
// there is ErrNoProfile, except default, which then says nothing.
func ReadAWSConfig(files AWSFiles, profile string) (AWSConfig, error) {
	f, err := readAWSFiles(files)
	if err != nil {
		return AWSConfig{}, err
	}
	return f.settings(profile)
}

func (f awsFiles) settings(profile string) (AWSConfig, error) {
	name := profile
	if name == "" {
		name = "default"
	}
	s, ok := f.find(name)
	if !ok {
		if name == "default" {
			return AWSConfig{}, nil
		}
		return AWSConfig{}, fmt.Errorf("%w: %q", ErrNoProfile, name)
	}
	c := AWSConfig{
		Region:          s.value("region"),
		EndpointURL:     s.value("endpoint_url"),
		CABundle:        s.value("ca_bundle"),
		AddressingStyle: nested(s.config, "s3", "addressing_style"),
		UseAccelerate:   strings.EqualFold(nested(s.config, "s3", "use_accelerate_endpoint"), "true"),
		UseDualStack: strings.EqualFold(s.value("use_dualstack_endpoint"), "true") ||
			strings.EqualFold(nested(s.config, "s3", "use_dualstack_endpoint"), "true"),
	}
	if services := s.value("services"); services != "" {
		c.S3EndpointURL = f.serviceEndpoint(services, "s3")
	}
	return c, nil
}

func (f awsFiles) serviceEndpoint(services, service string) string {
	for _, sec := range f.config.Sections() {
		if kind, name, _ := strings.Cut(sec.Name(), " "); kind == "services" && strings.TrimSpace(name) == services {
			return nested(sec, service, "endpoint_url")
		}
	}
	return ""
}
