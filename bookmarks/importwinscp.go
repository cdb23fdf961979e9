package bookmarks

import (
	"net"
	"net/url"
	"strings"
)

// readWinSCP reads the sites of WinSCP.ini that speak S3. Its passwords are scrambled and bound to more than the key, so they are not taken:
// the first connection asks.
func readWinSCP(sections []iniSection) (found []Found, skipped []Skipped) {
	for _, s := range sections {
		name, ok := strings.CutPrefix(s.name, `Sessions\`)
		if !ok {
			continue
		}
		name = winscpText(name)
		const protocolS3 = "7"
		switch {
		case name == "Default Settings":
			continue
		case s.values["fsprotocol"] != protocolS3:
			skipped = append(skipped, Skipped{cleanName(name), "it is not S3"})
			continue
		}
		b := Bookmark{Protocol: "s3", Username: winscpText(s.values["username"]), Path: strings.Trim(winscpText(s.values["remotedirectory"]), "/"),
			Region: regionOf(winscpText(s.values["s3defaultregion"]))}
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			b.Folder, name = cleanName(name[:i]), name[i+1:]
		}
		b.Nickname = name
		host, port := winscpText(s.values["hostname"]), s.values["portnumber"]
		plain := port == "80" || s.values["ftps"] == "0" // without a word it is encrypted
		if port != "" && port != "443" && port != "80" {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		setEndpoint(&b, host, plain)
		if s.values["s3urlstyle"] == "1" {
			b.Addressing = AddressingPath
		}
		if isTrue(s.values["s3credentialsenv"]) {
			if b.AWSProfile = winscpText(s.values["s3profile"]); b.AWSProfile == "" {
				b.AWSProfile = "default"
			}
			b.Username = ""
		}
		found = append(found, Found{Bookmark: b})
	}
	return found, skipped
}

// winscpText undoes the escapes of names and values.
func winscpText(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return strings.ReplaceAll(s, "\ufeff", "") // a mark before what is not plain
}
