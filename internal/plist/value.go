// Package plist reads and writes XML property lists: connection profiles and bookmarks.
// It must never expand entities, read binary or OpenStep lists, or use memory that the caps do not bound.
// Start reading at [Parse]; a [Dict] keeps order and unknown keys so that a file can be written back.
package plist

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind tells what a [Value] holds.
type Kind uint8

// The kinds of a property list.
const (
	String Kind = iota
	Integer
	Real
	Bool
	Date
	Data
	Array
	Dictionary
)

var kindNames = [...]string{"string", "integer", "real", "bool", "date", "data", "array", "dict"}

// String is the XML name of the kind (bool for true and false).
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Value is one node. Text holds the text of strings, numbers, dates and (as base64) data as it was written;
// Bool, List and Dict are set for their kinds only. Line is where the node began, 0 when made by a program.
type Value struct {
	Kind Kind
	Text string
	Bool bool
	List []Value
	Dict *Dict
	Line int
}

// NewString makes a string node.
func NewString(s string) Value { return Value{Kind: String, Text: s} }

// NewBool makes a true or false node.
func NewBool(b bool) Value { return Value{Kind: Bool, Bool: b} }

// NewInt makes an integer node.
func NewInt(n int64) Value { return Value{Kind: Integer, Text: strconv.FormatInt(n, 10)} }

// NewDate makes a date node in UTC.
func NewDate(t time.Time) Value {
	return Value{Kind: Date, Text: t.UTC().Format("2006-01-02T15:04:05Z")}
}

// NewStrings makes an array of strings.
func NewStrings(list []string) Value {
	v := Value{Kind: Array}
	for _, s := range list {
		v.List = append(v.List, NewString(s))
	}
	return v
}

// NewDict makes a dict node.
func NewDict(d *Dict) Value { return Value{Kind: Dictionary, Dict: d} }

// Bytes decodes a data node (or a string node with base64 in it, as Cyberduck's profiles have their icons).
// Blanks inside are allowed.
func (v Value) Bytes() ([]byte, error) {
	if v.Kind != Data && v.Kind != String {
		return nil, fmt.Errorf("line %d: %s is not data", v.Line, v.Kind)
	}
	clean := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, v.Text)
	b, err := base64.StdEncoding.DecodeString(clean)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", v.Line, err)
	}
	return b, nil
}

// Dict is an ordered dictionary. The zero value is empty and ready. It is not safe for concurrent writes.
type Dict struct {
	keys   []string
	values map[string]Value
}

// Len is the number of keys; a nil Dict has none.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.keys)
}

// Keys returns the keys in their order.
func (d *Dict) Keys() []string {
	if d == nil {
		return nil
	}
	return slices.Clone(d.keys)
}

// Get returns the value of key and whether it is there.
func (d *Dict) Get(key string) (Value, bool) {
	if d == nil {
		return Value{}, false
	}
	v, ok := d.values[key]
	return v, ok
}

// Set puts v under key: in place when the key is there, else at the end.
func (d *Dict) Set(key string, v Value) {
	if d.values == nil {
		d.values = map[string]Value{}
	}
	if _, ok := d.values[key]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[key] = v
}

// Delete takes key away; it does nothing when the key is not there.
func (d *Dict) Delete(key string) {
	if _, ok := d.Get(key); !ok {
		return
	}
	delete(d.values, key)
	d.keys = slices.DeleteFunc(d.keys, func(k string) bool { return k == key })
}

// Clone returns a deep copy; the copy of a nil Dict is an empty one.
func (d *Dict) Clone() *Dict {
	c := &Dict{}
	if d == nil {
		return c
	}
	for _, k := range d.keys {
		c.Set(k, d.values[k].clone())
	}
	return c
}

func (v Value) clone() Value {
	if v.Dict != nil {
		v.Dict = v.Dict.Clone()
	}
	if v.List != nil {
		list := make([]Value, len(v.List))
		for i, e := range v.List {
			list[i] = e.clone()
		}
		v.List = list
	}
	return v
}

// GetString returns the text of a string, integer, real or date under key, and whether there was one.
func (d *Dict) GetString(key string) (string, bool) {
	v, ok := d.Get(key)
	if !ok || v.Kind > Date || v.Kind == Bool {
		return "", false
	}
	return v.Text, true
}

// GetDict returns the dict under key, nil when there is none.
func (d *Dict) GetDict(key string) *Dict {
	v, _ := d.Get(key)
	return v.Dict
}

// GetStrings returns the strings of the array under key; other elements are left out.
func (d *Dict) GetStrings(key string) []string {
	v, _ := d.Get(key)
	var out []string
	for _, e := range v.List {
		if e.Kind == String {
			out = append(out, e.Text)
		}
	}
	return out
}
