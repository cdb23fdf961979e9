package main

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
)

// testSystem is a machine without a terminal and with nothing in its environment.
func testSystem(t *testing.T) (system, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, errOut bytes.Buffer
	home := t.TempDir()
	return system{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Getenv: func(string) string { return "" },
		Dirs: testDirs(home), Now: time.Now, Width: func() int { return 80 },
		OpenTerminal: func() (terminal, error) { return nil, errNoTerminal }, OpenURL: func(string) error { return errNoBrowser },
	}, &out, &errOut
}

// parsed runs the command line args up to the point where the command would begin, and hands on its options.
func parsed[O any](t *testing.T, make func(*app, func(context.Context, *app, O) error) *cobra.Command, args ...string) (O, *app, error) {
	t.Helper()
	sys, _, _ := testSystem(t)
	a := newApp(sys)
	var got O
	root := &cobra.Command{Use: program, SilenceErrors: true, SilenceUsage: true, PersistentPreRunE: func(c *cobra.Command, _ []string) error { return a.opts.parse(c) }}
	a.opts.addTo(root.PersistentFlags())
	root.AddCommand(make(a, func(_ context.Context, _ *app, o O) error { got = o; return nil }))
	root.SetArgs(args)
	return got, a, root.ExecuteContext(t.Context())
}

func TestParseAddress_Forms(t *testing.T) {
	for in, want := range map[string]address{
		"s3://":                {},
		"s3://b":               {Location: storage.Location{Bucket: "b"}},
		"s3://b/":              {Location: storage.Location{Bucket: "b"}},
		"s3://b//k":            {Location: storage.Location{Bucket: "b", Key: "/k"}},
		"s3://b/a//b/../ c%20": {Location: storage.Location{Bucket: "b", Key: "a//b/../ c%20"}},
		"home:s3://b/k":        {Location: storage.Location{Bucket: "b", Key: "k"}, Bookmark: "home"},
		"a b:s3://b/x:s3://y":  {Location: storage.Location{Bucket: "b", Key: "x:s3://y"}, Bookmark: "a b"},
		"-":                    {Std: true},
		"dir/file":             {Local: "dir/file"},
		`C:\dir`:               {Local: `C:\dir`},
	} {
		got, err := parseAddress(in)
		want.Given = in
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "s3:///key", "s3://b*/k"} {
		var usage *usageError
		if got, err := parseAddress(in); !errors.As(err, &usage) {
			t.Errorf("%q: %+v, %v, want a usage error", in, got, err)
		}
	}
}

func TestCp_FlagsBecomeOptions(t *testing.T) {
	o, a, err := parsed(t, cpCommand, "cp", "-r", "--storage-class", "GLACIER", "--sse", "aws:kms:key/1", "--metadata", "a=b=c", "--header", "cache-control: no-cache",
		"--tag", "k=", "--older", "7d", "--include", "**/*.jpg", "--preserve", "--connections", "8", "--part-size", "16MiB", "--throttle", "5MB", "--checksum", "sha256",
		"--existing", "rename", "--no-verify", "x", "s3://b/y/")
	if err != nil {
		t.Fatal(err)
	}
	want := storage.WriteOptions{
		Class: "GLACIER", Encryption: storage.Encryption{Type: "aws:kms", KeyID: "key/1"}, Metadata: map[string]string{"a": "b=c"}, Tags: map[string]string{"k": ""},
		Headers: storage.Headers{CacheControl: "no-cache"},
	}
	if !reflect.DeepEqual(o.Write, want) || !o.Recursive || !o.Preserve || !o.ReplaceMeta || o.Older != 7*24*time.Hour || o.Include[0] != "**/*.jpg" {
		t.Errorf("options: %+v", o)
	}
	g := a.opts
	if g.limits != (transfer.Limits{Connections: 8, UpBytes: 5_000_000, DownBytes: 5_000_000}) || g.partBytes != 16<<20 ||
		g.checksum != storage.ChecksumSHA256 || g.existing != prompt.Rename || !g.NoVerify {
		t.Errorf("globals: %+v", g)
	}
}

func TestFlags_WrongOnesAreUsageErrors(t *testing.T) {
	for _, args := range []string{
		"--connections 0 a s3://b/", "--connections many a s3://b/", "--throttle 3 a s3://b/", "--timeout 0 a s3://b/", "--give-up soon a s3://b/", "--retry 0 a s3://b/",
		"--path-style --virtual-host a s3://b/", "--json --null a s3://b/", "--output xml a s3://b/", "--symlinks maybe a s3://b/", "--tag nope a s3://b/", "--metadata =x a s3://b/",
		"--older x a s3://b/", "s3:// x", "a s3://", "- -", "- s3://b/", "- a s3://b/", "s3://b/a s3://b/c -", "a s3://b/c s3://b/d", "x:s3://b/a y:s3://b/b d/",
	} {
		var usage *usageError
		if _, _, err := parsed(t, cpCommand, append([]string{"cp"}, strings.Fields(args)...)...); !errors.As(err, &usage) {
			t.Errorf("cp %s: %v, want a usage error", args, err)
		}
	}
}

func TestRange_Forms(t *testing.T) {
	for in, want := range map[string][3]int64{"": {0, -1, 0}, "0-0": {0, 1, 0}, "2-4": {2, 3, 0}, "7-": {7, -1, 0}, "-5": {0, -1, 5}} {
		first, length, suffix, err := parseRange(in)
		if got := [3]int64{first, length, suffix}; err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"-", "5", "4-2", "a-b", "-0", "1-2-3"} {
		if _, _, _, err := parseRange(in); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func TestEscape_WhatATerminalWouldObey(t *testing.T) {
	for in, want := range map[string]string{
		"plain grüße 😀":   "plain grüße 😀",
		"a\x1b[31mred":    `a\u{001B}[31mred`,
		"line\nbreak\r":   `line\u{000A}break\u{000D}`,
		"x\u202Egpj.exe":  `x\u{202E}gpj.exe`,
		"zero\u200Bwidth": `zero\u{200B}width`,
		"c1\u009b":        `c1\u{009B}`,
		"bad\xff":         `bad\x{FF}`,
		"\ufffd":          "\ufffd",
	} {
		if got := escape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGlob_MatchesRawKeys(t *testing.T) {
	for _, c := range []struct {
		pattern, key string
		match, deep  bool
	}{
		{"logs/*.gz", "logs/a.gz", true, false}, {"logs/*.gz", "logs/x/a.gz", false, false}, {"logs/**/*.gz", "logs/x/y/a.gz", true, true},
		{"logs/**/*.gz", "logs/a.gz", true, true}, {"a?", "ab", true, false}, {"a[12].txt", "a1.txt", true, false}, {"a//*", "a//b", true, false},
		{"{x}*", "{x}y", true, false}, {`a\*b*`, "a*bc", true, false}, {"*", "x/", true, false}, {"*/", "x/", true, false}, {"*/", "x", false, false},
		{"*/b", "a/b", true, true}, {"é*", "éa", true, false},
	} {
		g, err := newGlob(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if g.match(c.key) != c.match || g.deep() != c.deep || c.match && !strings.HasPrefix(c.key, g.prefix) {
			t.Errorf("%q on %q: match %v, deep %v, prefix %q", c.pattern, c.key, g.match(c.key), g.deep(), g.prefix)
		}
	}
	if _, err := newGlob("a[b"); err == nil {
		t.Error("an open class is taken")
	}
}

func TestPreferences_StandInForOptionsThatAreNotGiven(t *testing.T) {
	for _, c := range []struct {
		args   []string
		ignore []string
		tries  int
	}{
		{nil, []string{"*.tmp", "x?"}, 9},
		{[]string{"--ignore=*.o", "--ignore=*.a", "--retry=2"}, []string{"*.o", "*.a"}, 2},
		{[]string{"--ignore="}, nil, 9},
	} {
		sys, _, _ := testSystem(t)
		a := newApp(sys)
		p, err := a.preferences()
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(preferences.UploadIgnore.Set(p, []string{"*.tmp", "x?"}), preferences.ConnectionRetry.Set(p, 9))
		if err != nil {
			t.Fatal(err)
		}
		cmd := &cobra.Command{}
		a.opts.addTo(cmd.Flags())
		if err := errors.Join(cmd.ParseFlags(c.args), a.opts.parse(cmd)); err != nil {
			t.Fatal(err)
		}
		o, err := a.transferOptions(cpOptions{}, transfer.Upload, &connect.Connection{Host: "s3.example.com"}, "b")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Ignore, c.ignore) || a.policy().Tries != c.tries {
			t.Errorf("%q: ignores %q, %d tries; want %q, %d", c.args, o.Ignore, a.policy().Tries, c.ignore, c.tries)
		}
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestProgressLine_AsTheManualShowsIt(t *testing.T) {
	all := map[transfer.ID]transfer.Transfer{1: {
		Files: 40, FilesDone: 12, Bytes: 9_800_000_000, BytesDone: 3_100_000_000, Rate: 82e6, Left: 62 * time.Second, Planned: true, State: transfer.Running,
	}}
	if got, want := progressLine(all, units.Decimal), "12 of 40 files, 3.1 GB of 9.8 GB, 82 MB/s, 1 min left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestConsole_StatusStaysBelowLinesAndIsCut(t *testing.T) {
	var b bytes.Buffer
	c := &console{out: &b, fancy: true, width: func() int { return 10 }}
	c.setStatus("0123456789abc")
	c.line("hello")
	release := c.hold()
	c.setStatus("new")
	release()
	c.setStatus("")
	want := "01234567…" + eraseLine + "hello\n01234567…" + eraseLine + "new" + eraseLine
	if got := b.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	b.Reset()
	plain := &console{out: &b, width: func() int { return 0 }}
	plain.setStatus("never")
	if b.Len() > 0 {
		t.Errorf("a status on what is not a terminal: %q", b.String())
	}
}
