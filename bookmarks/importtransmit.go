package bookmarks

import (
	"net"
	"strings"

	"pintail/internal/plist"
)

// Keys of a favorite of Transmit 5, which keeps one to a file (.favoriteMetadata). Its passwords are in the Mac's keychain.
const (
	transmitProtocol = "com_panic_transmit_protocol"
	transmitPrefix   = "com_panic_transmit_"
	// keyArchive is in the one file in which Transmit 4 kept all: an archive of the program's objects.
	keyArchive = "$archiver"
)

// TransmitExt ends the names of Transmit's files.
const TransmitExt = ".favoriteMetadata"

// readTransmit reads a favorite. One of another protocol is left out.
func readTransmit(d *plist.Dict) ([]Found, []Skipped) {
	text := func(name string) string {
		v, _ := d.Get(transmitPrefix + name)
		return strings.TrimSpace(v.Text)
	}
	name := text("nickname")
	if p := text("protocol"); p != "Amazon S3" && p != "S3" {
		return nil, []Skipped{{cleanName(name), "it is not S3"}}
	}
	b := Bookmark{Protocol: "s3", Nickname: name, Username: text("username"), Path: strings.Trim(text("remotePath"), "/")}
	host, port := text("server"), text("port")
	if port != "" && port != "0" && port != "443" && host != "" && !strings.Contains(host, "://") {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	setEndpoint(&b, host, port == "80")
	return []Found{{Bookmark: b}}, nil
}
