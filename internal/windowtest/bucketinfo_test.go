package windowtest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// A bucket's rules and its policy by keyboard: a template, a fault with its place, a policy that locks out asks for the name. The
// independent client sees what was set.
func TestInfo_EditsTheDocumentsOfABucket(t *testing.T) {
	server := filepath.Join(t.TempDir(), "demo.json")
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=dark"}, Args: []string{"--demo-info", server}})
	tabTo(t, a, "welcome.demo")
	a.Keys("Return")
	aws := demoClient(t, server)
	const bucket = "studio-media"
	a.Row("outline", bucket)
	selectRow(a, "studio", bucket)
	a.Keys("ctrl+i")
	a.PressRow("info.tabs", "S3", 1, 1)
	a.WaitText("info.doc.lifecycle", "none")
	a.Press("info.edit.lifecycle")
	a.Enabled("info.lifecycle.add")
	tabTo(t, a, "info.lifecycle.add")
	a.Keys("Return")
	tabTo(t, a, "info.rule.prefix") // it has the keyboard by itself
	a.Type("logs/")
	tabTo(t, a, "info.rule.expire")
	a.Type("30")
	a.WaitText("info.rule.expire", "30")
	a.Picture("info-lifecycle")
	a.Keys("Escape")
	a.WaitText("info.lifecycle.words.0", "logs/")
	a.Press("info.apply")
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Until("the rule", func() bool {
		out, err := aws.Try("get-bucket-lifecycle-configuration", map[string]any{"Bucket": bucket})
		return err == nil && strings.Contains(string(out), `"Days": 30`)
	})

	a.PressRow("info.tabs", "Permissions", 1, 1)
	a.WaitText("info.doc.policy", "none")
	a.WaitText("info.effective", "Download: nobody from outside")
	a.Press("info.edit.policy")
	a.Part("info.doc.permissions.text")
	a.Type(`{ "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::` + bucket)
	a.WaitText("info.doc.permissions.fault", "line 1, column ")
	a.Type(`" } }`)
	a.Enabled("info.apply")
	a.Press("info.apply")
	a.Part("dialog.field")
	a.Picture("info-lockout")
	a.Type(bucket)
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Until("the policy", func() bool {
		out, err := aws.Try("get-bucket-policy", map[string]any{"Bucket": bucket})
		return err == nil && strings.Contains(string(out), "Deny")
	})
	features.Proved(t, "window.bucketsettings", features.Embedded, "")
	features.Proved(t, "window.lifecycle", features.Embedded, "")
}
