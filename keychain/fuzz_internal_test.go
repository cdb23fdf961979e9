package keychain

import "testing"

func FuzzAWSFiles(f *testing.F) {
	f.Add([]byte("[default]\naws_access_key_id=a\naws_secret_access_key=b#c\n"), []byte("[profile x]\ns3 =\n  addressing_style = path\nservices=s\n[services s]\ns3=\n endpoint_url=u\n"))
	f.Add([]byte("[a.b]\nk=v\n[a]\nx=%(k)s\\\n"), []byte("k: v\n[profile]\n[profile  ]\n[]\n"))
	f.Add([]byte("\xef\xbb\xbf[x]\n\"k\"=\"\"\"v\n"), []byte("`k`=`v\n[DEFAULT]\na=b"))
	f.Fuzz(func(t *testing.T, creds, config []byte) {
		a, err1 := loadINI(config)
		b, err2 := loadINI(creds)
		if err1 != nil || err2 != nil {
			return
		}
		files := awsFiles{AWSFiles{Config: "config", Credentials: "credentials"}, a, b}
		for _, p := range files.list() {
			if p.Name == "" || p.Kind == "" {
				t.Fatalf("%+v", p)
			}
			if _, err := files.settings(p.Name); err != nil {
				t.Fatalf("%q is listed but not read: %v", p.Name, err)
			}
		}
	})
}
