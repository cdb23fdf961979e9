package keychain

import (
	"os"
	"path/filepath"
	"testing"
)

func FuzzListAWSProfiles(f *testing.F) {
	f.Add([]byte("[default]\naws_access_key_id=a\naws_secret_access_key=b#c\n"), []byte("[profile x]\ns3 =\n  addressing_style = path\nservices=s\n[services s]\ns3=\n endpoint_url=u\n"))
	f.Add([]byte("[a.b]\nk=v\n[a]\nx=%(k)s\\\n"), []byte("k: v\n[profile]\n[profile  ]\n[]\n"))
	f.Add([]byte("\xef\xbb\xbf[x]\n\"k\"=\"\"\"v\n"), []byte("`k`=`v\n[DEFAULT]\na=b"))
	f.Fuzz(func(t *testing.T, creds, config []byte) {
		if len(creds)+len(config) > 64<<10 {
			return
		}
		dir := t.TempDir()
		files := AWSFiles{Config: filepath.Join(dir, "config"), Credentials: filepath.Join(dir, "credentials")}
		for path, data := range map[string][]byte{files.Config: config, files.Credentials: creds} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		list, err := ListAWSProfiles(files)
		if err != nil {
			return
		}
		for _, p := range list {
			if p.Name == "" || p.Kind == "" {
				t.Fatalf("%+v", p)
			}
			if _, err := ReadAWSConfig(files, p.Name); err != nil {
				t.Fatalf("%q is listed but not read: %v", p.Name, err)
			}
		}
	})
}
