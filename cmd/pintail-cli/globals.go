package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pintail/internal/prompt"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// globals are the options that every command takes. The first part is as typed, the second what it means.
type globals struct {
	Bookmark, Profile, Username, Endpoint, AWSProfile, Region string
	Anonymous, PasswordStdin, PathStyle, VirtualHost          bool
	Proxy, NoProxy, CABundle, ClientCert, ClientKey           string
	Buckets                                                   []string
	Connections, PartSize, Threshold, Checksum, Throttle      string
	Verify, NoVerify                                          bool
	Retry                                                     int
	GiveUp, Timeout                                           string
	Existing, Output, Symlinks                                string
	JSON, Null                                                bool
	Ignore                                                    []string
	Quiet, Verbose, Yes, DryRun, NoProgress, Raw              bool
	Log                                                       string

	limits               transfer.Limits
	partBytes, threshold int64
	checksum             storage.ChecksumAlgorithm
	giveUp, timeout      time.Duration
	existing             prompt.Action // "" = ask on a terminal, else overwrite
	symlinks             transfer.Symlinks
	addressing           storage.Addressing
	// Given at all: else the preferences say what is left out of uploads, verified, and by which checksum.
	ignoreSet, verifySet, checksumSet bool
}

func (g *globals) json() bool { return g.JSON || g.Output == "json" }

// addTo declares the options.
func (g *globals) addTo(f *pflag.FlagSet) {
	f.StringVar(&g.Bookmark, "bookmark", "", "connect as the bookmark `NAME` says")
	f.StringVar(&g.Profile, "profile", "", "connect by a connection profile, `FILE|NAME`")
	f.StringVar(&g.Endpoint, "endpoint-url", "", "connect to the server at `URL`")
	f.StringVar(&g.AWSProfile, "aws-profile", "", "use the profile `NAME` of the AWS files")
	f.StringVarP(&g.Username, "username", "u", "", "access key `ID`; its secret comes from keychain, environment or a prompt")
	f.BoolVar(&g.PasswordStdin, "password-stdin", false, "read the secret access key from the first line of standard input")
	f.BoolVar(&g.Anonymous, "anonymous", false, "sign nothing")
	f.StringVar(&g.Region, "region", "", "sign for the region `NAME`")
	f.BoolVar(&g.PathStyle, "path-style", false, "name the bucket in the path")
	f.BoolVar(&g.VirtualHost, "virtual-host", false, "name the bucket in the host name")
	f.StringVar(&g.Proxy, "proxy", "", "reach the server through the proxy at `URL` (http, https or socks5), or none; else as the environment says")
	f.StringVar(&g.NoProxy, "no-proxy", "", "reach the hosts of `LIST` without the proxy: names, addresses and networks with commas between them")
	f.StringVar(&g.CABundle, "ca-bundle", "", "trust the certificates of the PEM `FILE` besides the system's")
	f.StringVar(&g.ClientCert, "client-cert", "", "certificate for a server that asks for one, a PEM `FILE`")
	f.StringVar(&g.ClientKey, "client-key", "", "its private key, a PEM `FILE`, if the certificate's has none")
	f.StringSliceVar(&g.Buckets, "buckets", nil, "show these buckets, `A,B`, instead of asking for the list")
	f.StringVar(&g.Connections, "connections", "auto", "requests in flight, `N|auto`")
	f.StringVar(&g.PartSize, "part-size", "", "`SIZE` of the parts of an upload (10 MiB)")
	f.StringVar(&g.Threshold, "multipart-threshold", "", "upload in parts above `SIZE` (100 MiB)")
	f.StringVar(&g.Checksum, "checksum", "auto", "`NAME`: auto, sha256, crc64nvme, crc32c, crc32, sha1, md5 or none")
	f.BoolVar(&g.Verify, "verify", true, "compare what was stored or downloaded with what was read")
	f.BoolVar(&g.NoVerify, "no-verify", false, "compare sizes only")
	f.StringVar(&g.Throttle, "throttle", "", "at most `RATE` bytes a second, for example 5MB")
	f.IntVar(&g.Retry, "retry", 0, "try a request outside transfers `N` times (5)")
	f.StringVar(&g.GiveUp, "give-up", "15m", "end a transfer after no progress for `TIME`")
	f.StringVar(&g.Timeout, "timeout", "", "no byte for `TIME` is a failure (30s)")
	f.StringVar(&g.Existing, "existing", "", "`ACTION` on targets that exist: overwrite, resume, skip, rename, compare, ask or cancel")
	f.StringVar(&g.Output, "output", "text", "`FORM` of what is printed: text, table or json")
	f.BoolVar(&g.JSON, "json", false, "print one JSON object a line, errors too")
	f.BoolVar(&g.Null, "null", false, "print raw names separated by NUL")
	f.StringVar(&g.Symlinks, "symlinks", "follow", "`ACTION` on local links: follow, skip or fail")
	f.StringArrayVar(&g.Ignore, "ignore", nil, "leave names that match `GLOB` out of uploads (.DS_Store, Thumbs.db, desktop.ini, *~); --ignore= leaves out nothing")
	f.BoolVarP(&g.Quiet, "quiet", "q", false, "print nothing but errors")
	f.BoolVarP(&g.Verbose, "verbose", "v", false, "print every request")
	f.StringVar(&g.Log, "log", "", "write a log to `FILE`")
	f.BoolVarP(&g.Yes, "yes", "y", false, "answer every question with yes")
	f.BoolVarP(&g.DryRun, "dry-run", "n", false, "say what would be done and do none of it")
	f.BoolVar(&g.NoProgress, "no-progress", false, "show no progress")
	f.BoolVar(&g.Raw, "raw", false, "take * ? [ ] in addresses literally")
}

// parse checks the options and gives them their meaning.
func (g *globals) parse(cmd *cobra.Command) error {
	if err := g.parseSizes(); err != nil {
		return err
	}
	if err := g.parseNetwork(); err != nil {
		return err
	}
	checksum, ok := map[string]storage.ChecksumAlgorithm{
		"auto": storage.ChecksumAuto, "sha256": storage.ChecksumSHA256, "crc64nvme": storage.ChecksumCRC64NVME, "crc32c": storage.ChecksumCRC32C,
		"crc32": storage.ChecksumCRC32, "sha1": storage.ChecksumSHA1, "md5": storage.ChecksumMD5, "none": storage.ChecksumNone,
	}[strings.ToLower(g.Checksum)]
	if !ok {
		return usagef("--checksum %s: choose auto, sha256, crc64nvme, crc32c, crc32, sha1, md5 or none", g.Checksum)
	}
	g.checksum = checksum
	g.existing = prompt.Action(g.Existing)
	actions := []prompt.Action{"", prompt.Overwrite, prompt.Resume, prompt.Skip, prompt.Rename, prompt.Compare, prompt.Ask, prompt.Cancel}
	if !slices.Contains(actions, g.existing) {
		return usagef("--existing %s: choose overwrite, resume, skip, rename, compare, ask or cancel", g.Existing)
	}
	g.symlinks = transfer.Symlinks(g.Symlinks)
	if !slices.Contains([]string{"follow", "skip", "fail"}, g.Symlinks) {
		return usagef("--symlinks %s: choose follow, skip or fail", g.Symlinks)
	}
	if !slices.Contains([]string{"text", "table", "json"}, g.Output) {
		return usagef("--output %s: choose text, table or json", g.Output)
	}
	if !g.Verify {
		g.NoVerify = true
	}
	g.ignoreSet = len(g.Ignore) > 0
	g.verifySet, g.checksumSet = cmd.Flags().Changed("verify"), cmd.Flags().Changed("checksum")
	g.Ignore = slices.DeleteFunc(g.Ignore, func(s string) bool { return s == "" })
	switch {
	case g.PathStyle && g.VirtualHost:
		return usagef("--path-style and --virtual-host exclude each other")
	case g.PathStyle:
		g.addressing = storage.AddressingPath
	case g.VirtualHost:
		g.addressing = storage.AddressingVirtualHost
	}
	if cmd.Flags().Changed("retry") && (g.Retry < 1 || g.Retry > 100) {
		return usagef("--retry %d: it is a number from 1 to 100", g.Retry)
	}
	if g.json() && g.Null {
		return usagef("--json and --null exclude each other")
	}
	return nil
}

func (g *globals) parseSizes() error {
	size := func(name, value string, to *int64, low, high int64) error {
		if value == "" {
			return nil
		}
		n, err := units.ParseBytes(value)
		if err != nil {
			return usagef("--%s: %v", name, err)
		}
		if n < low || n > high {
			return usagef("--%s %s: it is from %s to %s", name, value, units.FormatBytes(low, units.Binary), units.FormatBytes(high, units.Binary))
		}
		*to = n
		return nil
	}
	span := func(name, value string, to *time.Duration) error {
		if value == "" {
			return nil
		}
		d, err := units.ParseDuration(value)
		if err == nil && d <= 0 {
			err = usagef("it must be above 0")
		}
		if err != nil {
			return usagef("--%s: %v", name, err)
		}
		*to = d
		return nil
	}
	var throttle int64
	for _, err := range []error{
		size("part-size", g.PartSize, &g.partBytes, 5<<20, 5<<30),
		size("multipart-threshold", g.Threshold, &g.threshold, 5<<20, 5<<30),
		size("throttle", strings.TrimSuffix(g.Throttle, "/s"), &throttle, 1024, 1<<40),
		span("give-up", g.GiveUp, &g.giveUp), span("timeout", g.Timeout, &g.timeout),
	} {
		if err != nil {
			return err
		}
	}
	g.limits = transfer.Limits{UpBytes: throttle, DownBytes: throttle}
	if g.Connections != "auto" {
		n, err := units.ParseBytes(g.Connections)
		if err != nil || n < 1 || n > 256 {
			return usagef("--connections %s: it is auto or a number from 1 to 256", g.Connections)
		}
		g.limits.Connections = int(n)
	}
	return nil
}
