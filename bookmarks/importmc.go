package bookmarks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"pintail/keychain"
)

type mcAlias struct {
	URL          string `json:"url"`
	AccessKey    string `json:"accessKey"`
	SecretKey    string `json:"secretKey"`
	SessionToken string `json:"sessionToken"`
	API          string `json:"api"`
	Path         string `json:"path"`
}

// readMC reads the config.json of MinIO's client. Its examples, which have no key, are left out.
func readMC(data []byte) (found []Found, skipped []Skipped, err error) {
	var file struct {
		Aliases map[string]mcAlias `json:"aliases"`
		Hosts   map[string]mcAlias `json:"hosts"` // what they were called before version 10
	}
	if json.Unmarshal(data, &file) != nil || file.Aliases == nil && file.Hosts == nil {
		return nil, nil, ErrFormat // the library's error quotes the file
	}
	all := file.Hosts
	if file.Aliases != nil {
		all = file.Aliases
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		if a.AccessKey == "" || strings.HasPrefix(a.AccessKey, "YOUR-") {
			skipped = append(skipped, Skipped{cleanName(name), "it has no key"})
			continue
		}
		b := Bookmark{Protocol: "s3", Nickname: name, Username: a.AccessKey}
		setEndpoint(&b, a.URL, false)
		switch a.Path {
		case "on", "path":
			b.Addressing = AddressingPath
		case "off", "dns":
			b.Addressing = AddressingVirtual
		}
		if strings.EqualFold(a.API, "S3v2") {
			setSignatureV2(&b)
		}
		f := Found{Bookmark: b}
		if a.SessionToken == "" {
			f.Secret = keychain.NewSecret(a.SecretKey)
		}
		found = append(found, f)
	}
	return found, skipped, nil
}
