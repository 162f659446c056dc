package main

import (
	"bytes"
	"errors"
	"html"
	"net/url"
)

var errNoForm = errors.New("a wrong answer: the page does not have the form")

// formOf is what a browser sends of the form with an id: its fields, and those elsewhere on the page that name it. It reads the shop's
// own pages, whose attributes stand in double quotes: a whole HTML parser would cost more than the shop needs to make the page.
func formOf(page []byte, id string) ([]byte, error) {
	start := bytes.Index(page, []byte(`<form id="`+id+`"`))
	if start < 0 {
		return nil, errNoForm
	}
	end := bytes.Index(page[start:], []byte("</form>"))
	if end < 0 {
		return nil, errNoForm
	}
	end += start
	var form []byte
	for at := 0; ; {
		from := bytes.IndexByte(page[at:], '<')
		if from < 0 {
			return form, nil
		}
		from += at
		to := bytes.IndexByte(page[from:], '>')
		if to < 0 {
			return form, nil
		}
		tag := page[from : from+to]
		at = from + to
		if !bytes.HasPrefix(tag, []byte("<input ")) {
			continue
		}
		field := attributes(tag[len("<input "):])
		owner, named := field["form"]
		if named && owner != id || !named && (from < start || from > end) {
			continue
		}
		form = appendField(form, field)
	}
}

// appendField appends an input that is sent: a radio or a tick only where it is chosen.
func appendField(form []byte, field map[string]string) []byte {
	name, kind := field["name"], field["type"]
	if _, checked := field["checked"]; name == "" || (kind == "radio" || kind == "checkbox") && !checked {
		return form
	}
	if len(form) > 0 {
		form = append(form, '&')
	}
	form = append(append(form, url.QueryEscape(name)...), '=')
	return append(form, url.QueryEscape(field["value"])...)
}

// attributes reads the attributes of a tag.
func attributes(tag []byte) map[string]string {
	all := map[string]string{}
	for tag = bytes.TrimLeft(tag, " \n\t/"); len(tag) > 0; tag = bytes.TrimLeft(tag, " \n\t/") {
		n := bytes.IndexAny(tag, " \n\t=/")
		if n < 0 {
			all[string(tag)] = ""
			break
		}
		name := string(tag[:n])
		tag = tag[n:]
		value, quoted := bytes.CutPrefix(tag, []byte(`="`))
		if !quoted {
			all[name] = ""
			if tag[0] == '=' { // no page of ours writes a value without quotes
				break
			}
			continue
		}
		text, rest, _ := bytes.Cut(value, []byte(`"`))
		all[name], tag = html.UnescapeString(string(text)), rest
	}
	return all
}
