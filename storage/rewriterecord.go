package storage

import (
	"encoding/json"
	"fmt"
)

// rewriteRecord is a rewrite under way as it is written down.
type rewriteRecord struct {
	Top   string            `json:",omitempty"`
	Info  Info              // without its key
	Raw   map[string]string `json:",omitempty"`
	ACL   *ACL              `json:",omitempty"`
	Tags  map[string]string `json:",omitempty"`
	Read  bool              `json:",omitempty"` // the tags are read
	Lost  []string          `json:",omitempty"`
	Bytes [][2][]byte       `json:",omitempty"` // metadata as bytes: it need not be text
}

// frail tells whether an object has what a copy may lose on some server.
func (k *kept) frail() bool {
	return len(k.tags) > 0 || k.hasACL && !k.plainACL() || k.info.Lock != (Lock{})
}

// sending tells the caller what must not be lost, before the copy is sent.
func (st *Rewriting) sending(tell func([]byte) error) error {
	k := st.base
	if tell == nil || !k.frail() {
		return nil
	}
	r := rewriteRecord{Top: st.top, Info: k.info, Raw: k.info.raw, Tags: k.tags, Read: k.hasTags, Lost: k.lost}
	r.Info.Location.Key = ""
	if k.hasACL {
		r.ACL = &k.acl
	}
	for name, v := range k.info.Metadata {
		r.Bytes = append(r.Bytes, [2][]byte{[]byte(name), []byte(v)})
	}
	r.Info.Metadata = nil
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record a rewrite: %w", err)
	}
	return tell(b)
}

// ReadRewriting is a rewrite of the object at loc that was cut off, by what [RewriteOptions.Sending] was told of it. Nothing, or what
// cannot be read, is one that has not begun.
func ReadRewriting(b []byte, loc Location) *Rewriting {
	var r rewriteRecord
	if len(b) == 0 || json.Unmarshal(b, &r) != nil {
		return &Rewriting{}
	}
	k := &kept{complete: true, info: r.Info, tags: r.Tags, hasTags: r.Read, lost: r.Lost}
	k.info.Location.Bucket, k.info.Location.Key, k.info.raw = loc.Bucket, loc.Key, r.Raw
	for _, m := range r.Bytes {
		if k.info.Metadata == nil {
			k.info.Metadata = map[string]string{}
		}
		k.info.Metadata[string(m[0])] = string(m[1])
	}
	if r.ACL != nil {
		k.acl, k.hasACL = *r.ACL, true
	}
	return &Rewriting{base: k, sent: true, top: r.Top}
}
