#!/usr/bin/python3
"""A window that prints what is done to it: clicks, keys and dropped files. For the harness's own test."""
import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def say(*words):
    print(*words, flush=True)


window = Gtk.Window(title="target")
window.set_default_size(400, 300)
box = Gtk.EventBox()
window.add(box)
box.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
box.drag_dest_add_uri_targets()
box.connect("button-press-event", lambda _w, e: say("click", e.button, int(e.x), int(e.y), e.type.value_nick))
window.connect("key-press-event", lambda _w, e: say("key", Gdk.keyval_name(e.keyval)))
box.connect("drag-data-received", lambda _w, _c, x, y, d, _i, _t: say("drop", x, y, *d.get_uris()))
window.connect("map-event", lambda *_: say("ready"))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
