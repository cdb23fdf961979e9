package keychain

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileINI has files of up to the allowed size that would cost a careless reader too much, and odd small ones.
func hostileINI() map[string]string {
	rep := func(s string) string { return strings.Repeat(s, maxINI/len(s)) }
	most := maxINI // lines
	many := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < maxINI-40 && i < most; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	most = maxINILines - 10
	atCap := map[string]string{"sections at the cap": many("[profile p%d]\n"), "keys at the cap": "[default]\n" + many("k%d=v\n"),
		"nested at the cap": "[default]\ns3 =\n" + many("  k%d = v\n")}
	most = maxINI
	c := map[string]string{
		"sections": many("[profile p%d]\n"), "keys": "[default]\n" + many("k%d=v\n"), "same section": rep("[default]\na=b\n"),
		"same key": "[default]\n" + rep("a=b\n"), "nested": "[default]\ns3 =\n" + many("  k%d = v\n"), "nested empty": "[default]\n" + rep("s3 =\n a = b\n"),
		"brackets": rep("["), "closes": rep("]\n"), "open section": "[" + rep("a"), "quotes": "[a]\nk=" + rep(`"`), "triple": "[a]\nk=\"\"\"" + rep("x\n"),
		"backtick": "[a]\nk=`" + rep("x\n"), "backslashes": "[a]\nk=a" + rep("\\\n"), "comments": rep("#\n"), "lines": rep("\n"), "carriage": rep("\r"),
		"nulls": rep("\x00"), "equals": "[a]\n" + rep("=\n"), "colons": "[a]\n" + rep(":\n"), "names": "[a]\nx=%(x)s\n" + rep("y=%(y)s"),
		"dots": "[profile " + strings.Repeat("a.", maxINI/4) + "]\nk=v", "utf-16": "\xff\xfe[\x00a\x00]\x00", "bom": "\xef\xbb\xbf[default]\na=b\n",
		"binary": "\x7fELF\x01\x02\x03", "xml": "<plist><dict/></plist>", "json": `{"a": "b"}`, "no section": "a=b\nc=d\n", "empty": "",
		"DEFAULT": "[DEFAULT]\naws_access_key_id=a\naws_secret_access_key=b\n", "blank name": "[]\na=b\n[ ]\na=b\n[profile ]\na=b\n",
		"loop": "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n", "include": "[a]\n%include /etc/passwd\n@/etc/passwd\n",
	}
	maps.Copy(c, atCap)
	return c
}

func TestHostileINI_CostsLittle(t *testing.T) {
	most, worst, slowest, slow := uint64(0), "", time.Duration(0), ""
	for name, text := range hostileINI() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		if f, err := loadINI([]byte(text)); err == nil {
			files := awsFiles{config: f, credentials: f}
			_ = files.list()
			_, _ = files.settings("default")
		}
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > most {
			most, worst = used, name
		}
		if took > slowest {
			slowest, slow = took, name
		}
	}
	const maxBytes = 256 << 20 // allocated in all, not at once
	if most > maxBytes {
		t.Errorf("%s: %d MiB allocated", worst, most>>20)
	}
	t.Logf("at most %d MiB allocated (%s), %v for one (%s)", most>>20, worst, slowest, slow)
}
