package keychain

import (
	"path/filepath"
)

// ProfileKind is how a profile of the AWS files gets its credentials.
type ProfileKind string

// The kinds. A profile with none of the keys that give credentials is ProfileNone: it still may set a region.
const (
	ProfileStatic      ProfileKind = "static"
	ProfileRole        ProfileKind = "role"
	ProfileSSO         ProfileKind = "sso"
	ProfileProcess     ProfileKind = "process"
	ProfileWebIdentity ProfileKind = "web-identity"
	ProfileLogin       ProfileKind = "login" // aws login
	ProfileNone        ProfileKind = "none"
)

// AWSFiles are the paths of the shared configuration. An empty path is not read.
type AWSFiles struct {
	Config      string
	Credentials string
	SSOCache    string // folder with the tokens of IAM Identity Center, which the AWS tools share
	LoginCache  string // folder with the sessions of `aws login`
}

// AWSFilesFrom returns the paths that the environment names, else those below home/.aws.
func AWSFilesFrom(getenv func(string) string, home string) AWSFiles {
	f := AWSFiles{Config: getenv("AWS_CONFIG_FILE"), Credentials: getenv("AWS_SHARED_CREDENTIALS_FILE")}
	if f.Config == "" && home != "" {
		f.Config = filepath.Join(home, ".aws", "config")
	}
	if f.Credentials == "" && home != "" {
		f.Credentials = filepath.Join(home, ".aws", "credentials")
	}
	if f.LoginCache = getenv("AWS_LOGIN_CACHE_DIRECTORY"); f.LoginCache == "" && home != "" {
		f.LoginCache = filepath.Join(home, ".aws", "login", "cache")
	}
	if home != "" {
		f.SSOCache = filepath.Join(home, ".aws", "sso", "cache")
	}
	return f
}

// AWSProfile is one profile as the files describe it. It holds no secret.
type AWSProfile struct {
	Name   string
	Kind   ProfileKind
	KeyID  string // of a static profile
	File   string // the file that has its credentials, else the one that names it
	Region string
	// RoleARN, SourceProfile and MFASerial are those of a role.
	RoleARN, SourceProfile, MFASerial string
	// NeedsMFA tells that a code will be asked for.
	NeedsMFA bool
	// StartURL, Account and RoleName are those of IAM Identity Center.
	StartURL, Account, RoleName string
	// Endpoint is the URL of an S3 server that the profile names, "" for Amazon.
	Endpoint string
}

// AWSConfig is what a profile says about the connection besides credentials.
type AWSConfig struct {
	Region string
	// EndpointURL is endpoint_url of the profile, S3EndpointURL that of its services block for s3.
	EndpointURL, S3EndpointURL string
	CABundle                   string
	// AddressingStyle is path, virtual or auto from the nested s3 block, "" when not set.
	AddressingStyle string
	// UseAccelerate and UseDualStack are of the s3 block or the profile.
	UseAccelerate, UseDualStack bool
}

// Endpoint is the URL to use for S3: the one for the service, else the general one, else "".
func (c AWSConfig) Endpoint() string {
	if c.S3EndpointURL != "" {
		return c.S3EndpointURL
	}
	return c.EndpointURL
}
