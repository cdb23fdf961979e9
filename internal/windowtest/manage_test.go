package windowtest_test

import (
	"fmt"
	"slices"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

// TestManage_OnRGW makes a bucket and a folder, renames, duplicates and deletes, all by keyboard; the independent client sees each.
func TestManage_OnRGW(t *testing.T) {
	rgw := servers.SharedRGW(t)
	aws := client.For(t, rgw)
	a := window.Open(t, window.Options{})
	connect(a, accountOf(t, rgw.Endpoint, rgw.AccessKey, rgw.SecretKey))
	tabTo(t, a, "outline")

	bucket := fmt.Sprintf("window-%08x", testkit.Rand(t).Uint32())
	a.Keys("ctrl+shift+n")
	a.Part("bucket.region")
	a.Type(bucket)
	a.Enabled("dialog.ok")
	a.Picture("new-bucket")
	a.Keys("Return")
	waitSelected(a, bucket)
	a.Keys("Return")
	a.WaitText("pathbar", bucket)
	aws.Put(bucket, "first.txt", []byte("one"))

	a.Keys("ctrl+shift+n")
	a.Part("dialog.field")
	a.Type("folder")
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Row("outline", "folder")
	if !aws.Exists(bucket, "folder/") {
		t.Error("aws does not see the folder")
	}
	features.Proved(t, "window.newfolder", string(rgw.Name), rgw.Version)

	a.Keys("ctrl+r")
	a.Row("outline", "first.txt")
	selectRow(a, "fir", "first.txt")
	a.Keys("F2", "ctrl+a")
	a.Type("second.txt")
	a.Keys("Return")
	a.Row("outline", "second.txt")
	a.Until("the new name alone", func() bool { return aws.Exists(bucket, "second.txt") && !aws.Exists(bucket, "first.txt") })
	selectRow(a, "sec", "second.txt")
	a.Keys("ctrl+d")
	a.Part("dialog.field")
	a.Keys("ctrl+a")
	a.Type("third.txt")
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Until("the copy", func() bool { return aws.Exists(bucket, "third.txt") && aws.Exists(bucket, "second.txt") })
	if b := string(aws.Get(bucket, "third.txt")); b != "one" {
		t.Errorf("the copy holds %q", b)
	}
	a.Row("outline", "third.txt")
	features.Proved(t, "window.rename", string(rgw.Name), rgw.Version)

	a.Keys("ctrl+a", "Delete")
	a.Part("dialog.ok")
	a.Picture("delete-all")
	tabTo(t, a, "dialog.ok")
	a.Keys("Return")
	a.WaitGone("sheet")
	a.Until("an empty bucket", func() bool { return len(aws.List(bucket, "")) == 0 })
	a.Until("no rows", func() bool { return len(a.Names("outline")) == 0 })
	a.Keys("ctrl+Up")
	a.Row("outline", bucket)
	a.Until(bucket+" selected", func() bool {
		return slices.ContainsFunc(a.Rows("outline"), func(r window.Row) bool { return r.Name == bucket && r.Selected })
	})
	a.Keys("Delete")
	a.Enabled("dialog.ok")
	tabTo(t, a, "dialog.ok")
	a.Keys("Return")
	a.WaitGone("sheet")
	a.Until("the end of the bucket", func() bool { _, err := aws.Try("head-bucket", map[string]any{"Bucket": bucket}); return err != nil })
	a.Until("the end of its row", func() bool { return !slices.Contains(a.Names("outline"), bucket) })
	features.Proved(t, "window.delete", string(rgw.Name), rgw.Version)
}
