package dirwatch

import "testing"

func TestWanted_PassesOverOtherFiles(t *testing.T) {
	t.Parallel()
	w := &Watcher{cfg: Config{Ext: ".duck"}}
	for name, want := range map[string]bool{"a.duck": true, "a.txt": false, ".a.duck": false, ".pintail-tmp-1.duck": false, "a.duck.lock": false} {
		if w.wanted(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
