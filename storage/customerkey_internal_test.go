package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadCustomerKey(t *testing.T) {
	raw := strings.Repeat("k", 32)
	var text string
	for name, c := range map[string]struct {
		content string
		ok      bool
	}{
		"raw":    {raw, true},
		"base64": {"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\n", true},
		"hex":    {strings.Repeat("6b", 32) + "\n", true},
		"empty":  {"", false},
		"short":  {"kkkk", false},
		"long":   {strings.Repeat("k", 300), false},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := ReadCustomerKey(path)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.ok {
			continue
		}
		if text == "" {
			text = k.text
		}
		if k.text != text {
			t.Errorf("%s is another key", name)
		}
		if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.Contains(s, k.text) || strings.Contains(s, raw) {
			t.Errorf("the key shows: %s", s)
		}
	}
}
