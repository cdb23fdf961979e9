package servers

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Request is one line of a server's own access log.
type Request struct {
	Method string
	Target string // path and query as sent, still escaped
	Status int
}

// rgwLine is how the gateway's front end logs a request: …"PUT /b/k?partNumber=1&uploadId=x HTTP/1.1" 200 …
var rgwLine = regexp.MustCompile(`beast: .*?\] "([A-Z]+) (\S+) HTTP/[0-9.]+" ([0-9]{3}) `)

// versityLine names the operation, the key (which may hold anything), the target and the status.
var versityLine = regexp.MustCompile(` s3_([A-Za-z0-9]+) .*? (/\S*) ([0-9]{3}) \S+ [0-9]+ [0-9]+ `)

// Requests is what the server says it was asked so far, in order of completion. Versitygw and RGW only.
// A server that was killed may not have written its last lines.
func (s *Server) Requests() ([]Request, error) {
	if s.accessLog == "" {
		return nil, fmt.Errorf("requests of %s: it writes no access log", s.Name)
	}
	b, err := os.ReadFile(s.accessLog)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("requests of %s: %w", s.Name, err)
	}
	line, method := rgwLine, func(m string) string { return m }
	if s.Name == KindVersitygw {
		line, method = versityLine, methodOf
	}
	var list []Request
	for _, m := range line.FindAllStringSubmatch(string(b), -1) {
		status, _ := strconv.Atoi(m[3]) // three digits
		list = append(list, Request{Method: method(m[1]), Target: m[2], Status: status})
	}
	return list, nil
}

// methodOf is the HTTP method of an S3 operation.
func methodOf(operation string) string {
	switch {
	case strings.HasPrefix(operation, "Get"), strings.HasPrefix(operation, "List"):
		return "GET"
	case strings.HasPrefix(operation, "Head"):
		return "HEAD"
	case operation == "DeleteObjects", strings.HasSuffix(operation, "MultipartUpload") && operation != "AbortMultipartUpload":
		return "POST"
	case strings.HasPrefix(operation, "Delete"), operation == "AbortMultipartUpload":
		return "DELETE"
	}
	return "PUT"
}

// PartsStored is the number of each part of key that the server has accepted, in order and with repetitions:
// how a test counts at the server which parts were sent twice.
func (s *Server) PartsStored(bucket, key string) ([]int, error) {
	list, err := s.Requests()
	if err != nil {
		return nil, err
	}
	var parts []int
	for _, r := range list {
		u, err := url.ParseRequestURI(r.Target)
		if err != nil || r.Method != "PUT" || r.Status != 200 || u.Path != "/"+bucket+"/"+key {
			continue
		}
		if n, err := strconv.Atoi(u.Query().Get("partNumber")); err == nil {
			parts = append(parts, n)
		}
	}
	return parts, nil
}
