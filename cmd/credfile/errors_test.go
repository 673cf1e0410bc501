package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/helper"
	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/rekey"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/openpgp"
	"github.com/credfile/credfile/vaultfile/trust"
)

const (
	errorsFile = "testdata/errors.txt"
	sampleFile = ".credentials.age"
)

// TestErrors writes every error of the program, and every sentence in its sources, to a
// file for people to read. CREDFILE_UPDATE=1 updates it.
func TestErrors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Errors of the program, each with sample values, its hint and its exit code.\n")
	for _, c := range sampleErrors(t) {
		fmt.Fprintf(&b, "\n%s\n", c.name)
		var out bytes.Buffer
		a := newApp(world{stderr: &out, getenv: func(string) string { return "" }})
		code := a.report(c.err)
		for line := range strings.Lines(out.String()) {
			b.WriteString("  " + line)
		}
		fmt.Fprintf(&b, "  (exit code %d)\n", code)
	}
	b.WriteString("\n\nSentences in the sources. What is in ⟨⟩ is filled in.\n")
	for _, dir := range sourceDirs(t) {
		sentences(t, &b, dir)
	}
	if os.Getenv("CREDFILE_UPDATE") != "" {
		if err := os.WriteFile(errorsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(errorsFile)
	if err != nil {
		t.Fatal(err)
	}
	is, want := strings.Split(b.String(), "\n"), strings.Split(string(golden), "\n")
	for i := range min(len(is), len(want)) {
		if is[i] != want[i] {
			t.Fatalf("%s, line %d:\n%s\nis now\n%s\nRead it aloud, then run CREDFILE_UPDATE=1 go test ./cmd/credfile -run TestErrors", errorsFile, i+1, want[i], is[i])
		}
	}
	if len(is) != len(want) {
		t.Fatalf("%s has %d lines, and should have %d: CREDFILE_UPDATE=1 go test ./cmd/credfile -run TestErrors", errorsFile, len(want), len(is))
	}
}

// The messages avoid these words. docs/style.md has what to write instead.
func TestStyle(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile(errorsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"first sight", "taken as it is", "something missing", "something too much", "can't be meant",
		"for a person to say", "its name was another", "who had the old key", "is none", "taken away", "takes over", "take over", "somebody",
		"nobody", " no more\n", "strconv", "wanted", "in vain", "at hand", "for good", "stands", " lies ", "is there already",
		"give a file", " can't be taken", "that it is", "unasked", "is to be", "mend ", "besides", "knows of ", " he ", " his "} {
		if i := strings.Index(string(golden), words); i >= 0 {
			begin := strings.LastIndexByte(string(golden[:i]), '\n') + 1
			line, _, _ := strings.Cut(string(golden[begin:]), "\n")
			t.Errorf("%q: %s", words, line)
		}
	}
	style, err := os.ReadFile(repoPath("docs/style.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(style), "| instead of |")
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && !strings.Contains(line, "---") {
			if avoid := strings.TrimSpace(cells[1]); avoid != "" && strings.Contains(string(golden), avoid) {
				t.Errorf("docs/style.md advises against %q", avoid)
			}
		}
	}
}

func unfit(why resolve.Reason) error {
	v := resolve.Variable{Credential: "TLS_KEY"}
	v.Name = "APP_TLS_KEY"
	return &resolve.UnfitError{Variable: v, Why: why}
}

// sampleAttempts returns one attempt of each form.
func sampleAttempts() []unlock.Attempt {
	return []unlock.Attempt{
		{Source: "~/.ssh/id_ed25519", Err: unlock.ErrNoRecipient},
		{Lock: "bob", Kept: true, Err: &unlock.NotRecipientError{}},
		{Lock: "bob", Key: "0123456789ABCDEF", Err: openpgp.ErrNoKey},
		{Lock: "bob", With: "CREDFILE_PASSPHRASE", Err: vaultfile.ErrPassphrase},
		{With: "CREDFILE_PASSPHRASE", Err: errors.New("CREDFILE_PASSPHRASE: a passphrase is one line, and this has several")},
		{Lock: "bob", Err: unlock.ErrNoPassphrase},
		{Err: &unlock.ChoiceError{Locks: []string{"bob", "carol"}}},
		{Err: &unlock.ChoiceError{Locks: []string{"bob", "carol"}, Asked: true}},
	}
}

type sampleError struct {
	name string
	err  error
}

// sampleErrors returns every type of error that users see, in each of its forms.
func sampleErrors(t *testing.T) []sampleError {
	now := time.Date(2027, 5, 1, 8, 0, 0, 0, time.UTC)
	in := func(err error) error { return at(sampleFile, err) }
	missing := &vaultfile.NotFoundError{Profile: "prod", Recipient: "bob", Known: []string{"alice", "carol"}}
	section := &format.Profile{Name: "prod", Recipients: []format.Recipient{
		{Name: "alice", Writer: true, String: "age1alice"}, {Name: "bob", String: "age1bob", Lock: "argon2id"}}}
	opens := func(change func(*machine.NoAccessError)) error {
		e := &machine.NoAccessError{Failure: &unlock.Failure{Section: section}, DefaultFile: "/home/bob/.config/credfile/identities.txt"}
		change(e)
		return in(e)
	}
	list := []sampleError{
		{"format.SyntaxError", in(&format.SyntaxError{Line: 12, Reason: "fields must be separated by exactly one space"})},
		{"format.SyntaxError, another version", in(parseError("credfile/2 AAAA\n"))},
		{"format.SyntaxError, a limit", in(parseError(strings.Repeat("x", format.MaxFile+1)))},
		{"vaultfile.NotFoundError, a profile", in(&vaultfile.NotFoundError{Profile: "prd", Known: []string{"default", "prod"}})},
		{"vaultfile.NotFoundError, no profile like it", in(&vaultfile.NotFoundError{Profile: "vault", Known: []string{"default", "prod"}})},
		{"vaultfile.NotFoundError, a credential", in(&vaultfile.NotFoundError{Profile: "prod", Credential: "STRIPE_KEY"})},
		{"vaultfile.NotFoundError, a recipient", in(missing)},
		{"notInError", in(notIn([]string{"default", "prod"}, missing))},
		{"vaultfile.ExistsError, a profile", in(&vaultfile.ExistsError{Profile: "prod"})},
		{"vaultfile.ExistsError, a credential", in(&vaultfile.ExistsError{Profile: "prod", Credential: "STRIPE_KEY"})},
		{"vaultfile.NoMatchError", in(&vaultfile.NoMatchError{Profile: "prod", Recipients: []string{"alice", "bob"}, Tried: 2})},
		{"vaultfile.RoleError", in(&vaultfile.RoleError{Profile: "prod", Reader: "bob", Writers: []string{"alice", "carol"}})},
		{"vaultfile.LastWriterError", in(&vaultfile.LastWriterError{Profile: "prod"})},
		{"vaultfile.LastProfileError", in(&vaultfile.LastProfileError{Profile: "prod"})},
		{"vaultfile.ProofError", in(&vaultfile.ProofError{Recipient: "bob", Err: vaultfile.ErrLock})},
		{"vaultfile.NameError", &vaultfile.NameError{Kind: "credential", Name: "STRIPE KEY"}},
		{"vaultfile.RecipientError", &vaultfile.RecipientError{Name: "bob", Reason: `profile "prod" already has this key, under the name "carol"`}},
		{"vaultfile.SizeError", in(&vaultfile.SizeError{Credential: "TLS_KEY"})},
		{"vaultfile.ErrComment", in(vaultfile.ErrComment)},
		{"vaultfile.ClockError", in(&vaultfile.ClockError{Profile: "prod", Now: now, Need: now.AddDate(0, 0, 2)})},
		{"vaultfile.PluginError, not allowed", in(&vaultfile.PluginError{Name: "yubikey", Recipient: "bob", Err: vaultfile.ErrPlugin})},
		{"vaultfile.PluginError, not installed", in(&vaultfile.PluginError{Name: "yubikey", Recipient: "bob", Err: vaultfile.ErrNoPlugin})},
		{"vaultfile.PluginError, it failed", in(&vaultfile.PluginError{Name: "yubikey", Recipient: "bob", Err: errors.New("no YubiKey detected")})},
		{"vaultfile.ErrPassphrase", in(vaultfile.ErrPassphrase)},
		{"openpgp.KeyError", &openpgp.KeyError{Key: "bob@example.org", Reason: "gpg has no such key"}},
		{"openpgp.ErrNoProgram", openpgp.ErrNoProgram},
		{"openpgp.ErrNoKey", in(openpgp.ErrNoKey)},
		{"openpgp.ErrPassphrase", in(openpgp.ErrPassphrase)},
		{"openpgp.ErrNoPinentry", in(openpgp.ErrNoPinentry)},
		{"openpgp.ErrFailed", in(openpgp.ErrFailed)},
		{"openpgp.ErrAgent", in(openpgp.ErrAgent)},
		{"unlock.BadLockError", in(&unlock.BadLockError{Recipient: "bob", Err: openpgp.ErrRefused})},
		{"unlock.NoLockError", in(&unlock.NoLockError{Profile: "prod", Name: "dave"})},
		{"unlock.MemoryError", in(&unlock.MemoryError{Need: 256, May: 128})},
		{"machine.ErrNoPlace", machine.ErrNoPlace},
		{"machine.BlindError", in(&machine.BlindError{Dir: "/home/bob/.local/state/credfile/trust"})},
		{"rekey.BlockedError, all profiles", in(&rekey.BlockedError{Blocked: []*format.Profile{section}})},
		{"rekey.BlockedError, some profiles", in(&rekey.BlockedError{Blocked: []*format.Profile{section}, Ours: []string{"default", "staging"}})},
		{"rekey.CopyError, no key", in(&rekey.CopyError{Name: "carol"})},
		{"rekey.CopyError, several keys", in(&rekey.CopyError{Name: "carol", Several: true})},
		{"rekey.CopyError, a profile of others", in(&rekey.CopyError{Name: "carol", NotOurs: []string{"prod"}})},
		{"rekey.SamePassphraseError", in(&rekey.SamePassphraseError{Name: "bob"})},
		{"rekey.NoPassphraseError", in(&rekey.NoPassphraseError{Profile: "prod", Name: "bob"})},
		{"rekey.NotStrongerError", in(&rekey.NotStrongerError{Name: "bob", New: kdf.DefaultScrypt, Old: kdf.DefaultArgon2id})},
		{"resolve.NotFoundError", in(&resolve.NotFoundError{Option: resolve.Files, Name: "TLS_KEY"})},
		{"resolve.UnfitError, a name", in(unfit(resolve.BadName))},
		{"resolve.UnfitError, a NUL byte", in(unfit(resolve.HasNUL))},
		{"resolve.UnfitError, too large", in(unfit(resolve.TooLarge))},
		{"resolve.UnfitError, a function", in(unfit(resolve.Function))},
		{"dialog.UnansweredError", &dialog.UnansweredError{Question: "Passphrase of bob, to open profile prod of .credentials.age"}},
		{"dialog.UnconfirmedError", &dialog.UnconfirmedError{Question: "Trust this from now on?"}},
		{"dialog.ErrDeclined", dialog.ErrDeclined},
		{"dialog.ErrLines", dialog.ErrLines},
		{"atomicfile.HeldError", in(&atomicfile.HeldError{PID: 4711, Program: "credfile"})},
		{"atomicfile.ErrHeld", in(atomicfile.ErrHeld)},
		{"atomicfile.ErrChanged", in(atomicfile.ErrChanged)},
		{"atomicfile.RefusedError", &atomicfile.RefusedError{Path: sampleFile, Reason: "is read-only"}},
		{"helper.AmbiguousError", &helper.AmbiguousError{Names: []string{"alice@example.org", "bob@example.org"}}},
		{"helper.MissingError", &helper.MissingError{Names: []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}}},
		{"helper.ValueError", &helper.ValueError{Name: "alice@example.org", Reason: "is too long for git's protocol"}},
		{"helper.RequestError", &helper.RequestError{Reason: "the request is too long"}},
		{"helper.ErrDeclined", helper.ErrDeclined},
		{"front.OutputError", &front.OutputError{Err: fs.ErrClosed}},
		{"front.MissingError", &front.MissingError{Command: "terraform"}},
		{"front.StartError", &front.StartError{Command: "./deploy", Err: fs.ErrPermission}},
		{"edit.EditorError", &edit.EditorError{Err: errors.New("exit status 1")}},
		{"edit.TextError", &edit.TextError{Err: errors.New("it is no longer a regular file")}},
		{"keycache.ErrUnavailable", keycache.ErrUnavailable},
		{"term.Interrupted", &term.Interrupted{Signal: os.Interrupt}},
		{"term.ErrNoTerminal", term.ErrNoTerminal},
		{"trust.NoFileError, here", &trust.NoFileError{Name: defaultFile, Dir: "/srv/app", Last: "/srv/app"}},
		{"trust.NoFileError, above", &trust.NoFileError{Name: defaultFile, Dir: "/srv/app/web", Last: "/srv"}},
		{"mergeError", in(sampleMerge())}, {"mergeError, not a writer", in(sampleNotWriter("bob"))}, {"mergeError, no writer of both", in(sampleNotWriter())},
		{"errNoVersions", in(errNoVersions)},
		{"conflictError, of unknown sides", in(&conflictError{})},
		{"conflictError", in(sampleConflict(t))},
		{"fs.ErrNotExist", in(&fs.PathError{Op: "open", Path: sampleFile, Err: fs.ErrNotExist})},
		{"fs.ErrPermission", in(&fs.PathError{Op: "open", Path: sampleFile, Err: fs.ErrPermission})},
		{"envError", inEnv(in(missing))},
		{"manyErrors", in(many(&vaultfile.LastProfileError{Profile: "prod"}, &vaultfile.LastWriterError{Profile: "default"}))},
		{"machine.NoAccessError, none of the keys", opens(func(*machine.NoAccessError) {})},
		{"machine.NoAccessError, no identity", opens(func(e *machine.NoAccessError) { e.NoIdentity = true })},
		{"machine.NoAccessError, with what was tried", opens(func(e *machine.NoAccessError) { e.Attempts = sampleAttempts() })},
		{"machine.NoAccessError, no terminal", opens(func(e *machine.NoAccessError) { e.NoTerminal = true })},
		{"machine.NoAccessError, a wrong passphrase", opens(func(e *machine.NoAccessError) { e.WrongPassphrase = true })},
		{"machine.NoAccessError, access was removed", opens(func(e *machine.NoAccessError) { e.Had = true })},
		{"machine.NoAccessError, other profiles", opens(func(e *machine.NoAccessError) { e.Others, e.Name = []string{"default", "staging"}, "bob" })},
		{"trust.MemoryError, damaged", in(&trust.MemoryError{Path: "/home/bob/.local/state/credfile/trust/AAAA", Err: errors.New("is damaged")})},
		{"trust.MemoryError, a repository's", in(&trust.MemoryError{Path: "/home/bob/.local/state/credfile/trust/repository-00", Err: errors.New("is damaged")})},
		{"trust.MemoryError, newer", in(&trust.MemoryError{Path: "/home/bob/.local/state/credfile/trust/AAAA", Err: trust.ErrNewer})},
		{"trust.PinError, empty", &trust.PinError{}},
		{"trust.PinError, an entry", &trust.PinError{Entry: 2}},
	}
	for _, class := range []error{vaultfile.ErrKey, vaultfile.ErrSignature, vaultfile.ErrWrap, vaultfile.ErrCheck, vaultfile.ErrValue, vaultfile.ErrDeep, vaultfile.ErrLock} {
		list = append(list, sampleError{"vaultfile.DamageError", in(&vaultfile.DamageError{Class: class, Profile: "prod", Line: 8, Subject: `credential "STRIPE_KEY"`})})
	}
	return slices.Concat(list, refusalSamples(t), inputSamples(), sourceSamples(), historySamples(), againstSamples(t))
}

func parseError(text string) error {
	_, err := format.Parse([]byte(text))
	return err
}

// refusalSamples returns every reason of a trust.Refusal, by memory and by CREDFILE_TRUST.
func refusalSamples(t *testing.T) (list []sampleError) {
	f, err := vaultfile.Parse(sampleText(t))
	if err != nil {
		t.Fatal(err)
	}
	name := f.Names()[0]
	section, err := f.Profile(name)
	if err != nil {
		t.Fatal(err)
	}
	profiles := []*trust.Profile{{ID: section.ID, Present: []format.Key{{1}}, Names: []string{name}}}
	refuse := func(kind string, known *trust.Known, why error, stops bool) {
		v := trust.Judge(known, f).Of(name)
		list = append(list, sampleError{kind, at(sampleFile, &trust.Refusal{Verdict: v, Why: why, Stops: stops})})
	}
	reasons := []error{trust.ErrUnvouched, trust.ErrForeign, trust.ErrSuperseded, trust.ErrRemoved, trust.ErrGone, trust.ErrName, trust.ErrBehind}
	for _, why := range reasons {
		refuse("trust.Refusal", &trust.Known{Profiles: profiles}, why, false)
	}
	refuse("trust.Refusal, it can be read", &trust.Known{}, trust.ErrSuperseded, true)
	for _, why := range reasons[:len(reasons)-1] { // it knows no revisions
		refuse("trust.Refusal, by CREDFILE_TRUST", &trust.Known{Profiles: profiles, Pinned: true}, why, false)
	}
	for _, m := range []*trust.Misfit{
		{Why: trust.ErrNewFile, Known: []string{"api/.credentials.age", "web/.credentials.age"}},
		{Why: trust.ErrOtherFile, Path: sampleFile},
		{Why: trust.ErrSwapped, Path: "api/.credentials.age", Was: "web/.credentials.age"},
		{Why: trust.ErrShadow, Here: "api/src/.credentials.age", Path: "api/.credentials.age"},
		{Why: trust.ErrPassed, Path: "api/src/.credentials.age"},
		{Why: trust.ErrOwner, Path: sampleFile, UID: 0},
	} {
		refuse("trust.Refusal, its place", &trust.Known{Misfit: m}, m.Why, false)
	}
	return list
}

func sampleText(t *testing.T) []byte {
	vector, err := os.ReadFile(repoPath("spec", "vectors", "ok_reader"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := bytes.Cut(vector, []byte("\n\n"))
	return text
}

// sampleConflict is between new values on both sides, and a new recipient on one.
func sampleConflict(t *testing.T) error {
	var sides [3][]byte
	for i := range sides {
		f, err := format.Parse(sampleText(t))
		if err != nil {
			t.Fatal(err)
		}
		s := f.Profiles[0]
		switch i {
		case 1:
			s.Entries[0].Time = s.Entries[0].Time.Add(time.Hour)
		case 2:
			s.Entries[1].Time = s.Entries[1].Time.Add(time.Hour)
			s.Recipients = append(s.Recipients, format.Recipient{Name: "zoe", String: s.Recipients[0].String + "q", Wrap: s.Recipients[0].Wrap})
		}
		sides[i] = format.Marshal(f)
	}
	return newConflict(gitrepo.Operation{Ours: "main", Theirs: "1234567 (new staging token)"}, &gitrepo.Conflict{Base: sides[0], Ours: sides[1], Theirs: sides[2],
		Objects: gitrepo.Stages{Ours: strings.Repeat("1", 40), Theirs: strings.Repeat("2", 40)}})
}

// sampleMerge has one conflict of each kind that the user can decide, and a refused side.
func sampleMerge() error {
	op := gitrepo.Operation{Ours: "main", Theirs: "1234567 (new staging token)"}
	e := &mergeError{op: op, dropped: []string{"default: + mallory"}}
	day := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	ours, theirs := &merge.Entry{Name: "API_KEY", Time: day}, &merge.Entry{Name: "API_KEY", Time: day.AddDate(0, 0, 3)}
	for kind := merge.TwoValues; kind <= merge.ExposedValue; kind++ {
		c := merge.Conflict{Kind: kind, Profile: "default", Names: [2]string{"alice", "alicia"}, Side: merge.Theirs}
		switch kind {
		case merge.NotWriter:
			continue
		case merge.RefusedSide:
			c.Err = trust.ErrForeign
		case merge.TwoValues, merge.ChangedAndUnset, merge.TwoAdditions, merge.RenamedAndChanged, merge.ConfirmValue, merge.ExposedValue:
			c.Credential, c.Renamed, c.Base, c.Ours, c.Theirs = "API_KEY", "NEW_KEY", ours, ours, theirs
		}
		e.conflicts = append(e.conflicts, c)
	}
	return e
}

func sampleNotWriter(both ...string) error {
	id := format.ID{1}
	return &mergeError{op: gitrepo.Operation{Ours: "main", Theirs: "0123456789ab (topic)"}, conflicts: []merge.Conflict{{Kind: merge.NotWriter, ID: id, Profile: "default"}},
		closed: map[format.ID]closedProfile{id: {writers: [2][]string{{"alice", "bob"}, {"bob", "carol"}}, both: both}}}
}

// sourceDirs returns the packages that contain messages for users.
func sourceDirs(t *testing.T) (dirs []string) {
	for _, top := range []string{"cmd/credfile", "format", "internal", "kdf", "vaultfile"} {
		err := filepath.WalkDir(repoPath(top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if slices.Contains([]string{"testdata", "vectorgen", "arch", "racetest", "bench", "mutate", "tally", "torture", "jwttest", "ssotest"}, d.Name()) {
				return filepath.SkipDir // no part of the program
			}
			dirs = append(dirs, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dirs
}

func sentences(t *testing.T, b *strings.Builder, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		var lines []string
		ast.Inspect(tree, func(n ast.Node) bool {
			text, ok := sentence(fset, n)
			if ok && !found[text] {
				found[text] = true
				lines = append(lines, text)
			}
			return !ok
		})
		if len(lines) > 0 {
			rel, _ := filepath.Rel(repoPath("."), file)
			fmt.Fprintf(b, "\n%s\n  %s\n", filepath.ToSlash(rel), strings.Join(lines, "\n  "))
		}
	}
}

// sentence returns the message in an expression: a string of at least two words.
func sentence(fset *token.FileSet, n ast.Node) (string, bool) {
	e, ok := n.(ast.Expr)
	if _, isImport := n.(*ast.ImportSpec); isImport || !ok {
		return "", false
	}
	text, literal := words(fset, e)
	if !literal || !strings.Contains(strings.Trim(text, " \n"), " ") || strings.Contains(text, `json:"`) {
		return "", false
	}
	letters := strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' })
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", `\n`), letters >= 0
}

// words joins the literals of an expression. What is not a literal is in ⟨⟩.
func words(fset *token.FileSet, e ast.Expr) (text string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, _ = strconv.Unquote(e.Value)
		return text, true
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		x, isX := words(fset, e.X)
		y, isY := words(fset, e.Y)
		if !isX && !isY {
			return "", false
		}
		if !isX {
			x = "⟨" + goText(fset, e.X) + "⟩"
		}
		if !isY {
			y = "⟨" + goText(fset, e.Y) + "⟩"
		}
		return x + y, true
	}
	return "", false
}

func goText(fset *token.FileSet, e ast.Expr) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, fset, e)
	return b.String()
}
