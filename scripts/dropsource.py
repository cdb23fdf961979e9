#!/usr/bin/python3
"""A window of another program from which files can be dragged: dropsource.py PATH...

Prints one line for each event: "ready", "begin", "sent", "end ACTION" (ACTION is "copy" when the target took the files).
"""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def say(text):
    print(text, flush=True)


def send(_widget, _context, data, _info, _time):
    data.set_uris([pathlib.Path(p).absolute().as_uri() for p in sys.argv[1:]])
    say("sent")


def end(_widget, context):
    names = {Gdk.DragAction.COPY: "copy", Gdk.DragAction.MOVE: "move"}
    say("end " + names.get(context.get_selected_action(), "none"))


window = Gtk.Window(title="pintail-drop-source")
window.set_default_size(160, 60)
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="drag me"))
window.add(handle)
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-begin", lambda *_: say("begin"))
handle.connect("drag-data-get", send)
handle.connect("drag-end", end)
window.connect("map-event", lambda *_: say("ready"))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
