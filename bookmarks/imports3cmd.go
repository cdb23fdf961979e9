package bookmarks

import (
	"strings"

	"pintail/keychain"
)

// readS3cmd reads ~/.s3cfg: one connection a section, mostly [default].
func readS3cmd(sections []iniSection) (found []Found, skipped []Skipped) {
	for _, s := range sections {
		if !s.has("access_key") && !s.has("host_base") {
			continue
		}
		b := Bookmark{Protocol: "s3", Nickname: "s3cmd", Username: s.values["access_key"], Region: regionOf(s.values["bucket_location"])}
		if s.name != "default" {
			b.Nickname = s.name
		}
		https, said := s.values["use_https"]
		setEndpoint(&b, s.values["host_base"], said && !isTrue(https))
		if b.EndpointURL != "" {
			host := s.values["host_bucket"]
			switch {
			case strings.Contains(host, "%(bucket)") || strings.Contains(host, "{bucket}"):
				b.Addressing = AddressingVirtual
			case host != "":
				b.Addressing = AddressingPath
			}
		}
		if isTrue(s.values["signature_v2"]) {
			setSignatureV2(&b)
		}
		f := Found{Bookmark: b}
		if !s.has("access_token") { // else the key ends with the token
			f.Secret = keychain.NewSecret(s.values["secret_key"])
		}
		found = append(found, f)
	}
	return found, skipped
}
