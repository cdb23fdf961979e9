package profiles_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/plist"
	"pintail/profiles"
)

const realDir = "../../shared/testdata/profiles"

// folder finds the real profiles of third parties; they are read in place and never copied.
func folder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PINTAIL_TEST_PROFILES")
	named := dir != ""
	if !named {
		dir = realDir
	}
	if _, err := os.Stat(dir); err == nil {
		return dir
	} else if _, beside := os.Stat(filepath.Join(realDir, "..", "..")); named || beside == nil || os.Getenv("CI") == "true" {
		t.Fatal(err) // only a checkout without the shared folder beside it does without, and never in CI
	}
	t.Skip("the folder with real profiles is not here")
	return ""
}

func readReal(t *testing.T, name string) profiles.Profile {
	t.Helper()
	p, err := profiles.ReadFile(filepath.Join(folder(t), name+profiles.Ext))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReal_MeansWhatTheTableSays compares each real file with what is known of it. "" and nil mean inherited.
func TestReal_MeansWhatTheTableSays(t *testing.T) {
	t.Parallel()
	const amazon = "s3.amazonaws.com"
	tests := []struct {
		file, vendor, host, region, scheme string
		port                               int
		pathStyle                          bool
		classes                            string
		refused                            profiles.Feature
	}{
		{"AWS PrivateLink for Amazon S3 (VPC endpoint)", "s3-privatelink", amazon, "", "https", 443, true, "", ""},
		{"AWS S3 (Google OpenID Connect)", "aws-s3-sts-google-oidc", amazon, "", "https", 443, false, "", profiles.FeatureRole},
		{"AWS S3 (MFA Session Token)", "aws-s3-getsessiontoken", amazon, "", "https", 443, false, "", profiles.FeatureMultiFactor},
		{"AWS S3 (STS Assume Role)", "aws-s3-sts-assumerole", amazon, "", "https", 443, false, "", profiles.FeatureRole},
		{"Backblaze B2 (S3 compatible API us-west-002)", "backblaze-s3", "s3.us-west-002.backblazeb2.com", "", "https", 443, false, "", ""},
		{"Cloudflare R2 Storage (S3)", "s3-cloudflare-r2", "", "wnam", "https", 443, true, "STANDARD", ""},
		{"Contabo Object Storage (EU2)", "contabo-eu2", "eu2.contabostorage.com", "default", "https", 443, true, "", ""},
		{"IBM COS (eu-geo)", "cos-eu-geo", "s3.eu.cloud-object-storage.appdomain.cloud", "ap-standard", "https", 443, true, "STANDARD", ""},
		{"Infomaniak Public Cloud 02 (S3)", "Infomaniak Network", "s3.pub2.infomaniak.cloud", "us-east-1", "https", 443, true, "STANDARD", ""},
		{"Psychz sObject (US West 1)", "Psychz sObject (US West 1)", "sobject.uswest1.psychz.net", "", "https", 443, false, "", ""},
		{"S3 (Credentials from AWS Command Line Interface)", "s3-cli", amazon, "", "https", 443, false, "", ""},
		{"S3 (Credentials from Instance Metadata)", "s3-role", amazon, "", "https", 443, false, "", ""},
		{"S3 (Deprecated path style requests)", "s3-path-style", amazon, "", "https", 443, true, "", ""},
		{"S3 (HTTP)", "s3-http", amazon, "", "http", 80, false, "", ""},
		{"S3 (HTTPS)", "s3-https", amazon, "", "https", 443, false, "", ""},
		{"S3 (Timestamps)", "s3-timestamps", amazon, "", "https", 443, false, "", ""},
		{"S3 AWS2 Signature Version (HTTPS)", "s3-aws2-https", amazon, "", "https", 443, false, "", ""},
		{"S3 China (Beijing)", "s3-cn-north-1", "s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "https", 443, false, "", ""},
		{"S3 GovCloud (US-West)", "s3-us-gov-west-1", "s3-us-gov-west-1.amazonaws.com", "us-gov-west-1", "https", 443, false, "", ""},
		{"Scaleway (FR-PAR)", "scaleway-fr-par", "s3.fr-par.scw.cloud", "fr-par", "https", 443, false, "STANDARD ONEZONE_IA GLACIER", ""},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		seen[tt.file+profiles.Ext] = true
		p := readReal(t, tt.file)
		pathStyle := p.Quirks.PathStyle != nil && *p.Quirks.PathStyle
		got := []any{p.Protocol, p.Vendor, p.DefaultHostname, p.Region, p.Scheme, p.DefaultPort, pathStyle, strings.Join(p.Quirks.StorageClasses, " ")}
		want := []any{"s3", tt.vendor, tt.host, tt.region, tt.scheme, tt.port, tt.pathStyle, tt.classes}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", tt.file, got, want)
		}
		var unsupported *profiles.UnsupportedError
		if err := p.Supported(); (tt.refused == "") != (err == nil) || errors.As(err, &unsupported) && unsupported.Feature != tt.refused {
			t.Errorf("%s: supported: %v, want refused for %q", tt.file, err, tt.refused)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder(t), "*"+profiles.Ext))
	if err != nil || len(files) != len(tests) {
		t.Errorf("%d files, %d in the table, %v", len(files), len(tests), err)
	}
	for _, f := range files {
		if !seen[filepath.Base(f)] {
			t.Errorf("%s is not in the table", f)
		}
	}
}

func TestReal_Specials(t *testing.T) {
	t.Parallel()
	link := readReal(t, "AWS PrivateLink for Amazon S3 (VPC endpoint)")
	if q := link.Quirks; q.DualStack == nil || *q.DualStack || q.ChecksumHeader != nil {
		t.Errorf("PrivateLink: %+v", q)
	}
	b2 := readReal(t, "Backblaze B2 (S3 compatible API us-west-002)")
	if q := b2.Quirks; q.ChecksumHeader == nil || *q.ChecksumHeader || b2.Fields.Hostname || b2.Labels.Username != "Key ID" ||
		b2.Labels.Password != "Application Key" || b2.Help != "https://help.cyberduck.io/b2" {
		t.Errorf("Backblaze: %+v", b2)
	}
	if icon, err := b2.Icon(); err != nil || len(icon) < 20_000 {
		t.Errorf("Backblaze: icon of %d bytes, %v", len(icon), err)
	}
	oidc := readReal(t, "AWS S3 (Google OpenID Connect)")
	if o := oidc.OAuth; o.HasClientID || !o.HasClientSecret || o.ClientSecret != "" || !slices.Equal(o.Scopes, []string{"openid", "offline_access"}) ||
		o.RedirectURL != "${oauth.application.identifier}:oauth" || o.TokenURL != "https://accounts.google.com/o/oauth2/token" ||
		oidc.Fields.Username || oidc.Fields.Password || !oidc.Fields.Role || oidc.Quirks.RoleARN == nil || *oidc.Quirks.RoleARN != "" {
		t.Errorf("OpenID: %+v %+v", o, oidc.Fields)
	}
	sts := readReal(t, "AWS S3 (STS Assume Role)")
	if q := sts.Quirks; q.RoleARN != nil && *q.RoleARN != "" || q.MFASerial == nil || *q.MFASerial != "" || sts.STSEndpoint != "https://sts.amazonaws.com/" {
		t.Errorf("Assume Role: %+v", q)
	}
	r2 := readReal(t, "Cloudflare R2 Storage (S3)")
	if r2.Labels.Hostname != "<accountid>.r2.cloudflarestorage.com" || len(r2.Regions) != 5 || r2.Endpoint() != "" || !r2.Fields.Hostname {
		t.Errorf("R2: %+v", r2)
	}
	if ibm := readReal(t, "IBM COS (eu-geo)"); len(ibm.Regions) != 4 || len(ibm.Problems()) != 1 {
		t.Errorf("IBM: %v %v", ibm.Regions, ibm.Problems())
	}
	if i := readReal(t, "Infomaniak Public Cloud 02 (S3)"); i.Fields.Anonymous {
		t.Errorf("Infomaniak: %+v", i.Fields)
	}
	if p := readReal(t, "Psychz sObject (US West 1)"); p.Labels.Path != "Enter Bucket Name" || p.Endpoint() != "https://sobject.uswest1.psychz.net" {
		t.Errorf("Psychz: %+v", p)
	}
	if c := readReal(t, "S3 (Credentials from AWS Command Line Interface)"); !c.UsesAWSFiles() || !c.Fields.Token || c.Fields.Anonymous {
		t.Errorf("CLI: %+v", c.Fields)
	}
	if m := readReal(t, "S3 (Credentials from Instance Metadata)"); !m.UsesInstanceMetadata() || m.UsesAWSFiles() || m.PathPrefix() != "" {
		t.Errorf("metadata: %+v", m)
	}
	if ts := readReal(t, "S3 (Timestamps)"); ts.Quirks.ListMetadata == nil || !*ts.Quirks.ListMetadata {
		t.Errorf("timestamps: %+v", ts.Quirks)
	}
}

func TestReal_SurvivesRewriting(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(folder(t), "*"+profiles.Ext))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p, err := profiles.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		opts := plist.Options{Icons: []string{"Disk", "Icon"}}
		before, err1 := plist.Parse(strings.NewReader(string(raw)), opts)
		after, err2 := plist.Parse(strings.NewReader(string(out)), opts)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if string(plist.Marshal(before.Root)) != string(plist.Marshal(after.Root)) || before.Root.Len() == 0 {
			t.Errorf("%s changed", f)
		}
	}
}

func doc(body string) string {
	return "<plist version=\"1.0\">\n<dict>\n<key>Protocol</key><string>s3</string>\n<key>Vendor</key><string>v</string>\n" + body + "\n</dict></plist>"
}

func parse(t *testing.T, body string) profiles.Profile {
	t.Helper()
	p, err := profiles.Parse(strings.NewReader(doc(body)), "test")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse_InheritsFromS3(t *testing.T) {
	t.Parallel()
	p := parse(t, "<key>Scheme</key><string> </string><key>Default Port</key><string></string>")
	if p.Scheme != "https" || p.DefaultPort != 443 || p.DefaultHostname != "s3.amazonaws.com" || p.Authorization != profiles.AWS4 ||
		p.Labels.Username != "Access Key ID" || p.Labels.Password != "Secret Access Key" || p.Title() != "Amazon S3" || p.Region != "" {
		t.Errorf("%+v", p)
	}
	want := profiles.Fields{Hostname: true, Port: true, Path: true, Username: true, Password: true, Anonymous: true}
	if p.Fields != want {
		t.Errorf("%+v", p.Fields)
	}
	if q := p.Quirks; q.PathStyle != nil || q.StorageClasses != nil || q.PartSize != nil {
		t.Errorf("quirks that nobody set: %+v", q)
	}
	if p.Endpoint() != "https://s3.amazonaws.com" || p.Supported() != nil || len(p.Problems()) != 0 {
		t.Errorf("%q %v %v", p.Endpoint(), p.Supported(), p.Problems())
	}
}

func TestParse_PropertiesAsArrayWithBlanksAndLines(t *testing.T) {
	t.Parallel()
	p := parse(t, `<key>Properties</key><array>
<string> s3.bucket.virtualhost.disable = true </string>
<string>s3.storage.class.options=STANDARD
      STANDARD_IA    GLACIER</string>
<string>s3.upload.multipart.size=5242880</string>
<string>role_arn=</string><string>x.y=a=b</string><string>broken</string></array>`)
	q := p.Quirks
	if q.PathStyle == nil || !*q.PathStyle || !slices.Equal(q.StorageClasses, []string{"STANDARD", "STANDARD_IA", "GLACIER"}) ||
		q.PartSize == nil || *q.PartSize != 5<<20 || q.RoleARN == nil {
		t.Errorf("%+v", q)
	}
	if v, ok := p.Properties.Get("x.y"); !ok || v != "a=b" {
		t.Errorf("x.y = %q %v", v, ok)
	}
	if len(p.Problems()) != 1 || p.Problems()[0].Line != 10 {
		t.Errorf("%v", p.Problems())
	}
}

func TestParse_OddValuesAreReportedAndPassedOver(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, value string }{
		{"Scheme", "<string>ftp</string>"}, {"Default Port", "<string>99999</string>"}, {"Default Port", "<string>x</string>"},
		{"Authorization", "<string>AWS4</string>"}, {"Regions", "<string>a</string>"}, {"Username Configurable", "<string>maybe</string>"},
		{"Help", "<string>javascript:alert(1)</string>"}, {"Description", "<array/>"}, {"Properties", "<true/>"},
		{"Properties", "<dict><key>s3.upload.multipart.size</key><string>many</string></dict>"},
		{"Properties", "<array><string>s3.bucket.virtualhost.disable=perhaps</string></array>"},
		{"STS Endpoint", "<string>https://user:pw@sts.example.com</string>"},
		{"Default Hostname", "<string>a b</string>"}, {"Default Hostname", "<string>user@evil.example</string>"},
		{"Default Hostname", "<string>good.example/../evil</string>"},
	}
	for _, tt := range tests {
		p := parse(t, "<key>"+tt.key+"</key>\n"+tt.value)
		if len(p.Problems()) != 1 || p.Problems()[0].Line != 6 || p.Problems()[0].Fatal {
			t.Errorf("%s %s: %v", tt.key, tt.value, p.Problems())
		}
		if p.Scheme != "https" || p.DefaultPort != 443 || p.Authorization != profiles.AWS4 || !p.Fields.Username || p.Help != "" {
			t.Errorf("%s %s: %+v", tt.key, tt.value, p)
		}
	}
}

func TestParse_NamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"<plist><dict><key>Vendor</key><string>v</string></dict></plist>", "<plist><dict/></plist>", "nothing", ""} {
		_, err := profiles.Parse(strings.NewReader(in), "broken")
		var pe *profiles.ParseError
		if !errors.As(err, &pe) || len(pe.Problems) == 0 || !strings.Contains(err.Error(), "broken") {
			t.Errorf("%q: %v", in, err)
		}
		if len(profiles.Lint(strings.NewReader(in), "broken")) == 0 {
			t.Errorf("%q: lint finds nothing", in)
		}
	}
}

func TestParse_EmptyHostnameAsksInsteadOfAmazon(t *testing.T) {
	t.Parallel()
	editable := parse(t, "<key>Default Hostname</key><string/>")
	fixed := parse(t, "<key>Default Hostname</key><string/><key>Hostname Configurable</key><false/>")
	if editable.DefaultHostname != "" || fixed.DefaultHostname != "s3.amazonaws.com" {
		t.Errorf("%q %q", editable.DefaultHostname, fixed.DefaultHostname)
	}
}

func TestSupported_RefusesWithTheReason(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want profiles.Feature
	}{
		{"<key>Protocol</key><string>s3-iam</string>", profiles.FeatureProtocol},
		{"<key>Protocol</key><string>s3-login</string>", profiles.FeatureProtocol},
		{"<key>Protocol</key><string>swift</string>", profiles.FeatureProtocol},
		{"<key>Authorization</key><string>AuthorizationCode</string>", profiles.FeatureOAuth},
		{"<key>OAuth Configurable</key><true/>", profiles.FeatureOAuth},
		{"<key>Role Configurable</key><true/>", profiles.FeatureRole},
		{"<key>Multi Factor Configurable</key><true/>", profiles.FeatureMultiFactor},
		{"<key>Context</key><string>http://evil.example/latest/meta-data</string>", profiles.FeatureContext},
		{"<key>Context</key><string>http://169.254.169.254:8080/x</string>", profiles.FeatureContext},
		{"<key>Context</key><string>https://169.254.169.254/x</string>", profiles.FeatureContext},
	}
	for _, tt := range tests {
		err := parse(t, tt.body).Supported()
		var u *profiles.UnsupportedError
		if !errors.As(err, &u) || u.Feature != tt.want || !errors.Is(err, profiles.ErrUnsupported) {
			t.Errorf("%s: %v, want %s", tt.body, err, tt.want)
		}
	}
}

func TestParse_ContextPathIsThePrefix(t *testing.T) {
	t.Parallel()
	p := parse(t, "<key>Context</key><string>/storage/</string><key>Default Hostname</key><string>h.example</string><key>Default Port</key><integer>8443</integer>")
	if p.PathPrefix() != "/storage" || p.Endpoint() != "https://h.example:8443/storage" || p.Supported() != nil {
		t.Errorf("%q %q", p.PathPrefix(), p.Endpoint())
	}
}

func TestSignatureV2_ByKeyOrProperty(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		"<key>Authorization</key><string>AWS2</string>":                                            true,
		"<key>Properties</key><array><string>s3.signature.version=AWS2</string></array>":           true,
		"<key>Authorization</key><string>AWS4</string>":                                            false,
		"<key>Properties</key><array><string>s3.signature.version=AWS4HMACSHA256</string></array>": false,
		"": false,
	} {
		if p := parse(t, body); p.SignatureV2() != want || p.Supported() != nil {
			t.Errorf("%s: %t, %v", body, p.SignatureV2(), p.Supported())
		}
	}
}
