package preferences

// The preferences. Names with a counterpart in Cyberduck are Cyberduck's; the table in the user guide is made from
// [All]. A default that differs from Cyberduck's says why.
var (
	// Connections.
	ConnectionTimeout = whole(Definition{Name: "connection.timeout.seconds", Default: "30", Min: 1, Max: 3600,
		Sentence: "Seconds without a byte after which a connection counts as lost."})
	ConnectionRetry = whole(Definition{Name: "connection.retry", Default: "5", Min: 1, Max: 100,
		Sentence: "How often a request outside transfers is tried before it has failed.",
		Why:      "Cyberduck tries once more; with growing random pauses five tries outlast a short outage."})
	WarnPlainHTTP = boolean(Definition{Name: "connection.unsecure.warning.http", Default: "true",
		Sentence: "Ask before credentials are used over plain HTTP."})
	KeychainFile = boolean(Definition{Name: "keychain.file", Default: "false",
		Sentence: "Keep secrets in a file encrypted with a passphrase where the computer has no keychain."})

	// S3.
	S3Location = text(Definition{Name: "s3.location", Default: "us-east-1",
		Sentence: "Region for new buckets and for signing where none is known."})
	S3PathStyle = boolean(Definition{Name: "s3.bucket.virtualhost.disable", Default: "false",
		Sentence: "Name the bucket in the path instead of the host name."})
	S3ListChunk = whole(Definition{Name: "s3.listing.chunksize", Default: "1000", Min: 1, Max: 1000,
		Sentence: "Entries asked for in one listing request."})
	S3URLExpire = whole(Definition{Name: "s3.url.expire.seconds", Default: "86400", Min: 1, Max: 604800,
		Sentence: "Seconds for which a pre-signed address is valid."})
	S3PartSize = whole(Definition{Name: "s3.upload.multipart.size", Kind: KindBytes, Default: "10485760", Min: 5 << 20, Max: 5 << 30,
		Sentence: "Bytes in one part of an upload; it grows where an object would need more than 10,000 parts."})
	S3MultipartThreshold = whole(Definition{Name: "s3.upload.multipart.threshold", Kind: KindBytes, Default: "104857600", Min: 5 << 20, Max: 5 << 30,
		Sentence: "Bytes from which an upload is sent in parts."})
	S3StorageClass = text(Definition{Name: "s3.storage.class", Default: "STANDARD",
		Sentence: "Storage class of new objects; STANDARD sends no header."})
	S3Encryption = choice(Definition{Name: "s3.encryption.algorithm", Default: "", Choices: []string{"", "AES256", "aws:kms"},
		Sentence: "Server-side encryption asked for new objects; empty leaves it to the bucket."})
	S3Metadata = text(Definition{Name: "s3.metadata.default", Default: "", pairs: true,
		Sentence: "Headers and metadata of new objects as NAME=VALUE with spaces between; names that are no standard header are metadata."})
	S3ACL = choice(Definition{Name: "s3.acl.default", Default: "none",
		Choices:  []string{"none", "private", "public-read", "public-read-write", "authenticated-read", "bucket-owner-read", "bucket-owner-full-control"},
		Sentence: "Canned access list sent with new objects; none sends no header.",
		Why:      "Cyberduck sends private; buckets made since April 2023 refuse any access list."})

	S3Buckets = buckets(Definition{Name: "s3.bucket.defaults", Default: "",
		Sentence: "Class and encryption of new objects in single buckets: HOST/BUCKET class=CLASS encryption=TYPE key=KEY, with commas between.",
		Why:      "Cyberduck keeps one property for each bucket's name, which then holds at every server."})
	S3Checksum = choice(Definition{Name: "s3.upload.checksum.algorithm", Default: "auto",
		Choices:  []string{"auto", "CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1", "MD5", "NONE"},
		Sentence: "Checksum that uploads are proved by; auto takes the best that the server keeps."})
	S3Accelerate = boolean(Definition{Name: "s3.accelerate.enable", Default: "true",
		Sentence: "Send and fetch objects by Amazon's transfer acceleration where the bucket has it."})

	S3RestoreDays = whole(Definition{Name: "s3.glacier.restore.expiration.days", Default: "2", Min: 1, Max: 36500,
		Sentence: "Days for which a restored copy of an archived object can be read."})
	S3RestoreTier = choice(Definition{Name: "s3.glacier.restore.tier", Default: "Standard", Choices: []string{"Standard", "Bulk", "Expedited"},
		Sentence: "How fast an archived object is restored; Bulk is slow and cheap."})

	// Transfers.
	ConnectionsLimit = whole(Definition{Name: "queue.connections.limit", Default: "0", Min: 0, Max: 256, zero: "automatic",
		Sentence: "Requests in flight for all transfers together."})
	UploadAction = choice(Definition{Name: "queue.upload.action", Default: "ask", Choices: existingActions(),
		Sentence: "What an upload does with an object that is there already."})
	DownloadAction = choice(Definition{Name: "queue.download.action", Default: "ask", Choices: existingActions(),
		Sentence: "What a download does with a file that is there already."})
	UploadBandwidth = whole(Definition{Name: "queue.upload.bandwidth.bytes", Kind: KindBytes, Default: "-1", Min: -1, Max: 1 << 40, zero: "",
		Sentence: "Bytes a second for all uploads together; -1 is no limit."})
	DownloadBandwidth = whole(Definition{Name: "queue.download.bandwidth.bytes", Kind: KindBytes, Default: "-1", Min: -1, Max: 1 << 40,
		Sentence: "Bytes a second for all downloads together; -1 is no limit."})
	DownloadFolder = text(Definition{Name: "queue.download.folder", Default: "",
		Sentence: "Folder for downloads; empty is the system's downloads folder.",
		Why:      "Cyberduck writes the word Downloads; an empty value follows the system's own setting."})
	UploadIgnore = list(Definition{Name: "queue.upload.ignore", Default: ".DS_Store,Thumbs.db,desktop.ini,*~",
		Sentence: "Names left out of uploads, as patterns with * and ?; empty leaves out nothing.",
		Why:      "Cyberduck leaves out .git, .svn and other folders too, so a copy of a source tree is silently incomplete."})
	DownloadVerify = boolean(Definition{Name: "queue.download.checksum.calculate", Default: "true",
		Sentence: "Compare a downloaded file with the object's checksum, not only with its size.",
		Why:      "Cyberduck compares sizes; the checksum costs no second reading here."})
	UploadTimestamp = boolean(Definition{Name: "queue.upload.timestamp.change", Default: "false",
		Sentence: "Store a file's modification time with the object."})
	DownloadTimestamp = boolean(Definition{Name: "queue.download.timestamp.change", Default: "true",
		Sentence: "Give a downloaded file the object's modification time."})

	// Browser.
	ShowHidden = boolean(Definition{Name: "browser.showHidden", Default: "false",
		Sentence: "Show hidden names, older versions and unfinished uploads; listings cost more requests."})
	ShowVersions = boolean(Definition{Name: "browser.showVersions", Default: "false",
		Sentence: "Show older versions and delete markers beside their objects; listings cost more requests."})
	HiddenRegex = pattern(Definition{Name: "browser.hidden.regex", Default: `\..*`,
		Sentence: "Names that count as hidden."})
	DecimalSizes = boolean(Definition{Name: "browser.filesize.decimal", Default: "false",
		Sentence: "Show sizes in powers of 1,000 instead of 1,024."})
	FoldersFirst = boolean(Definition{Name: "browser.sort.foldersfirst", Default: "true",
		Sentence: "List folders before files."})
	BucketColumns = list(Definition{Name: "browser.columns.buckets", Default: "name,size,modified,class,region",
		Sentence: "Columns of the bucket list in their order, each with a width after a colon when it was changed."})
	ObjectColumns = list(Definition{Name: "browser.columns.objects", Default: "name,size,modified,class,kind",
		Sentence: "Columns of a folder in their order, each with a width after a colon when it was changed."})
	SidebarWidth = whole(Definition{Name: "browser.sidebar.width", Default: "200", Min: 0, Max: 4000, zero: "hidden",
		Sentence: "Width of the sidebar in pixels."})
	S3CacheSeconds = whole(Definition{Name: "s3.cache.seconds", Default: "2052000", Min: 0, Max: 1 << 31,
		Sentence: "Seconds that the offered Cache-Control lets copies of an object be kept."})
	InspectorShown = boolean(Definition{Name: "browser.inspector", Default: "false",
		Sentence: "Show Info about what is selected beside the rows."})
	InspectorWidth = whole(Definition{Name: "browser.inspector.width", Default: "340", Min: 0, Max: 4000,
		Sentence: "Width of Info in pixels."})
	HistoryLimit = whole(Definition{Name: "history.limit", Default: "50", Min: 0, Max: 1000, zero: "none",
		Sentence: "Recently used connections that are kept."})

	ProfilesHidden = list(Definition{Name: "connection.profiles.hidden", Default: "",
		Sentence: "Connection profiles that the connection window does not offer, by vendor or file name."})

	// Look.
	Theme = choice(Definition{Name: "appearance.theme", Default: "system", Choices: []string{"system", "light", "dark"},
		Sentence: "Light, dark, or as the system says."})
	BrowserWindow = size(Definition{Name: "window.browser.size", Default: "1180x760",
		Sentence: "Size of the browser window at the next start."})
	TransfersWindow = size(Definition{Name: "window.transfers.size", Default: "760x480",
		Sentence: "Size of the transfers window at the next start."})
)

func existingActions() []string {
	return []string{"ask", "overwrite", "resume", "skip", "rename", "compare", "cancel"}
}

// All returns every preference in the order of the user guide.
func All() []Definition {
	defs := make([]Definition, 0, 48)
	for _, k := range table() {
		defs = append(defs, k.Def())
	}
	return defs
}

func table() []interface{ Def() Definition } {
	return []interface{ Def() Definition }{
		ConnectionTimeout, ConnectionRetry, WarnPlainHTTP, KeychainFile,
		S3Location, S3PathStyle, S3ListChunk, S3URLExpire, S3RestoreDays, S3RestoreTier, S3PartSize, S3MultipartThreshold,
		S3StorageClass, S3Encryption, S3Metadata, S3ACL, S3CacheSeconds, S3Buckets, S3Checksum, S3Accelerate,
		ConnectionsLimit, UploadAction, DownloadAction, UploadBandwidth, DownloadBandwidth, DownloadFolder,
		UploadIgnore, DownloadVerify, UploadTimestamp, DownloadTimestamp,
		ShowHidden, ShowVersions, HiddenRegex, DecimalSizes, FoldersFirst, BucketColumns, ObjectColumns,
		SidebarWidth, InspectorShown, InspectorWidth, HistoryLimit, ProfilesHidden,
		Theme, BrowserWindow, TransfersWindow,
	}
}
