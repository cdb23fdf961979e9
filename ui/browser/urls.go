package browser

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/command"
	"pintail/ui/report"
)

// Address copies or opens the addresses of items, as a command says; false if it is none of those that do.
func (vm *ViewModel) Address(id command.ID, items []Item) bool {
	kind, open := command.Address(id)
	if span := presignSpan(kind); span > 0 {
		if !open {
			vm.CopyPresigned(items, span)
			return true
		}
		vm.Presign(items, span, func(p Presigned) { vm.open(p.URLs) })
		return true
	}
	lines, known, err := vm.addresses(kind, items)
	switch {
	case err != nil:
		vm.fail(report.Failure{Err: err}, nil)
	case open:
		vm.open(lines)
	case len(lines) > 0:
		vm.Face.Clipboard(strings.Join(lines, "\n"))
		vm.Face.Notice(text.N("browser.notice_url", len(lines), len(lines)))
	}
	return known
}

// presignSpan is how long the address that a command copies is to hold, 0 for one that is not signed.
func presignSpan(kind command.ID) time.Duration {
	switch kind {
	case command.CopyPresign1:
		return time.Hour
	case command.CopyPresign2:
		return 24 * time.Hour
	case command.CopyPresign3:
		return 7 * 24 * time.Hour
	}
	return 0
}

// addresses are those of items that a command copies; known is false if it copies none.
func (vm *ViewModel) addresses(kind command.ID, items []Item) (lines []string, known bool, err error) {
	forms := map[command.ID]storage.URLKind{command.CopyHTTP: storage.URLHTTP, command.CopyWebsite: storage.URLWebsite,
		command.CopyConsole: storage.URLConsole, command.CopyTorrent: storage.URLTorrent, command.CopyARN: storage.URLARN}
	if vm.conn != nil {
		forms[command.CopyHTTPS] = vm.conn.Session.WebKind()
	}
	form, known := forms[kind]
	if vm.conn == nil {
		return nil, known, nil
	}
	for _, it := range items {
		switch {
		case kind == command.CopyS3: // raw, as every command line takes it
			lines, known = append(lines, it.At.String()), true
		case kind == command.CopyMarked:
			if known = true; it.At.Bucket != "" && vm.conn.Publishes() {
				lines = append(lines, vm.conn.Published(it.At))
			}
		case kind == command.CopyCDN:
			if known = true; vm.Served(it.At.Bucket) {
				lines = append(lines, vm.served.by[it.At.Bucket].URL(it.At))
			}
		case known:
			u, err := vm.conn.Session.URL(it.At, form)
			if err != nil {
				return nil, true, err
			}
			lines = append(lines, u)
		}
	}
	return lines, known, nil
}

// open opens addresses in the browser, no more than it can be given at once. An address that is none of the web's is never opened: the
// desktop would start whatever program takes it.
func (vm *ViewModel) open(lines []string) {
	lines = lines[:min(len(lines), command.MaxOpen)]
	for _, line := range lines {
		u, err := url.Parse(line)
		if err == nil && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			err = errors.New(text.T("browser.open_scheme"))
		}
		if err == nil {
			err = vm.Browse(u)
		}
		if err != nil {
			what, _, _ := strings.Cut(line, "?") // whoever has the rest of a signed one may read the object
			vm.fail(report.Failure{What: what, Err: errors.New(text.T("browser.open_none", err))}, nil)
			return
		}
	}
	if len(lines) > 0 {
		vm.Face.Notice(text.N("browser.notice_opened", len(lines), len(lines)))
	}
}

// CopyPresigned signs addresses of the objects among items for span, copies them, and says until when they work.
func (vm *ViewModel) CopyPresigned(items []Item, span time.Duration) {
	vm.Presign(items, span, func(p Presigned) {
		if len(p.URLs) == 0 {
			return
		}
		vm.Face.Clipboard(strings.Join(p.URLs, "\n"))
		until := p.Expires.Local().Format("2 Jan 2006 15:04")
		if p.Sooner {
			vm.Face.Notice(text.N("browser.notice_presigned_sooner", len(p.URLs), len(p.URLs), until))
			return
		}
		vm.Face.Notice(text.N("browser.notice_presigned", len(p.URLs), len(p.URLs), until))
	})
}
