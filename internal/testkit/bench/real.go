package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"pintail/internal/testkit/bench/sink"
	"pintail/internal/testkit/servers"
)

// realServer does the work of the rows once on versitygw, which checks signatures and checksums, and reads back what it has stored.
// Rows about slow and faulty paths have no counterpart there.
func realServer(b *bed) (string, error) {
	g, err := servers.Start(servers.KindVersitygw)
	if err != nil {
		return "", err
	}
	defer g.Stop()
	e := end{b: b, url: g.Endpoint, access: g.AccessKey, secret: g.SecretKey}
	if _, err := e.awsAPI("create-bucket", "--bucket", "bench"); err != nil {
		return "", err
	}
	jobs, stored, err := b.realJobs(e)
	if err != nil {
		return "", err
	}
	var t strings.Builder
	fmt.Fprintf(&t, "## The same on a real server\n\nOnce each on versitygw %s, which checks every signature and checksum. "+
		"Checksum is what its HEAD says that it has stored.\n\n| work | client | CPU s | wall s | memory MiB | stored checksum |\n|---|---|--:|--:|--:|---|\n", g.Version)
	for _, j := range jobs {
		j.keepClients("")
		samples, err := j.measure(b, 1)
		if err != nil {
			return "", err
		}
		for i, c := range j.clients {
			s := samples[i][0]
			if s.Err != "" {
				fmt.Fprintf(&t, "| %s | %s | failed: %s | | | |\n", j.title, c.name, strings.ReplaceAll(s.Err, "|", "/"))
				continue
			}
			fmt.Fprintf(&t, "| %s | %s | %.2f | %.2f | %d | %s |\n", j.title, c.name, s.CPU.Seconds(), s.Wall.Seconds(), s.RSSKiB/1024,
				e.storedChecksum(stored[j.title+c.name]))
		}
	}
	return t.String() + "\n", nil
}

// realJobs are the rows' jobs at a size that the server takes in seconds, and the key that each upload leaves.
func (b *bed) realJobs(e end) ([]job, map[string]string, error) {
	file, err := b.file(b.scale.midMiB)
	if err != nil {
		return nil, nil, err
	}
	n := b.scale.fewSmall
	dir, err := b.tree(n, kib4, 100)
	if err != nil {
		return nil, nil, err
	}
	big, small := fmt.Sprintf("%d MiB", b.scale.midMiB), count(n)+" × 4 KiB"
	tree, leaf, out := filepath.Base(dir), sink.Key(sink.Bucket(n, kib4, 100), 0), b.out()
	stored := map[string]string{
		big + " up" + "pintail-cli": "big/ours", big + " up" + mc: "big/mc", big + " up" + rclone: "big/rclone", big + " up" + "aws": "big/aws",
		small + " up" + "pintail-cli": "small/ours/" + tree + "/" + leaf, small + " up" + mc: "small/mc/" + leaf,
		small + " up" + rclone: "small/rclone/" + leaf, small + " up" + "aws": "small/aws/" + leaf,
		small + " copied" + "pintail-cli": "copy/ours/" + leaf, small + " copied" + mc: "copy/mc/" + leaf,
	}
	whole := func(c client, _ sink.Counts) error {
		fi, err := os.Stat(filepath.Join(out, "x"))
		if err == nil && fi.Size() != b.scale.midMiB<<20 {
			err = fmt.Errorf("%d bytes came", fi.Size())
		}
		return err
	}
	return []job{
		{title: big + " up", at: e, clients: []client{
			e.ours("cp", file, "s3://bench/big/ours"), e.mc("put", "--parallel", "10", "--part-size", "10MiB", file, "s/bench/big/mc"),
			e.rclone("copyto", "--s3-chunk-size", "10M", "--s3-upload-concurrency", "10", file, "s:bench/big/rclone"),
			e.aws("cp", "--only-show-errors", file, "s3://bench/big/aws"), e.library("minio-go", "bench", 10, "up", file)}},
		{title: big + " down", at: e, before: b.freshOut, check: whole, clients: []client{
			e.ours("cp", "s3://bench/big/ours", out+"/x"), e.mc("cp", "s/bench/big/mc", out+"/x"), e.rclone("copyto", "s:bench/big/rclone", out+"/x"),
			e.aws("cp", "--only-show-errors", "s3://bench/big/aws", out+"/x")}},
		{title: small + " up", at: e, clients: []client{
			e.ours("cp", "-r", dir, "s3://bench/small/ours/"), e.mc("mirror", dir, "s/bench/small/mc"),
			e.rclone("copy", "--transfers", "64", "--checkers", "64", dir, "s:bench/small/rclone"),
			e.aws("cp", "--only-show-errors", "--recursive", dir, "s3://bench/small/aws")}},
		{title: small + " down", at: e, before: b.freshOut, check: b.files(n), clients: []client{
			e.ours("cp", "-r", "s3://bench/small/ours/"+tree+"/", out+"/"), e.mc("mirror", "s/bench/small/mc", out),
			e.rclone("copy", "--transfers", "64", "--checkers", "64", "s:bench/small/rclone", out),
			e.aws("cp", "--only-show-errors", "--recursive", "s3://bench/small/aws/", out)}},
		{title: small + " listed", at: e, clients: []client{
			e.ours("ls", "-r", "s3://bench/small/"), e.mc("ls", "-r", "s/bench/small/"), e.rclone("lsf", "-R", "s:bench/small"),
			e.aws("ls", "--recursive", "s3://bench/small/")}},
		{title: small + " synchronised without changes", at: e, clients: []client{
			e.ours("sync", "--yes", dir, "s3://bench/small/ours/"+tree+"/"), e.mc("mirror", dir, "s/bench/small/mc"),
			e.rclone("sync", dir, "s:bench/small/rclone"), e.aws("sync", "--only-show-errors", dir, "s3://bench/small/aws")}},
		{title: small + " copied", at: e, clients: []client{
			e.ours("cp", "-r", "s3://bench/small/ours/"+tree+"/", "s3://bench/copy/ours/"), e.mc("cp", "-r", "s/bench/small/mc/", "s/bench/copy/mc/"),
			e.rclone("copy", "s:bench/small/rclone", "s:bench/copy/rclone")}},
		{title: small + " deleted", at: e, clients: []client{
			e.ours("rm", "-r", "--yes", "s3://bench/copy/ours/"), e.mc("rm", "-r", "--force", "s/bench/copy/mc/"), e.rclone("delete", "s:bench/copy/rclone")}},
	}, stored, nil
}

// awsAPI asks through the independent client.
func (e end) awsAPI(args ...string) ([]byte, error) {
	cmd := exec.Command("/usr/bin/aws", append([]string{"--endpoint-url", e.url, "s3api"}, args...)...)
	cmd.Env = e.env("AWS_CONFIG_FILE="+e.b.conf("aws.def"), "AWS_PAGER=", "AWS_DEFAULT_REGION=us-east-1")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("aws s3api %s: %w", args[0], err)
	}
	return out, nil
}

// storedChecksum is what the server says of an object's checksums. An object that is gone or has none says so.
func (e end) storedChecksum(key string) string {
	if key == "" {
		return ""
	}
	c := e.library("manager", "bench", 1, "checksum", key)
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Env = c.env
	out, err := cmd.Output()
	if err != nil {
		return "not readable"
	}
	if text := strings.TrimSpace(string(out)); text != "" {
		return strings.ReplaceAll(text, "\n", ", ")
	}
	return "none"
}
