package settings

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
)

// codec is how a stored value looks in a field. read gets what is stored now too, for fields that show a part of it.
type codec struct {
	show  func(stored string) string
	read  func(shown, stored string) (value string, ok bool)
	width float32 // of the field; 0 fills the row
	hint  string  // grey text of the empty field
	// beside stands at the end of the row.
	beside fyne.CanvasObject
}

const numberWidth = 120

func format(n int64) string { return strconv.FormatInt(n, 10) }

func plain() codec {
	return codec{show: func(s string) string { return s }, read: func(s, _ string) (string, bool) { return strings.TrimSpace(s), true }}
}

// codecOf is the codec of a preference as its kind says.
func codecOf(d preferences.Definition) codec {
	switch {
	case d.Name == preferences.UploadBandwidth.Name(), d.Name == preferences.DownloadBandwidth.Name():
		return withEmpty(bytes("/s"), "-1", text.T("settings.no_limit"))
	case d.Name == preferences.ConnectionsLimit.Name():
		return withEmpty(number(), "0", text.T("settings.automatic"))
	case d.Name == preferences.S3URLExpire.Name(), d.Name == preferences.S3CacheSeconds.Name(), d.Name == preferences.ConnectionTimeout.Name():
		return span()
	case d.Kind == preferences.KindBytes:
		return bytes("")
	case d.Kind == preferences.KindInt:
		return number()
	}
	return plain()
}

func number() codec {
	c := plain()
	c.width = numberWidth
	return c
}

// withEmpty shows one value as the empty field, which hint explains.
func withEmpty(c codec, value, hint string) codec {
	show, read := c.show, c.read
	c.hint = hint
	c.show = func(s string) string {
		if s == value {
			return ""
		}
		return show(s)
	}
	c.read = func(s, stored string) (string, bool) {
		if strings.TrimSpace(s) == "" {
			return value, true
		}
		return read(s, stored)
	}
	return c
}

// bytes shows sizes in the largest unit that has them whole: "10 MiB", with per behind it.
func bytes(per string) codec {
	return codec{width: numberWidth, show: func(s string) string {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return s
		}
		for _, u := range []struct {
			name string
			size int64
		}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"MB", 1_000_000}, {"kB", 1000}} {
			if n >= u.size && n%u.size == 0 {
				return format(n/u.size) + " " + u.name + per
			}
		}
		return format(n) + " B" + per
	}, read: func(s, _ string) (string, bool) {
		n, err := units.ParseRate(s)
		return format(n), err == nil
	}}
}

// span shows seconds in the largest unit that has them whole: "24 h", "7 d".
func span() codec {
	return codec{width: numberWidth, show: func(s string) string {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return s
		}
		for _, u := range []struct {
			name    string
			seconds int64
		}{{"d", 86400}, {"h", 3600}, {"m", 60}} {
			if n >= u.seconds && n%u.seconds == 0 {
				return format(n/u.seconds) + " " + u.name
			}
		}
		return format(n) + " s"
	}, read: func(s, _ string) (string, bool) {
		d, err := units.ParseDuration(strings.ReplaceAll(s, " ", ""))
		return format(int64(d / time.Second)), err == nil && d%time.Second == 0
	}}
}

const cacheControl = "cache-control"

// cacheHeader shows the Cache-Control among the default headers and metadata.
func cacheHeader() codec {
	return codec{show: func(s string) string {
		for pair := range strings.FieldsSeq(s) {
			if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(name, cacheControl) {
				return strings.ReplaceAll(value, ",", ", ")
			}
		}
		return ""
	}, read: func(s, stored string) (string, bool) {
		s = strings.ReplaceAll(strings.TrimSpace(s), ", ", ",")
		rest := withoutCache(stored)
		switch {
		case strings.ContainsAny(s, " \t"):
			return "", false
		case s != "":
			rest = append([]string{"Cache-Control=" + s}, rest...)
		}
		return strings.Join(rest, " "), true
	}, hint: "max-age=86400"}
}

// otherMetadata shows the rest of them.
func otherMetadata() codec {
	return codec{show: func(s string) string { return strings.Join(withoutCache(s), " ") },
		read: func(s, stored string) (string, bool) {
			words := strings.Fields(s)
			for pair := range strings.FieldsSeq(stored) {
				if name, _, _ := strings.Cut(pair, "="); strings.EqualFold(name, cacheControl) && len(withoutCache(s)) == len(words) {
					words = append([]string{pair}, words...)
				}
			}
			return strings.Join(words, " "), true
		}, hint: "Content-Language=en team=web"}
}

func withoutCache(s string) (rest []string) {
	for pair := range strings.FieldsSeq(s) {
		if name, _, _ := strings.Cut(pair, "="); !strings.EqualFold(name, cacheControl) {
			rest = append(rest, pair)
		}
	}
	return rest
}
