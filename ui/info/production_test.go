package info

import (
	"context"
	"testing"

	"fyne.io/fyne/v2/test"

	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// partOf is a control by its id.
func partOf[T any](t *testing.T, d *desk, id string) T {
	t.Helper()
	o, ok := d.reg.Object(id)
	if !ok {
		t.Fatalf("no %s", id)
	}
	return o.(T)
}

// Where the connection is marked as production, its name is typed before a setting or a header is changed, a version destroyed or
// made the current one.
func TestPane_ProductionAsksForTheName(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Light, 360)
	d.pane.o.Word = func() string { return "Shop" }
	ask := func(what string) *kit.Button {
		t.Helper()
		yes, field := partOf[*kit.Button](t, d, "dialog.ok"), partOf[*kit.Entry](t, d, "dialog.field")
		field.SetText("shop")
		if !yes.Disabled() {
			t.Errorf("%s without the name", what)
		}
		field.SetText("Shop")
		if yes.Disabled() {
			t.Errorf("%s cannot be done with the name", what)
		}
		return yes
	}
	b.bucketOn(Service)
	b.vm.Set("versioning", "Enabled")
	d.pane.Update()
	test.Tap(partOf[*kit.Button](t, d, "info.apply"))
	yes := ask("a setting")
	ended := false
	b.vm.Applied = func(Outcome, []storage.Location) { ended = true }
	test.Tap(yes)
	b.until("the outcome", func() bool { return ended })
	b.calm()
	if v, err := b.s.Versioning(context.Background(), theBucket); err != nil || v.Status != "Enabled" {
		t.Fatalf("versioning %+v, %v", v, err)
	}
	b.vm.Choose(Metadata)
	b.show(b.put("tagged", "content", storage.WriteOptions{}))
	b.calm()
	b.setHeader("Content-Type", "text/x-other")
	d.pane.Update()
	test.Tap(partOf[*kit.Button](t, d, "info.apply"))
	ask("a header")
	test.Tap(partOf[*kit.Button](t, d, "dialog.cancel"))
	b.vm.Revert()
	b.put("key", "one", storage.WriteOptions{})
	b.vm.Choose(Versions)
	b.show(b.put("key", "two", storage.WriteOptions{}))
	b.until("the versions", func() bool { return len(b.vm.Versions()) == 2 })
	d.pane.views[Versions].(*versionsView).list.Select(2)
	for _, id := range []string{"info.versions.delete", "info.versions.revert"} {
		test.Tap(partOf[*kit.Button](t, d, id))
		if yes := ask(id); id == "info.versions.revert" {
			test.Tap(yes)
		} else {
			test.Tap(partOf[*kit.Button](t, d, "dialog.cancel"))
		}
	}
	b.until("the version that is current again", func() bool { return len(b.vm.Versions()) == 3 })
}
