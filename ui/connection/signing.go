package connection

import (
	"maps"
	"strings"

	"pintail/internal/text"
	"pintail/keychain"
	"pintail/profiles"
)

// The names of a bookmark's properties for roles and devices.
const (
	customRole = "role_arn"
	customMFA  = "mfa_serial"
	// customSignature has the name of Cyberduck's hidden property.
	customSignature = "s3.signature.version"
)

// ChooseAWS takes a profile of the AWS files by its place. The server that it names is shown unless the person has named one.
func (f *Form) ChooseAWS(i int) {
	f.AWSProfile = f.AWSProfiles[i].Name
	f.fillEndpoint()
}

// preferSignIn chooses the first AWS profile of IAM Identity Center where the connection profile is for that.
func (f *Form) preferSignIn() {
	if now, _ := f.aws(); f.Current().Vendor != profiles.VendorIdentity || now.Kind == keychain.ProfileSSO {
		return
	}
	for _, p := range f.AWSProfiles {
		if p.Kind == keychain.ProfileSSO {
			f.AWSProfile = p.Name
			return
		}
	}
}

// takeDefaultKey names the key of the AWS files' profile default, which is what most people of Amazon have.
func (f *Form) takeDefaultKey() {
	for _, p := range f.AWSProfiles {
		if p.Name == "default" && f.KeyID == "" && f.Login == LoginKey {
			f.KeyID = p.KeyID
		}
	}
}

// ChooseLogin takes another way to sign in.
func (f *Form) ChooseLogin(l Login) {
	f.Login = l
	f.fillEndpoint()
}

// fillEndpoint shows the server of the AWS profile where the form is for Amazon: such a profile is for that server.
func (f *Form) fillEndpoint() {
	if f.touched[FieldEndpoint] {
		return
	}
	f.Endpoint = ""
	if p, ok := f.aws(); ok && f.Login == LoginAWS && f.Current().DefaultHostname == amazonHost {
		f.Endpoint = p.Endpoint
	}
}

const amazonHost = "s3.amazonaws.com"

// aws is the chosen profile of the AWS files.
func (f *Form) aws() (keychain.AWSProfile, bool) {
	for _, p := range f.AWSProfiles {
		if p.Name == f.AWSProfile {
			return p, true
		}
	}
	return keychain.AWSProfile{}, false
}

// role is the role and the device as the profile has fields for them.
func (f *Form) role() (arn, device string) {
	if f.Shown(FieldRole) {
		arn = strings.TrimSpace(f.RoleARN)
	}
	if f.Shown(FieldMFA) {
		device = strings.TrimSpace(f.MFASerial)
	}
	return arn, device
}

// wrongRole adds what is not right with role and device. A role may do without a device.
func (f *Form) wrongRole(out map[Field]string) {
	arn, device := f.role()
	switch {
	case f.Shown(FieldRole) && !strings.HasPrefix(arn, "arn:") && (arn != "" || f.needsRole()):
		out[FieldRole] = text.T("connection.no_role")
	case f.Shown(FieldMFA) && !f.Shown(FieldRole) && device == "":
		out[FieldMFA] = text.T("connection.no_mfa")
	}
}

// custom is the properties of the bookmark with role and device as they are now.
func (f *Form) custom() map[string]string {
	out := maps.Clone(f.base.Custom)
	arn, device := f.role()
	p := f.Current()
	for name, v := range map[string]struct {
		value string
		here  bool
	}{customRole: {arn, p.Fields.Role}, customMFA: {device, p.Fields.MultiFactor}, customSignature: {f.signature(), true}} {
		switch {
		case !v.here: // what the form has no field for stays
		case v.value == "":
			delete(out, name)
		default:
			if out == nil {
				out = map[string]string{}
			}
			out[name] = v.value
		}
	}
	if !f.Existing {
		for _, name := range existingKeys() {
			delete(out, name)
		}
	}
	return out
}

// awsTitle is a profile of the AWS files with its kind, for the list.
func awsTitle(p keychain.AWSProfile) string {
	switch p.Kind {
	case keychain.ProfileStatic:
		return text.T("connection.aws_static", p.Name)
	case keychain.ProfileRole:
		if p.NeedsMFA {
			return text.T("connection.aws_role_mfa", p.Name)
		}
		return text.T("connection.aws_role", p.Name)
	case keychain.ProfileSSO:
		return text.T("connection.aws_sso", p.Name)
	case keychain.ProfileProcess:
		return text.T("connection.aws_process", p.Name)
	case keychain.ProfileWebIdentity:
		return text.T("connection.aws_web", p.Name)
	case keychain.ProfileLogin:
		return text.T("connection.aws_login", p.Name)
	}
	return text.T("connection.aws_none", p.Name)
}

// awsHint says what a connection by this profile will use.
func awsHint(p keychain.AWSProfile) string {
	var s string
	switch p.Kind {
	case keychain.ProfileStatic:
		s = text.T("connection.use_key", p.KeyID, p.File)
	case keychain.ProfileRole:
		s = text.T("connection.use_role", p.RoleARN)
		if p.SourceProfile != "" && p.SourceProfile != p.Name {
			s = text.T("connection.use_role_by", p.RoleARN, p.SourceProfile)
		}
		if p.NeedsMFA {
			s += " " + text.T("connection.use_mfa", p.MFASerial)
		}
	case keychain.ProfileSSO:
		s = text.T("connection.use_sso", p.RoleName, p.Account, p.StartURL)
	case keychain.ProfileProcess:
		s = text.T("connection.use_process", p.File)
	case keychain.ProfileWebIdentity:
		s = text.T("connection.use_web", p.RoleARN)
	case keychain.ProfileLogin:
		s = text.T("connection.use_login")
	default:
		s = text.T("connection.use_none")
	}
	if p.Region != "" {
		s += " " + text.T("connection.use_region", regionTitle(p.Region))
	}
	return s
}

// regionTitles are the regions of a profile by name and code.
func regionTitles(p profiles.Profile) []string {
	out := make([]string, len(p.Regions))
	for i, code := range p.Regions {
		out[i] = p.RegionTitle(code)
	}
	return out
}

// regionTitle is one of Amazon's regions by name and code.
func regionTitle(code string) string {
	if n := profiles.AmazonRegionName(code); n != "" {
		return n + " — " + code
	}
	return code
}

// LoginTitle, AddressingTitle name the choices of the two lists, in order.
func loginTitles() []string {
	return []string{text.T("connection.login_key"), text.T("connection.login_aws"), text.T("connection.login_anonymous")}
}

func addressingTitles() []string {
	return []string{text.T("connection.addressing_auto"), text.T("connection.addressing_path"), text.T("connection.addressing_virtual")}
}

// keyLabel is the profile's own word for the access key, or ours.
func (f *Form) keyLabel() string {
	if f.Current().UsesOpenID() {
		return text.T("connection.openid_client")
	}
	if l := f.Current().Labels.Username; l != "" {
		return l
	}
	return text.T("connection.key")
}

func (f *Form) secretLabel() string {
	if f.Current().UsesOpenID() {
		return text.T("connection.openid_secret")
	}
	if l := f.Current().Labels.Password; l != "" {
		return l
	}
	return text.T("connection.secret")
}

// completion is the only or first name that begins with what was typed, in any case; "" if there is none.
func completion(names []string, typed string) string {
	if typed == "" {
		return ""
	}
	for _, n := range names {
		if len(n) > len(typed) && strings.EqualFold(n[:len(typed)], typed) {
			return n
		}
	}
	return ""
}
