package format

import (
	"hash"
	"slices"
	"strconv"
)

// Marshal returns the text of f without checking it. A writer should parse the result
// before keeping it, since Marshal writes even what [Parse] would reject.
func Marshal(f *File) []byte {
	n := 64
	for _, p := range f.Profiles {
		n += p.length()
	}
	b := appendIntro(make([]byte, 0, n), f.ID)
	for _, p := range f.Profiles {
		b = append(b, '\n')
		b = appendSection(b, p)
		b = Base64.AppendEncode(b, p.Signature[:])
		b = append(b, '\n')
	}
	for i := range f.Removed {
		b = append(b, '\n')
		b = appendRemoved(b, &f.Removed[i])
	}
	return b
}

// AppendSigned appends the bytes that a profile's seal signs: the intro line, the lines of
// the section, and "seal REVISION " with its trailing space.
func AppendSigned(b []byte, file ID, p *Profile) []byte {
	return appendSection(appendIntro(slices.Grow(b, 64+p.length()), file), p)
}

// AppendRead appends the same bytes as AppendSigned did when the section was parsed, whatever
// became of its fields. It is faster. A section that was not parsed has none.
func AppendRead(b []byte, file ID, p *Profile) []byte {
	if p.text == "" {
		return b
	}
	b = slices.Grow(b, len(intro)+Base64.EncodedLen(len(file))+1+len(p.text))
	return append(appendIntro(b, file), p.text...)
}

// FromFile reports whether a section was parsed, and not made anew.
func (p *Profile) FromFile() bool { return p.text != "" }

// HashRead writes the bytes of AppendRead to a hash, without a copy of all of them.
func HashRead(h hash.Hash, file ID, p *Profile) {
	chunk := make([]byte, 0, 4096)
	h.Write(appendIntro(chunk, file))
	for rest := p.text; rest != ""; {
		n := min(len(rest), cap(chunk))
		h.Write(append(chunk, rest[:n]...))
		rest = rest[n:]
	}
}

func appendIntro(b []byte, id ID) []byte {
	b = append(b, intro...)
	b = Base64.AppendEncode(b, id[:])
	return append(b, '\n')
}

// length returns about as many bytes as a section has, rather more than fewer.
func (p *Profile) length() int {
	n := 512 + 256*len(p.Vouched) + (MaxName+32)*len(p.Former) + len(p.unread)
	for i := range p.Recipients {
		r := &p.Recipients[i]
		n += 64 + len(r.Name) + len(r.String) + Base64.EncodedLen(len(r.Message)) + Base64.EncodedLen(len(r.Wrap))
	}
	for i := range p.Entries {
		n += 64 + len(p.Entries[i].Name) + len(p.Entries[i].Sealed)
	}
	return n
}

// appendSection appends p up to its signature.
func appendSection(b []byte, p *Profile) []byte {
	b = slices.Grow(b, p.length())
	b = append(b, "profile "...)
	b = append(b, p.Name...)
	b = appendB64(b, p.ID[:])
	b = appendB64(b, p.Check[:])
	b = appendB64(b, p.Key[:])
	if p.Hidden {
		b = append(b, " hidden"...)
	}
	b = append(b, '\n')
	b = AppendVouched(b, p.Vouched)
	for i := range p.Recipients {
		b = appendRecipient(b, &p.Recipients[i])
	}
	for _, f := range p.Former {
		b = append(b, "former "...)
		b = append(b, f.Name...)
		b = append(b, ' ')
		b = f.Time.UTC().AppendFormat(b, timeLayout)
		b = append(b, '\n')
	}
	b = append(b, p.unread...)
	for i := range p.Entries {
		b = appendEntry(b, &p.Entries[i])
	}
	b = append(b, "seal "...)
	b = strconv.AppendUint(b, p.Revision, 10)
	return append(b, ' ')
}

func appendRecipient(b []byte, r *Recipient) []byte {
	if r.Writer {
		b = append(b, "writer "...)
	} else {
		b = append(b, "reader "...)
	}
	b = append(b, r.Name...)
	b = append(b, ' ')
	b = append(b, r.String...)
	if r.Lock != "" {
		b = append(b, ' ')
		b = append(b, r.Lock...)
		b = appendB64(b, r.Message)
	}
	b = appendB64(b, r.Wrap)
	return append(b, '\n')
}

func appendEntry(b []byte, e *Entry) []byte {
	if e.IsComment() {
		b = append(b, "comment"...)
	} else {
		b = append(append(b, e.Record()...), ' ')
		b = append(b, e.Name...)
		b = append(b, ' ')
		b = e.Time.UTC().AppendFormat(b, timeLayout)
		if e.IsSource() {
			b = append(append(b, ' '), e.Kind...)
		}
		if !e.Expires.IsZero() {
			b = append(b, " expires="...)
			b = e.Expires.UTC().AppendFormat(b, dateLayout)
		}
		if e.File {
			b = append(b, " file"...)
		}
	}
	b = append(b, ' ')
	b = append(b, e.Sealed...)
	return append(b, '\n')
}

// AppendVouched appends vouched lines as written in a file, each with its LF. The signature
// of a removed profile covers them.
func AppendVouched(b []byte, vs []Vouched) []byte {
	for i := range vs {
		b = append(b, "vouched"...)
		b = appendB64(b, vs[i].Key[:])
		b = appendB64(b, vs[i].For[:])
		b = appendB64(b, vs[i].Signature[:])
		b = append(b, '\n')
	}
	return b
}

func appendRemoved(b []byte, r *Removed) []byte {
	b = append(b, "removed "...)
	b = append(b, r.Name...)
	b = appendB64(b, r.ID[:])
	b = appendB64(b, r.Key[:])
	b = appendB64(b, r.Signature[:])
	b = append(b, '\n')
	return AppendVouched(b, r.Vouched)
}

func appendB64(b, raw []byte) []byte {
	b = append(b, ' ')
	return Base64.AppendEncode(b, raw)
}
