package windowtest_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// A bucket gets a distribution that reads it with an origin access control, by keyboard; the independent client reads which. What the
// bucket's policy must hold is shown then.
func TestDistribution_ReadsAPrivateBucket(t *testing.T) {
	server := filepath.Join(t.TempDir(), "demo.json")
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=light"}, Args: []string{"--demo-info", server}})
	tabTo(t, a, "welcome.demo")
	a.Keys("Return")
	const bucket = "studio-media"
	a.Row("outline", bucket)
	aws := demoClient(t, server)
	selectRow(a, "studio", bucket)
	a.Keys("ctrl+i")
	a.PressRow("info.tabs", "CDN", 1, 1)
	a.Enabled("info.distribution.add")
	tabTo(t, a, "info.distribution.add")
	a.Keys("Return")
	tabTo(t, a, "info.distribution.private")
	a.Keys("space")
	a.Until("the box ticked", func() bool { return a.Part("info.distribution.private").Selected })
	a.Picture("distribution-new")
	tabTo(t, a, "info.apply")
	a.Keys("Return")
	a.Enabled("dialog.ok")
	a.Picture("distribution-look")
	a.Keys("Return")
	a.WaitText("info.distribution", "For the policy: {")
	a.Picture("distribution")
	_, id, _ := strings.Cut(a.Part("info.distribution").Text, "ID: ")
	id, _, _ = strings.Cut(id, "\n")
	var one struct {
		Distribution struct {
			ARN                string
			DistributionConfig struct {
				Origins struct {
					Items []struct {
						DomainName            string
						OriginAccessControlID string
					}
				}
			}
		}
	}
	if err := json.Unmarshal(aws.Service("cloudfront", "get-distribution", "--id", id), &one); err != nil {
		t.Fatal(err)
	}
	origins := one.Distribution.DistributionConfig.Origins.Items
	if len(origins) != 1 || origins[0].OriginAccessControlID == "" || !strings.HasPrefix(origins[0].DomainName, bucket+".s3.") {
		t.Errorf("aws reads the origins %+v", origins)
	}
	for _, want := range []string{"Origin access: " + origins[0].OriginAccessControlID, `"AWS:SourceArn":"` + one.Distribution.ARN + `"`, "arn:aws:s3:::" + bucket + "/*"} {
		a.WaitText("info.distribution", want)
	}
	features.Proved(t, "window.distribution", features.Embedded, "")
}
