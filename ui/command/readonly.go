package command

// changing are the commands that change something at the server. A read-only connection has none of them.
var changing = map[ID]bool{
	NewFolder: true, Rename: true, Duplicate: true, UploadFiles: true, Delete: true, Cut: true, Paste: true, Synchronize: true,
	Restore: true, ChangeClass: true, Encrypt: true, ObjectLock: true, MakePublic: true, MakePrivate: true,
	Revert: true, Undelete: true, AbortUpload: true, AdoptUpload: true, CompleteUpload: true, RestorePoint: true,
}

// destroying are the commands that change or take away what is there. Of a connection marked as production each asks for the connection's
// name first; those that only add do not.
var destroying = map[ID]bool{
	Rename: true, Delete: true, Paste: true, Synchronize: true, ChangeClass: true, Encrypt: true, ObjectLock: true, MakePublic: true, MakePrivate: true,
	Revert: true, AbortUpload: true, RestorePoint: true,
}

// Destroys tells whether a command changes or takes away what is there, so that a connection marked as production asks for its name first: Paste of
// what was cut, Synchronize of a plan that deletes.
func Destroys(id ID) bool { return destroying[id] }

// hold makes the commands that change something do nothing in a read-only connection.
func hold(t []Command) []Command {
	for i := range t {
		if !changing[t[i].ID] {
			continue
		}
		when := t[i].When
		t[i].When = func(s State) bool { return !s.ReadOnly && (when == nil || when(s)) }
	}
	return t
}
