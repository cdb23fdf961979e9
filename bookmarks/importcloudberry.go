package bookmarks

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxXMLDepth is far above the three levels of a real file.
const maxXMLDepth = 32

// isCloudBerry tells the settings.list of CloudBerry Explorer (MSP360) from a property list.
func isCloudBerry(data []byte) bool {
	return !bytes.Contains(data, []byte("<plist")) && bytes.Contains(data, []byte("<Settings")) && bytes.Contains(data, []byte(`:type="`))
}

// readCloudBerry reads the accounts of a settings.list: elements Settings with the kind of service as their type. Its secrets are not taken,
// since the file does not say whether one is encrypted: the first connection asks.
func readCloudBerry(data []byte) (found []Found, skipped []Skipped, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var account map[string]string // of the element Settings that is open; nil = none
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return found, skipped, nil
		}
		if err != nil {
			return nil, nil, ErrFormat // the library's error quotes the file
		}
		switch t := token.(type) {
		case xml.StartElement:
			if open = append(open, t.Name.Local); len(open) > maxXMLDepth || len(found)+len(skipped) > maxFound {
				return nil, nil, ErrTooLarge
			}
			if t.Name.Local == "Settings" {
				account = map[string]string{}
			}
		case xml.CharData:
			if account != nil && open[len(open)-1] != "SharedKey" {
				account[open[len(open)-1]] += string(t)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name.Local {
				return nil, nil, ErrFormat
			}
			open = open[:len(open)-1]
			if t.Name.Local != "Settings" || account == nil {
				continue
			}
			if f, ok := cloudBerryAccount(account); ok {
				found = append(found, f)
			} else {
				skipped = append(skipped, Skipped{cleanName(account["Name"]), "it is not S3"})
			}
			account = nil
		}
	}
}

// cloudBerryAccount is the connection of an account: those of S3 have an AWSKey.
func cloudBerryAccount(a map[string]string) (Found, bool) {
	key := strings.TrimSpace(a["AWSKey"])
	if key == "" {
		return Found{}, false
	}
	b := Bookmark{Protocol: "s3", Nickname: a["Name"], Username: key}
	setEndpoint(&b, a["ServicePoint"], false)
	return Found{Bookmark: b}, true
}
