package connect

import (
	"net/http"
	"testing"
)

func TestProxy_NeverForLoopbackAndMetadata(t *testing.T) {
	env := map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": "internal.example"}
	choose := proxy(func(name string) string { return env[name] })
	for url, proxied := range map[string]bool{
		"https://s3.amazonaws.com/": true, "http://s3.example.com/": true, "http://127.0.0.1:9000/": false, "http://localhost:9000/": false,
		"http://169.254.169.254/latest": false, "http://169.254.170.2/v2": false, "http://[fd00:ec2::254]/": false, "https://s3.internal.example/": false,
	} {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := choose(req)
		if err != nil || (got != nil) != proxied {
			t.Errorf("%s: %v, %v", url, got, err)
		}
	}
}

func TestIsAmazon_OnlyItsOwnDomains(t *testing.T) {
	for host, want := range map[string]bool{
		"s3.amazonaws.com": true, "s3.cn-north-1.amazonaws.com.cn": true, "S3.AMAZONAWS.COM.": true, "amazonaws.com.evil.example": false,
		"notamazonaws.com": false, "s3.eu-isoe-west-1.cloud.adc-e.uk": false, "": false,
	} {
		if isAmazon(host) != want {
			t.Errorf("%q", host)
		}
	}
}
