package windowtest_test

import (
	"fmt"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/window"
)

// The class of a folder is changed by menu: the row says what it changes, it is stopped in the middle and resumed, and the report and
// the row of each object say what was refused. The independent client reads the classes.
func TestFolderJob_StoppedResumedAndReported(t *testing.T) {
	const slow, refused = "job/object-07.bin", "job/object-03.bin"
	f := faultserver.New(faultserver.Rule{Op: "CopyObject", Key: slow, Kind: faultserver.Stall, Times: 1},
		faultserver.Rule{Op: "CopyObject", Key: refused, Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	server, err := demo.Start(t.Context(), demo.Options{Middleware: f.Middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Release(); _ = server.Close() })
	aws := client.New(t, client.Account{Endpoint: server.URL(), Region: server.Region(), AccessKey: server.AccessKey(), SecretKey: server.SecretKey()})
	bucket := aws.NewBucket()
	for i := range 12 {
		aws.Put(bucket, fmt.Sprintf("job/object-%02d.bin", i), []byte("content"))
	}
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=light"}})
	connect(a, accountOf(t, server.URL(), server.AccessKey(), server.SecretKey()))
	openFolder(a, bucket)
	clickRow(a, "job")
	a.Keys("F10")
	a.Row("menu", "Storage and access")
	a.Move(a.PointOfRow("menu", "Storage and access"))
	a.PressRow("menu", "Change class…", 1, 1)
	a.WaitGone("menu")
	pick(a, "class.class", "STANDARD_IA")
	a.WaitText("dialog.text", "Rewrites 12 objects")
	a.Press("dialog.ok")
	a.Keys("ctrl+t")
	rowWith(a, "transfers.list", "class STANDARD_IA · in s3://"+bucket+"/job/", "10 of 12 files, 1 failed")
	a.Keys("Home")
	a.Press("transfers.stop")
	rowWith(a, "transfers.list", "Stopped at 10 of 12 files")
	a.Picture("stopped")
	a.Press("transfers.resume")
	rowWith(a, "transfers.list", "class STANDARD_IA", "Failed: 1 of 12 files", refused)
	a.WaitText("sheet", refused)
	a.Picture("report")
	a.Keys("Right")
	rowWith(a, "transfers.list", refused, "Failed · Access denied")
	a.Picture("opened")
	for i := range 12 {
		key := fmt.Sprintf("job/object-%02d.bin", i)
		got, err := aws.Try("head-object", map[string]any{"Bucket": bucket, "Key": key})
		if err != nil || strings.Contains(string(got), "STANDARD_IA") == (key == refused) {
			t.Errorf("%s: %s, %v", key, got, err)
		}
	}
}
