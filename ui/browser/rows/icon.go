package rows

import "pintail/assets/icons"

// iconOf is the name of the picture of a row.
func iconOf(k Kind, name []byte) string {
	switch k {
	case Bucket:
		return "kind-bucket"
	case Folder:
		return "kind-folder"
	case Version:
		return "kind-version"
	case Marker:
		return "kind-marker"
	case Upload:
		return "kind-upload"
	}
	return icons.ForFile(string(name))
}

// Icon is the name of the picture of a row with that kind and raw name.
func Icon(k Kind, name string) string { return iconOf(k, []byte(name)) }

// KindText says in words what such a row is.
func KindText(k Kind, name string) string { return kindText(k, []byte(name)) }
