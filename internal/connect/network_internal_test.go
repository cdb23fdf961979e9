package connect

import (
	"net/http"
	"testing"
)

func TestProxy_NeverForLoopbackAndMetadata(t *testing.T) {
	env := map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": "internal.example"}
	choose := proxy(func(name string) string { return env[name] }, "more.example")
	for url, proxied := range map[string]bool{
		"https://s3.amazonaws.com/": true, "http://s3.example.com/": true, "http://127.0.0.1:9000/": false, "http://localhost:9000/": false,
		"http://169.254.169.254/latest": false, "http://169.254.170.2/v2": false, "http://[fd00:ec2::254]/": false, "https://s3.internal.example/": false, "https://s3.more.example/": false,
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

// TestOwnProxy_RulesOfTheList: those of NO_PROXY, and this computer only where the list names it.
func TestOwnProxy_RulesOfTheList(t *testing.T) {
	for _, c := range []struct {
		list, url string
		proxied   bool
	}{
		{"", "http://localhost:9000/", true}, {"", "https://s3.example.com/", true}, {"", "http://169.254.169.254/latest", false},
		{"example.com", "https://example.com/", false}, {"example.com", "https://b.s3.example.com/", false}, {"example.com", "https://notexample.com/", true},
		{".example.com", "https://example.com/", true}, {".example.com", "https://s3.example.com/", false}, {"*.example.com", "https://s3.example.com/", false},
		{" a.test , example.com:9000", "https://s3.example.com/", true}, {" a.test , example.com:9000", "https://s3.example.com:9000/", false},
		{"10.0.0.0/8,192.0.2.7", "http://10.1.2.3:9000/", false}, {"10.0.0.0/8,192.0.2.7", "http://192.0.2.7/", false}, {"10.0.0.0/8", "http://192.0.2.8/", true},
		{"2001:db8::/32", "http://[2001:db8::1]:9000/", false}, {"b\u00fccher.example", "https://xn--bcher-kva.example/", false}, {"*", "https://s3.example.com/", false},
		{"example.com", "http://localhost:9000/", true}, {"localhost", "http://localhost:9000/", false}, {"localhost", "http://127.0.0.1/", true},
		{"LOCALHOST:9000", "http://localhost:9000/", false}, {"localhost:80", "http://localhost/", false}, {"localhost:80", "http://localhost:81/", true},
		{"127.0.0.0/8", "http://127.0.0.1/", false}, {"[::1]:9000", "http://[::1]:9000/", false}, {"::1", "http://[::1]:9000/", false}, {"*", "http://localhost/", false},
	} {
		req, err := http.NewRequest(http.MethodGet, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ownProxy("socks5://proxy.example:1080", c.list)(req)
		if err != nil || (got != nil) != c.proxied || got != nil && got.String() != "socks5://proxy.example:1080" {
			t.Errorf("%q, %s: %v, %v", c.list, c.url, got, err)
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
