package info

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
)

// shown is what the tabs say of a bucket and of an object in it: each setting, document and fact with its reason, if it is not there.
func shown(b *bench, object Item) map[string]string {
	b.t.Helper()
	said := map[string]string{}
	for _, tab := range []Tab{General, Permissions, Metadata, Service} {
		b.bucketOn(tab)
		for _, s := range b.vm.Settings(tab) {
			v, open, reason := b.vm.SettingValue(s.ID)
			said["setting "+s.ID] = fmt.Sprint(v, " ", open, " ", reason)
		}
		for _, d := range b.vm.Docs(tab) {
			_, open, reason := b.vm.DocState(d.Feature)
			said["document "+d.Feature] = fmt.Sprint(open, " ", reason)
		}
	}
	for _, tab := range []Tab{General, Permissions, Metadata, Service, Versions} {
		b.vm.Choose(tab)
		b.show(object)
		b.calm()
		if tab == General {
			for _, s := range b.vm.GeneralFacts() {
				for _, f := range s.Facts {
					said["fact "+f.ID] = f.Reason
				}
			}
		}
		for name, state := range map[Tab]func() (bool, string){Permissions: b.vm.AccessState, Metadata: func() (bool, string) { return b.vm.MetaState(Tags) },
			Versions: func() (bool, string) { return true, b.vm.VersionState() }} {
			if tab == name {
				open, reason := state()
				said[fmt.Sprint("tab ", tab)] = fmt.Sprint(open, " ", reason)
			}
		}
	}
	return said
}

// One operation after the other is refused: the tabs name the permission where it is missing, and show all else as before.
func TestDenied_EachTabShowsTheRest(t *testing.T) {
	t.Parallel()
	as := func(op string) map[string]string {
		var rules []faultserver.Rule
		if op != "" {
			rules = []faultserver.Rule{{Op: op, Kind: faultserver.Status, Status: http.StatusForbidden, Code: "AccessDenied", Times: -1}}
		}
		b := newBench(t, rules...)
		return shown(b, b.put("a.txt", "x", storage.WriteOptions{Tags: map[string]string{"a": "b"}}))
	}
	was := as("")
	for _, op := range []string{"GetBucketVersioning", "GetBucketAccelerateConfiguration", "GetBucketRequestPayment", "GetPublicAccessBlock", "GetBucketOwnershipControls", "GetBucketPolicy",
		"GetBucketEncryption", "GetBucketCors", "GetBucketLifecycleConfiguration", "GetBucketWebsite", "GetBucketLogging", "GetBucketNotificationConfiguration", "GetBucketReplication",
		"GetObjectAcl", "GetObjectTagging", "ListObjectVersions"} {
		got := as(op)
		var differ, reasons []string
		for _, what := range slices.Sorted(maps.Keys(was)) {
			if got[what] == was[what] {
				continue
			}
			differ = append(differ, what)
			_, needs, _ := strings.Cut(got[what], "needs ")
			if reasons = append(reasons, needs); !strings.HasPrefix(needs, "s3:") || needs != reasons[0] {
				t.Errorf("%s is denied: %s says %q, before %q", op, what, got[what], was[what])
			}
		}
		if len(differ) == 0 || len(got) != len(was) {
			t.Errorf("%s is denied, and %q says so; %d entries of %d", op, differ, len(got), len(was))
		}
	}
}
