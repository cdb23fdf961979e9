package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"pintail/internal/testkit/bench/sink"
)

// client is one command line in a comparison.
type client struct {
	name string
	argv []string
	env  []string
	// What slow clients are spared: a part of the work (its figures are scaled up), and rounds.
	share float64 // 0 = all of it
	once  bool
	sink  *sink.Sink // what it talks to, if not the job's
}

func (c client) part(share float64) client { c.share = share; return c }
func (c client) slow() client              { c.once = true; return c }

func (c client) of(work float64) float64 {
	if c.share > 0 {
		return work * c.share
	}
	return work
}

// end is a server that clients talk to.
type end struct {
	b              *bed
	url            string
	access, secret string
	sink           *sink.Sink // nil for a real server
}

func (b *bed) end(o sink.Options) (end, error) {
	s, err := b.sink(o)
	if err != nil {
		return end{}, err
	}
	return end{b: b, url: s.URL, access: "test", secret: "testtest", sink: s}, nil
}

// env is the whole environment of a client: keys, certificates, and a home that nobody else uses.
func (e end) env(more ...string) []string {
	home := filepath.Join(e.b.dir, "home")
	env := []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "HOME=" + home, "PINTAIL_HOME=" + home, "LC_ALL=C.UTF-8", "TZ=UTC",
		"AWS_ACCESS_KEY_ID=" + e.access, "AWS_SECRET_ACCESS_KEY=" + e.secret, "AWS_EC2_METADATA_DISABLED=true"}
	if e.sink != nil && e.sink.CertPEM != nil {
		env = append(env, "AWS_CA_BUNDLE="+e.b.ca, "SSL_CERT_FILE="+e.b.ca)
	}
	return append(env, more...)
}

func (e end) ours(args ...string) client {
	return client{name: "pintail-cli", argv: append([]string{e.b.ours, "--endpoint-url", e.url, "--region", "us-east-1", "--quiet"}, args...), env: e.env()}
}

func (e end) aws(args ...string) client { return e.awsWith("aws", "aws", args) }

// awsDefault is the client as it is when nothing is configured.
func (e end) awsDefault(args ...string) client { return e.awsWith("aws", "aws.def", args) }

func (e end) awsWith(name, config string, args []string) client {
	return client{name: name, argv: append([]string{"/usr/bin/aws", "--endpoint-url", e.url, "s3"}, args...),
		env: e.env("AWS_CONFIG_FILE="+e.b.conf(config), "AWS_PAGER=", "AWS_DEFAULT_REGION=us-east-1")}
}

// crt is the AWS client with its other transfer library. The version that Debian has connects to port 80 whatever it is told.
func (e end) crt(args ...string) client {
	return client{name: "aws CRT", argv: append([]string{"/usr/bin/aws", "--profile", "crt", "--endpoint-url", e.url, "s3"}, args...),
		env: e.env("AWS_CONFIG_FILE="+e.b.conf("aws"), "AWS_PAGER=")}
}

// rclone's remote is named "s".
func (e end) rclone(args ...string) client {
	c := "RCLONE_CONFIG_S_"
	return client{name: "rclone", argv: append([]string{filepath.Join(e.b.tools, "rclone"), "-q", "--retries", "1"}, args...),
		env: e.env("RCLONE_CONFIG="+e.b.conf("rclone"), c+"TYPE=s3", c+"PROVIDER=Other", c+"ACCESS_KEY_ID="+e.access, c+"SECRET_ACCESS_KEY="+e.secret,
			c+"ENDPOINT="+e.url, c+"REGION=us-east-1", c+"FORCE_PATH_STYLE=true", c+"LIST_VERSION=2", c+"USE_MULTIPART_ETAG=false")}
}

// mc's alias is named "s".
func (e end) mc(args ...string) client {
	scheme, host, _ := strings.Cut(e.url, "://")
	return client{name: "mc", argv: append([]string{filepath.Join(e.b.tools, "mc"), "-q"}, args...),
		env: e.env("MC_CONFIG_DIR="+e.b.conf("mc"), "MC_HOST_s="+scheme+"://"+e.access+":"+e.secret+"@"+host)}
}

func (e end) s3cmd(args ...string) client {
	_, host, _ := strings.Cut(e.url, "://")
	return client{name: "s3cmd", env: e.env(),
		argv: append([]string{"/usr/bin/s3cmd", "-c", e.b.conf("s3cfg"), "--host=" + host, "--host-bucket=" + host, "--quiet"}, args...)}
}

// library runs a Go library in a small program of ours.
func (e end) library(name, bucket string, workers int, args ...string) client {
	return client{name: name, env: e.env(),
		argv: append([]string{filepath.Join(e.b.tools, "peers"), "-endpoint", e.url, "-bucket", bucket, "-c", strconv.Itoa(workers), name}, args...)}
}

// present leaves out clients whose program is not on this machine.
func present(list []client) []client {
	var here []client
	for _, c := range list {
		if _, err := exec.LookPath(c.argv[0]); err == nil {
			here = append(here, c)
		}
	}
	return here
}
