package connection

import (
	"strings"
	"unicode"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/profiles"
	"pintail/storage"
)

// The fields of the part that is folded away.
const (
	FieldBuckets    Field = "buckets"
	FieldSignature  Field = "signature"
	FieldProxy      Field = "proxy"
	FieldProxyURL   Field = "proxyurl"
	FieldBypass     Field = "bypass"
	FieldCA         Field = "ca"
	FieldCert       Field = "cert"
	FieldCertKey    Field = "certkey"
	FieldReadOnly   Field = "readonly"
	FieldProduction Field = "production"
	FieldExisting   Field = "existing"
)

// isAdvanced tells the fields that stand in the folded part.
func isAdvanced(field Field) bool {
	switch field {
	case FieldBuckets, FieldAddressing, FieldSignature, FieldProxy, FieldProxyURL, FieldBypass, FieldCA, FieldCert, FieldCertKey, FieldReadOnly, FieldProduction, FieldExisting, FieldColour:
		return true
	}
	return false
}

// ProxyKind is which proxy a connection goes through.
type ProxyKind int

// The kinds.
const (
	ProxyEnvironment ProxyKind = iota // as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say
	ProxyNone
	ProxyOwn
)

// Advanced is the part of a form that few need.
type Advanced struct {
	Buckets    string // names, separated by commas
	Signature  int    // place in signatures
	ProxyKind  ProxyKind
	Proxy      string // URL, with ProxyOwn
	Bypass     string // hosts that are reached without it, separated by commas or spaces
	CABundle   string // paths of PEM files
	ClientCert string
	ClientKey  string
	ReadOnly   bool
	Production bool
	Existing   bool // what is done with files that exist stays as the bookmark remembers it
}

// signatures are the values of the property, in the order of the list.
func signatures() []string { return []string{"", string(profiles.AWS4), string(profiles.AWS2)} }

func (f *Form) signature() string { return signatures()[f.Advanced.Signature] }

// bucketList is the buckets as typed, each once.
func (a Advanced) bucketList() []string {
	var out []string
	seen := map[string]bool{}
	for _, b := range strings.FieldsFunc(a.Buckets, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if b = strings.TrimSpace(b); b != "" && !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// proxy is the proxy as bookmarks write it. What has no scheme is an HTTP proxy.
func (a Advanced) proxy() string {
	switch p := strings.TrimSpace(a.Proxy); {
	case a.ProxyKind == ProxyNone:
		return bookmarks.NoProxy
	case a.ProxyKind == ProxyOwn && p != "" && !strings.Contains(p, "://"):
		return "http://" + p
	case a.ProxyKind == ProxyOwn:
		return p
	}
	return ""
}

// bypass is the list of hosts as bookmarks write it.
func (a Advanced) bypass() string {
	if a.ProxyKind == ProxyNone {
		return ""
	}
	return strings.Join(strings.FieldsFunc(a.Bypass, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }), ",")
}

// takeAdvanced reads a bookmark.
func (f *Form) takeAdvanced(b bookmarks.Bookmark) {
	a := Advanced{Buckets: strings.Join(b.Buckets, ", "), Bypass: strings.ReplaceAll(b.ProxyBypass, ",", ", "), CABundle: b.CABundle, ClientCert: b.ClientCert, ClientKey: b.ClientKey, ReadOnly: b.ReadOnly,
		Production: b.Production, Existing: f.remembered() != ""}
	switch b.Proxy {
	case "":
	case bookmarks.NoProxy:
		a.ProxyKind = ProxyNone
	default:
		a.ProxyKind, a.Proxy = ProxyOwn, b.Proxy
	}
	for i, s := range signatures() {
		if s == b.Custom[customSignature] {
			a.Signature = i
		}
	}
	f.Advanced = a
}

// usesAdvanced tells whether anything in the folded part is not as usual.
func (f *Form) usesAdvanced() bool {
	return f.Advanced != (Advanced{}) || f.bookmark && f.Colour > 0 || f.Addressing != storage.AddressingAuto && f.touched[FieldAddressing]
}

// wrongAdvanced adds what is not right in the folded part. Files are read when the connection is tested or opened.
func (f *Form) wrongAdvanced(out map[Field]string) {
	a := f.Advanced
	if a.ProxyKind == ProxyOwn && (a.proxy() == "" || bookmarks.CheckProxy(a.proxy()) != nil) {
		out[FieldProxyURL] = text.T("advanced.bad_proxy")
	}
	if bookmarks.CheckBypass(a.bypass()) != nil {
		out[FieldBypass] = text.T("advanced.bad_bypass")
	}
	for _, b := range a.bucketList() {
		if strings.ContainsAny(b, " \t/") && !strings.HasPrefix(b, "arn:") {
			out[FieldBuckets] = text.T("advanced.bad_buckets")
		}
	}
	if strings.TrimSpace(a.ClientKey) != "" && strings.TrimSpace(a.ClientCert) == "" {
		out[FieldCert] = text.T("advanced.no_cert")
	}
}

func (a Advanced) network() connect.Network {
	return connect.Network{Proxy: a.proxy(), Bypass: a.bypass(), CABundle: strings.TrimSpace(a.CABundle), ClientCert: strings.TrimSpace(a.ClientCert), ClientKey: strings.TrimSpace(a.ClientKey)}
}

func (f *Form) advancedSpec(s *connect.Spec) {
	s.Network, s.Buckets, s.Signature, s.ReadOnly = f.network(), f.bucketList(), f.signature(), f.ReadOnly
}

func (f *Form) advancedBookmark(b *bookmarks.Bookmark) {
	n := f.network()
	b.Proxy, b.ProxyBypass, b.CABundle, b.ClientCert, b.ClientKey = n.Proxy, n.Bypass, n.CABundle, n.ClientCert, n.ClientKey
	b.Buckets, b.ReadOnly, b.Production = f.bucketList(), f.ReadOnly, f.Production
}

func signatureTitles() []string {
	return []string{text.T("advanced.signature_auto"), text.T("advanced.signature_4"), text.T("advanced.signature_2")}
}

func proxyTitles() []string {
	return []string{text.T("advanced.proxy_environment"), text.T("advanced.proxy_none"), text.T("advanced.proxy_own")}
}
