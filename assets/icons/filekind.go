package icons

import "strings"

// ForFile is the name of the picture for a file called name: by its ending, for any case of letters.
func ForFile(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot > 12 {
		return "kind-file"
	}
	switch strings.ToLower(name[dot+1:]) {
	case "png", "jpg", "jpeg", "jpe", "gif", "webp", "svg", "bmp", "tif", "tiff", "heic", "heif", "avif", "ico",
		"psd", "raw", "cr2", "nef", "dng":
		return "kind-image"
	case "mp4", "m4v", "mov", "mkv", "avi", "webm", "mpg", "mpeg", "wmv", "flv", "m3u8":
		return "kind-video"
	case "mp3", "wav", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "mid", "wma":
		return "kind-audio"
	case "zip", "gz", "tgz", "tar", "xz", "txz", "zst", "bz2", "tbz", "7z", "rar", "lz", "lz4", "br", "jar", "war",
		"iso", "dmg", "deb", "rpm", "apk", "cab":
		return "kind-archive"
	case "txt", "md", "markdown", "rst", "log", "rtf", "doc", "docx", "odt", "tex", "epub", "srt", "vtt":
		return "kind-text"
	case "go", "c", "h", "cc", "cpp", "hpp", "rs", "py", "rb", "js", "jsx", "ts", "tsx", "mjs", "java", "kt",
		"swift", "cs", "php", "pl", "sh", "bash", "zsh", "ps1", "lua", "r", "html", "htm", "xhtml", "css", "scss",
		"less", "json", "yaml", "yml", "toml", "xml", "ini", "cfg", "conf", "sql", "proto", "tf", "hcl", "lock",
		"gradle", "plist", "duck", "ipynb":
		return "kind-code"
	case "pdf", "ps", "eps":
		return "kind-pdf"
	case "csv", "tsv", "xls", "xlsx", "ods", "numbers":
		return "kind-table"
	case "parquet", "orc", "avro", "arrow", "feather", "db", "sqlite", "sqlite3", "mdb", "dump", "npy", "npz", "h5",
		"hdf5", "pkl", "bin", "dat", "pb", "onnx", "safetensors":
		return "kind-data"
	case "exe", "msi", "app", "dll", "so", "dylib", "com", "bat", "cmd", "wasm":
		return "kind-app"
	}
	return "kind-file"
}
