// Package client reads and writes S3 through a program that shares no code with Pintail: Debian's aws command.
// It must never use a Go SDK or our own packages, and secrets reach the program by its environment only.
// Start reading at [For]; a method that fails ends the test.
package client

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/testkit/servers"
)

// Client speaks to one server with one account.
type Client struct {
	t    testing.TB
	bin  string
	args []string
	env  []string
	dir  string
}

// Account is where and as whom a client connects.
type Account struct{ Endpoint, Region, AccessKey, SecretKey string }

// For is a client with the server's first account.
func For(t testing.TB, s *servers.Server) *Client {
	t.Helper()
	return New(t, Account{s.Endpoint, s.Region, s.AccessKey, s.SecretKey})
}

// Other is a client with the server's second account.
func Other(t testing.TB, s *servers.Server) *Client {
	t.Helper()
	return New(t, Account{s.Endpoint, s.Region, s.OtherAccessKey, s.OtherSecretKey})
}

// New is a client for any endpoint. Without the aws command the test fails in CI and is skipped elsewhere.
func New(t testing.TB, a Account) *Client {
	t.Helper()
	bin, err := find()
	if err != nil {
		missing(t, err)
	}
	dir := t.TempDir()
	return &Client{
		t: t, bin: bin, dir: dir, args: []string{"--endpoint-url", a.Endpoint, "--output", "json"},
		env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8", "NO_PROXY=127.0.0.1,localhost",
			"AWS_ACCESS_KEY_ID=" + a.AccessKey, "AWS_SECRET_ACCESS_KEY=" + a.SecretKey, "AWS_DEFAULT_REGION=" + a.Region,
			"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		},
	}
}

// missing ends a test that has no command: a failure in CI, elsewhere a skip.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" || os.Getenv("PINTAIL_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%v (required here)", err)
	}
	t.Skip(err)
}

// find is Debian's command, before another one on PATH.
func find() (string, error) {
	const debian = "/usr/bin/aws"
	if _, err := os.Stat(debian); err == nil {
		return debian, nil
	}
	bin, err := exec.LookPath("aws")
	if err != nil {
		return "", errors.New("the aws command is not installed: apt-get install awscli")
	}
	return bin, nil
}

// Error is what the aws command said when it failed, for example "(NoSuchKey) when calling the GetObject operation".
type Error struct {
	Operation string
	Text      string
}

func (e *Error) Error() string { return e.Operation + ": " + e.Text }

// Try calls one operation of `aws s3api` with its input as the API names it and returns the JSON answer.
// The input goes as JSON, so that no key is taken for an option or a file name. It is the only method that can fail
// without ending the test.
func (c *Client) Try(operation string, input map[string]any, args ...string) (json.RawMessage, error) {
	call := []string{"s3api", operation}
	if input != nil {
		b, err := json.Marshal(input)
		if err != nil {
			return nil, fmt.Errorf("aws s3api %s: %w", operation, err)
		}
		call = append(call, "--cli-input-json", string(b))
	}
	return c.run(append(call, args...)...)
}

func (c *Client) run(args ...string) (json.RawMessage, error) {
	args = append(slices.Clone(c.args), args...)
	p, err := python()
	if err != nil {
		return nil, err
	}
	var out, said string
	var status int
	if p != nil {
		out, said, status, err = p.call(c.t.Context(), c.env, args)
	} else {
		out, said, status, err = c.exec(args)
	}
	if err != nil {
		return nil, err
	}
	if status != 0 {
		return nil, &Error{Operation: args[len(c.args)+1], Text: strings.TrimSpace(said)}
	}
	return json.RawMessage(out), nil
}

// exec runs the command where it cannot be loaded once for all.
func (c *Client) exec(args []string) (out, said string, status int, err error) {
	cmd := exec.CommandContext(c.t.Context(), c.bin, args...)
	cmd.Env = c.env
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", e.String(), exit.ExitCode(), nil
	}
	if err != nil {
		return "", "", 0, fmt.Errorf("aws: %w", err)
	}
	return o.String(), "", 0, nil
}

// must calls an operation and reads its answer into out, which may be nil.
func (c *Client) must(out any, operation string, input map[string]any, args ...string) {
	c.t.Helper()
	b, err := c.Try(operation, input, args...)
	if err != nil {
		c.t.Fatalf("independent client: %v", err)
	}
	if out == nil || len(bytes.TrimSpace(b)) == 0 {
		return
	}
	if err := json.Unmarshal(b, out); err != nil {
		c.t.Fatalf("independent client: %s: %v in %q", operation, err, b)
	}
}

// Must is [Client.Try] for an operation that must succeed.
func (c *Client) Must(operation string, input map[string]any, args ...string) json.RawMessage {
	c.t.Helper()
	var out json.RawMessage
	c.must(&out, operation, input, args...)
	return out
}

// NewBucket makes a bucket with a random name.
func (c *Client) NewBucket() string {
	c.t.Helper()
	name := "t-" + strings.ToLower(rand.Text())[:16]
	c.must(nil, "create-bucket", map[string]any{"Bucket": name})
	return name
}

// Put writes an object.
func (c *Client) Put(bucket, key string, body []byte) {
	c.t.Helper()
	path := filepath.Join(c.dir, "put-"+rand.Text()) // scripts share a client
	if err := os.WriteFile(path, body, 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.PutFile(bucket, key, path)
	if err := os.Remove(path); err != nil {
		c.t.Fatal(err)
	}
}

// PutFile writes an object from a file in one request.
func (c *Client) PutFile(bucket, key, path string) {
	c.t.Helper()
	c.must(nil, "put-object", map[string]any{"Bucket": bucket, "Key": key}, "--body", path)
}

// Get reads an object.
func (c *Client) Get(bucket, key string) []byte {
	c.t.Helper()
	path := filepath.Join(c.dir, "get-"+rand.Text())
	c.GetFile(bucket, key, path)
	b, err := os.ReadFile(path)
	if err = errors.Join(err, os.Remove(path)); err != nil {
		c.t.Fatal(err)
	}
	return b
}

// GetFile reads an object into a file. The command reads a key that begins with file:// as the name of a file.
func (c *Client) GetFile(bucket, key, path string) {
	c.t.Helper()
	c.must(nil, "get-object", nil, "--bucket="+bucket, "--key="+key, path)
}

// GetTree reads everything below prefix into a folder, many files at once. Keys must be good file names.
func (c *Client) GetTree(bucket, prefix, dir string) {
	c.t.Helper()
	if _, err := c.run("s3", "cp", "--recursive", "--only-show-errors", "s3://"+bucket+"/"+prefix, dir); err != nil {
		c.t.Fatalf("independent client: %v", err)
	}
}

// List is every raw key below prefix, as the server orders them.
func (c *Client) List(bucket, prefix string) []string {
	c.t.Helper()
	list := c.Listed(bucket, prefix)
	keys := make([]string, 0, len(list))
	for _, o := range list {
		keys = append(keys, o.Key)
	}
	return keys
}

// Listed is what a listing says about an object. ETag, without quotes, is the MD5 of one that was written in one piece.
type Listed struct {
	Key, ETag string
	Size      int64
}

// Listed is every object below prefix, as the server orders them. One call of the command reads them all.
func (c *Client) Listed(bucket, prefix string) []Listed {
	c.t.Helper()
	var out struct{ Contents []Listed }
	c.must(&out, "list-objects-v2", map[string]any{"Bucket": bucket, "Prefix": prefix})
	for i, o := range out.Contents {
		out.Contents[i].ETag = strings.Trim(o.ETag, `"`)
	}
	return out.Contents
}

// Head is what a HEAD request says about an object.
type Head struct {
	ContentLength                                                             int64
	ETag, ContentType, VersionID, StorageClass, CacheControl, ContentEncoding string
	ChecksumSHA256, ChecksumCRC32, ChecksumCRC32C, ChecksumSHA1               string
	Metadata                                                                  map[string]string
}

// Head asks for an object's headers.
func (c *Client) Head(bucket, key string) Head {
	c.t.Helper()
	var h Head
	c.must(&h, "head-object", map[string]any{"Bucket": bucket, "Key": key})
	return h
}

// Exists says whether there is an object with exactly this key.
func (c *Client) Exists(bucket, key string) bool {
	c.t.Helper()
	_, err := c.Try("head-object", map[string]any{"Bucket": bucket, "Key": key})
	if err != nil && !strings.Contains(err.Error(), "(404)") {
		c.t.Fatalf("independent client: %v", err)
	}
	return err == nil
}

// Delete removes an object.
func (c *Client) Delete(bucket, key string) {
	c.t.Helper()
	c.must(nil, "delete-object", map[string]any{"Bucket": bucket, "Key": key})
}

// Tags is an object's tags.
func (c *Client) Tags(bucket, key string) map[string]string {
	c.t.Helper()
	var out struct{ TagSet []struct{ Key, Value string } }
	c.must(&out, "get-object-tagging", map[string]any{"Bucket": bucket, "Key": key})
	tags := map[string]string{}
	for _, tag := range out.TagSet {
		tags[tag.Key] = tag.Value
	}
	return tags
}

// Upload is a multipart upload that is not finished.
type Upload struct {
	Key      string
	UploadID string `json:"UploadId"`
}

// Uploads is every unfinished multipart upload of a bucket.
func (c *Client) Uploads(bucket string) []Upload {
	c.t.Helper()
	var out struct{ Uploads []Upload }
	c.must(&out, "list-multipart-uploads", map[string]any{"Bucket": bucket})
	return out.Uploads
}

// Part is a stored part of an unfinished upload.
type Part struct {
	PartNumber int
	Size       int64
	ETag       string
}

// Parts is every stored part of an upload.
func (c *Client) Parts(bucket string, u Upload) []Part {
	c.t.Helper()
	var out struct{ Parts []Part }
	c.must(&out, "list-parts", map[string]any{"Bucket": bucket, "Key": u.Key, "UploadId": u.UploadID})
	return out.Parts
}

// Service calls an operation of another service of Amazon than S3, as `aws SERVICE OPERATION`, and returns the JSON answer.
func (c *Client) Service(service, operation string, args ...string) json.RawMessage {
	c.t.Helper()
	out, err := c.run(append([]string{service, operation}, args...)...)
	if err != nil {
		c.t.Fatalf("independent client: %v", err)
	}
	return out
}

// Control calls an operation of S3 Control, `aws s3control OPERATION`. The command always puts the account's number before the host,
// so it asks Amazon's own, and the server is its proxy.
func (c *Client) Control(account, region, operation string, args ...string) json.RawMessage {
	c.t.Helper()
	to := *c
	to.args = append(slices.Clone(c.args), "--endpoint-url", "http://s3-control."+region+".amazonaws.com")
	to.env = append(slices.Clone(c.env), "HTTP_PROXY="+c.args[1])
	out, err := to.run(append([]string{"s3control", operation, "--account-id", account}, args...)...)
	if err != nil {
		c.t.Fatalf("independent client: %v", err)
	}
	return out
}
