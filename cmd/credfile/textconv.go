package main

import (
	"bufio"
	"fmt"
	"io"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// isTextconv reports whether git asks for the text of a version, which must not fail because
// of the user's settings.
func isTextconv(args []string) bool {
	return len(args) > 1 && args[0] == "git" && args[1] == "textconv"
}

// printText prints the file at a path, whatever it is.
func printText(a *app, path string) {
	w := bufio.NewWriter(a.stdout)
	defer w.Flush()
	t := &textWriter{w: w}
	text, err := atomicfile.ReadText(path, format.MaxFile)
	if err != nil {
		t.line("this version can't be read: %s", explain(err).text)
		return
	}
	ours, marked := gitrepo.ReadConflict("", text, format.MaxFile, nil)
	if !marked {
		t.version(path, text)
		return
	}
	t.line("unresolved merge conflict")
	t.line("one side:")
	t.version(path, string(ours.Ours))
	t.line("the other side:")
	t.version(path, string(ours.Theirs))
}

// textWriter writes lines in which nothing is left that a terminal would act on.
type textWriter struct{ w io.Writer }

func (t *textWriter) line(format string, args ...any) {
	fmt.Fprintln(t.w, term.Escape(fmt.Sprintf(format, args...)))
}

// version writes a version of the file, or a line that says why it is none.
func (t *textWriter) version(path, text string) {
	err := notCredfile(path, text)
	var f *vaultfile.File
	if err == nil {
		f, err = vaultfile.Parse([]byte(text))
	}
	if err != nil {
		t.line("this version can't be used: %s", about("it", explain(err).text))
		return
	}
	id := f.ID()
	t.line("file %s", format.Base64.EncodeToString(id[:]))
	for _, s := range f.UnverifiedSections() {
		t.section(f, s)
	}
	for _, r := range f.Removed() {
		t.line("removed profile %s, key %s", r.Name, keyFingerprint(r.Key))
	}
}

func (t *textWriter) section(f *vaultfile.File, s *format.Profile) {
	t.line("profile %s", s.Name)
	if _, err := f.Profile(s.Name); err != nil {
		t.line("  does not verify: %s", damageText(err))
	}
	id := format.Base64.EncodeToString(s.ID[:])
	t.line("  id %s, key %s", id, keyFingerprint(s.Key))
	for i := range s.Recipients {
		r := &s.Recipients[i]
		lock := ""
		if r.Lock != "" {
			lock = " " + digestOf(string(r.Message))
		}
		t.line("  %s %s, %s, %s%s", jsondoc.Role(r), r.Name, jsondoc.Kind(r), vaultfile.Fingerprint(r.String), lock)
	}
	for _, x := range s.Former {
		t.line("  %s lost access %s", x.Name, format.FormatDate(x.Time))
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		until := ""
		if !e.Expires.IsZero() {
			until = ", expires " + format.FormatDate(e.Expires)
		}
		if e.IsSource() {
			until += ", source: " + e.Kind
		}
		if e.File {
			until += ", as a file"
		}
		if e.IsComment() {
			t.line("  comment %s", digestOf(string(e.Sealed)))
		} else {
			t.line("  %s, changed %s%s, %s", e.Name, format.FormatDate(e.Time), until, digestOf(string(e.Sealed)))
		}
	}
	t.line("  revision %d", s.Revision)
}

// digestOf shows whether something encrypted is the same in two versions.
func digestOf(sealed string) string { return "#" + vaultfile.Fingerprint(sealed)[:8] }
