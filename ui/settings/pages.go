package settings

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/kit"
)

// makePages is the table of what stands where.
func (w *Window) makePages() []page {
	w.buckets, w.all = newBucketPage(w), newAllPage(w)
	return []page{
		w.general(), w.transfers(), w.s3(),
		{id: "buckets", title: text.T("settings.buckets"), body: w.buckets.body},
		w.connections(),
		{id: "advanced", title: text.T("settings.advanced"), body: w.all.body},
	}
}

func (w *Window) general() page {
	s := &sheet{w: w}
	s.group("")
	s.choice(preferences.Theme.Name(), text.T("settings.theme"), "", []option{
		{"system", text.T("settings.theme_system")}, {"light", text.T("settings.theme_light")}, {"dark", text.T("settings.theme_dark")}})
	s.check(preferences.DecimalSizes, text.T("settings.decimal"), text.T("settings.decimal_hint"))
	s.check(preferences.FoldersFirst, text.T("settings.folders_first"), "")
	s.check(preferences.ShowHidden, text.T("settings.hidden"), text.T("settings.hidden_hint"))
	s.check(preferences.ShowVersions, text.T("settings.versions"), text.T("settings.versions_hint"))
	s.entry(preferences.HiddenRegex.Name(), text.T("settings.hidden_pattern"), text.T("settings.hidden_pattern_hint"), plain())
	w.folder(s)
	s.entry(preferences.HistoryLimit.Name(), text.T("settings.history"), text.T("settings.history_hint"), number())
	return s.page("general", text.T("settings.general"))
}

// folder adds the folder of downloads with a button that asks for it.
func (w *Window) folder(s *sheet) {
	name := preferences.DownloadFolder.Name()
	c := plain()
	c.hint = text.T("settings.folder_system")
	var f *field
	choose := kit.NewButton(text.T("settings.choose"), kit.Plain, func() {
		w.s.ChooseFolder(w.value(name), func(path string) {
			if f.put(name, path) {
				f.load()
			}
		})
	})
	w.s.Register("settings.folder.choose", choose)
	c.beside = container.New(layout.NewCustomPaddedLayout(0, 0, 8, 0), choose)
	f = s.entry(name, text.T("settings.folder"), "", c)
}

// existing are the actions on what is there already.
func existing() []option {
	return []option{{"ask", text.T("settings.ask")}, {"overwrite", text.T("settings.overwrite")}, {"resume", text.T("settings.resume")},
		{"skip", text.T("settings.skip")}, {"rename", text.T("settings.rename")}, {"compare", text.T("settings.compare")}, {"cancel", text.T("settings.cancel")}}
}

func (w *Window) transfers() page {
	s := &sheet{w: w}
	s.group(text.T("settings.existing"))
	s.choice(preferences.UploadAction.Name(), text.T("settings.uploads"), "", existing())
	s.choice(preferences.DownloadAction.Name(), text.T("settings.downloads"), "", existing())
	s.group(text.T("settings.limits"))
	s.number(preferences.ConnectionsLimit.Def(), text.T("settings.connections"), text.T("settings.connections_hint"))
	s.number(preferences.UploadBandwidth.Def(), text.T("settings.upload_rate"), "")
	s.number(preferences.DownloadBandwidth.Def(), text.T("settings.download_rate"), text.T("settings.rate_hint"))
	s.group(text.T("settings.uploads"))
	s.number(preferences.S3MultipartThreshold.Def(), text.T("settings.threshold"), text.T("settings.threshold_hint"))
	s.number(preferences.S3PartSize.Def(), text.T("settings.part"), text.T("settings.part_hint"))
	sums := []option{{"auto", text.T("settings.checksum_auto")}}
	for _, c := range preferences.S3Checksum.Def().Choices[1:] {
		title := c
		if c == string(storage.ChecksumNone) {
			title = text.T("settings.checksum_none")
		}
		sums = append(sums, option{c, title})
	}
	s.choice(preferences.S3Checksum.Name(), text.T("settings.checksum"), text.T("settings.checksum_hint"), sums)
	s.check(preferences.UploadTimestamp, text.T("settings.upload_time"), "")
	s.entry(preferences.UploadIgnore.Name(), text.T("settings.ignore"), text.T("settings.ignore_hint"), plain())
	s.check(preferences.S3Accelerate, text.T("settings.accelerate"), text.T("settings.accelerate_hint"))
	s.group(text.T("settings.downloads"))
	s.check(preferences.DownloadVerify, text.T("settings.verify"), text.T("settings.verify_hint"))
	s.check(preferences.DownloadTimestamp, text.T("settings.download_time"), "")
	return s.page("transfers", text.T("settings.transfers"))
}

// number adds a field for a number as its definition says.
func (s *sheet) number(d preferences.Definition, label, hint string) {
	s.entry(d.Name, label, hint, codecOf(d))
}

// classes are the storage classes that Amazon S3 has.
func classes() []string {
	return []string{"STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "REDUCED_REDUNDANCY", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}
}

func titled(values []string) []option {
	out := make([]option, len(values))
	for i, v := range values {
		out[i] = option{v, v}
	}
	return out
}

func (w *Window) s3() page {
	s := &sheet{w: w}
	s.group("")
	var regions []option
	for _, code := range profiles.AmazonRegions() {
		regions = append(regions, option{code, profiles.AmazonRegionName(code) + " — " + code})
	}
	s.choice(preferences.S3Location.Name(), text.T("settings.region"), text.T("settings.region_hint"), regions)
	s.group(text.T("settings.new_objects"))
	s.choice(preferences.S3StorageClass.Name(), text.T("settings.class"), "", titled(classes()))
	var enc []option
	for _, k := range preferences.S3Encryption.Def().Choices {
		enc = append(enc, option{k, explain.Encryption(k, text.T("settings.encryption_bucket"))})
	}
	s.choice(preferences.S3Encryption.Name(), text.T("settings.encryption"), "", enc)
	acl := titled(preferences.S3ACL.Def().Choices)
	acl[0].title = text.T("settings.acl_none")
	s.choice(preferences.S3ACL.Name(), text.T("settings.acl"), text.T("settings.acl_hint"), acl)
	cache := s.entry(preferences.S3Metadata.Name(), text.T("settings.cache"), "", cacheHeader())
	w.s.Register("settings.cache", cache.entry)
	s.entry(preferences.S3Metadata.Name(), text.T("settings.metadata"), text.T("settings.metadata_hint"), otherMetadata())
	s.number(preferences.S3CacheSeconds.Def(), text.T("settings.cache_offer"), text.T("settings.cache_offer_hint"))
	s.group(text.T("settings.restores"))
	s.number(preferences.S3RestoreDays.Def(), text.T("settings.restore_days"), "")
	s.choice(preferences.S3RestoreTier.Name(), text.T("settings.restore_tier"), text.T("settings.restore_hint"), titled(preferences.S3RestoreTier.Def().Choices))
	s.group(text.T("settings.links"))
	s.number(preferences.S3URLExpire.Def(), text.T("settings.link_span"), text.T("settings.link_hint"))
	return s.page("s3", text.T("settings.s3"))
}

// passphrase adds the button that changes the passphrase of the encrypted file.
func (w *Window) passphrase(s *sheet) {
	b := kit.NewButton(text.T("secrets.change"), kit.Plain, func() {
		w.s.ChangePassphrase(w.Win, func(err error) {
			switch {
			case err == nil:
				w.secrets.SetHint(text.T("secrets.changed"))
			case errors.Is(err, keychain.ErrFileLocked), errors.Is(err, context.Canceled): // the person gave none
				w.secrets.SetHint("")
			default:
				e := explain.Error(err)
				w.secrets.SetError(e.Sentence + " " + e.Advice)
			}
			w.fitted()
		})
	})
	w.s.Register("settings.passphrase", b)
	w.secrets = s.form.Add("", container.NewHBox(b))
}

func (w *Window) connections() page {
	s := &sheet{w: w}
	s.group(text.T("settings.next_connection"))
	s.check(preferences.S3PathStyle, text.T("settings.path_style"), text.T("settings.path_style_hint"))
	s.number(preferences.S3ListChunk.Def(), text.T("settings.list_chunk"), "")
	s.number(preferences.ConnectionTimeout.Def(), text.T("settings.timeout"), text.T("settings.timeout_hint"))
	s.check(preferences.WarnPlainHTTP, text.T("settings.warn_http"), text.T("settings.warn_http_hint"))
	s.group(text.T("settings.secrets"))
	s.check(preferences.KeychainFile, text.T("settings.keychain_file"), text.T("settings.keychain_file_hint"))
	w.passphrase(s)
	s.group(text.T("settings.failures"))
	s.number(preferences.ConnectionRetry.Def(), text.T("settings.retry"), text.T("settings.retry_hint"))
	return s.page("connection", text.T("settings.connection"))
}
