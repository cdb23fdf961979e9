package main

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// TestPresignForm_RGW uploads by a signed form as a browser does; what the form does not allow is refused by the server.
func TestPresignForm_RGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	t.Parallel()
	s := servers.SharedRGW(t)
	acc := client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
	other, cli := client.New(t, acc), runner(t, acc)
	bucket := other.NewBucket()
	var form struct {
		URL    string
		Fields map[string]string
	}
	sign := func(args ...string) {
		t.Helper()
		form.Fields = nil
		if err := json.Unmarshal([]byte(cli("", append([]string{"--json", "presign", "--method", "POST"}, args...)...)), &form); err != nil {
			t.Fatal(err)
		}
	}
	post := func(content string) int {
		t.Helper()
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for name, value := range form.Fields {
			_ = w.WriteField(name, value)
		}
		f, _ := w.CreateFormFile("file", "own name.txt")
		_, _ = f.Write([]byte(content))
		_ = w.Close()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, form.URL, &body)
		req.Header.Set("Content-Type", w.FormDataContentType())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	sign("--max-size", "10", "s3://"+bucket+"/in/")
	if n := post("short"); n/100 != 2 || string(other.Get(bucket, "in/own name.txt")) != "short" {
		t.Errorf("status %d, keys %q", n, other.List(bucket, ""))
	}
	if n := post("longer than ten bytes"); n/100 != 4 {
		t.Errorf("a file that is too large: status %d", n)
	}
	form.Fields["key"] = "elsewhere.txt"
	if n := post("x"); n/100 != 4 || other.Exists(bucket, "elsewhere.txt") {
		t.Errorf("another key: status %d", n)
	}
	sign("--content-type", "text/csv", "s3://"+bucket+"/one.csv")
	if n := post("a,b"); n/100 != 2 || other.Head(bucket, "one.csv").ContentType != "text/csv" {
		t.Errorf("status %d, %+v", n, other.Head(bucket, "one.csv"))
	}
	form.Fields["Content-Type"] = "text/html"
	if n := post("<p>"); n/100 != 4 || string(other.Get(bucket, "one.csv")) != "a,b" {
		t.Errorf("another type: status %d", n)
	}
	if page := cli("", "presign", "--method", "POST", "s3://"+bucket+"/in/"); !strings.Contains(page, `name="key" value="in/${filename}"`) || !strings.Contains(page, `type="file"`) {
		t.Errorf("page %s", page)
	}
	features.Proved(t, "object.form", string(s.Name), s.Version)
}
