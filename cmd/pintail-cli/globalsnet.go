package main

import (
	"errors"
	"path/filepath"
	"strings"

	"pintail/bookmarks"
	"pintail/internal/connect"
)

// parseNetwork checks how the server is to be reached. Paths become absolute: a transfer may be resumed from another folder.
func (g *globals) parseNetwork() error {
	switch err := bookmarks.CheckProxy(g.Proxy); {
	case errors.Is(err, bookmarks.ErrSecret):
		return usagef("--proxy: user and password would show among the running programs; name them in HTTPS_PROXY or HTTP_PROXY")
	case err != nil:
		return usagef("--proxy: write http://, https:// or socks5://HOST:PORT, or none")
	}
	if bookmarks.CheckBypass(g.NoProxy) != nil {
		return usagef("--no-proxy: write names, addresses or networks, HOST,10.0.0.0/8, without http://")
	}
	if g.ClientKey != "" && g.ClientCert == "" {
		return usagef("--client-key needs --client-cert")
	}
	for _, file := range []*string{&g.CABundle, &g.ClientCert, &g.ClientKey} {
		if *file == "" || strings.HasPrefix(*file, "~/") {
			continue
		}
		full, err := filepath.Abs(*file)
		if err != nil {
			return err
		}
		*file = full
	}
	return nil
}

// network is what the options say about how the server is reached.
func (g *globals) network() connect.Network {
	return connect.Network{Proxy: g.Proxy, Bypass: g.NoProxy, CABundle: g.CABundle, ClientCert: g.ClientCert, ClientKey: g.ClientKey}
}
