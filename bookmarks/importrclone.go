package bookmarks

import "pintail/keychain"

// readRclone reads rclone.conf: the remotes of type s3.
func readRclone(sections []iniSection) (found []Found, skipped []Skipped) {
	for _, s := range sections {
		if s.values["type"] != "s3" {
			skipped = append(skipped, Skipped{cleanName(s.name), "it is not S3"})
			continue
		}
		b := Bookmark{Protocol: "s3", Nickname: s.name, Username: s.values["access_key_id"], Region: regionOf(s.values["region"])}
		setEndpoint(&b, s.values["endpoint"], false)
		if style, said := s.values["force_path_style"]; said && isTrue(style) {
			b.Addressing = AddressingPath
		} else if said {
			b.Addressing = AddressingVirtual
		}
		if isTrue(s.values["v2_auth"]) {
			setSignatureV2(&b)
		}
		switch {
		case b.Username != "":
		case isTrue(s.values["env_auth"]):
			b.AWSProfile = s.values["profile"]
			if b.AWSProfile == "" {
				b.AWSProfile = "default"
			}
		default: // rclone signs nothing then
			b.Anonymous = true
		}
		f := Found{Bookmark: b}
		if !s.has("session_token") {
			f.Secret = keychain.NewSecret(s.values["secret_access_key"])
		}
		found = append(found, f)
	}
	return found, skipped
}
