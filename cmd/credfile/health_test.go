package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// runAt runs credfile in this process, at another time and without a key.
func (b *box) runAt(now time.Time, args ...string) result {
	var stdout, stderr bytes.Buffer
	w := world{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, now: func() time.Time { return now },
		getenv: func(string) string { return "" }, getwd: func() (string, error) { return b.dir, nil }}
	code := run(append([]string{"-f", b.path()}, args...), w)
	return result{code, stdout.String(), stderr.String()}
}

var statusNow = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bigFile has 20 profiles, 500 credentials and 30 recipients. One recipient was removed
// from profiles 05 to 14 ten days ago. Credentials have expired in 03 and, more of them, in
// 04; one expires soon in each of 10 to 14.
func bigFile(t *testing.T) *vaultfile.File {
	t.Helper()
	f := vaultfile.New()
	now := statusNow.AddDate(0, 0, -20)
	f.Clock = func() time.Time { return now }
	var people []vaultfile.Recipient
	for i := range 30 {
		r := vaultfile.Recipient{Name: fmt.Sprintf("person%02d@example.org", i), Writer: i < 2}
		if id, err := age.GenerateHybridIdentity(); err != nil {
			t.Fatal(err)
		} else if r.String = id.Recipient().String(); i == 1 {
			p, _ := vaultfile.NewPassphrase([]byte("plainly fake"), nil)
			lock, err := vaultfile.NewLock(id, p, kdf.Argon2id{KiB: 65536, Passes: 1, Lanes: 1})
			if err != nil {
				t.Fatal(err)
			}
			r.Lock, r.Message = lock.Lock, lock.Message
		}
		if i%3 == 2 {
			id, _ := age.GenerateX25519Identity()
			r.String = id.Recipient().String()
		}
		people = append(people, r)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var first *vaultfile.Profile
	for i := range 20 {
		who := people
		if i >= 15 {
			who = people[:1]
		}
		p, err := f.Add(fmt.Sprintf("profile%02d", i), who, first)
		must(err)
		if first == nil {
			first = p
		}
		for j := range 25 {
			name := fmt.Sprintf("A_USUAL_CREDENTIAL_%02d", j)
			_, err := p.Set(name, []byte("plainly fake"))
			must(err)
			if i == 3 && j < 2 || i == 4 && j < 20 || i >= 10 && i < 15 && j == 0 {
				day := statusNow.AddDate(0, 0, map[bool]int{true: 3, false: -3}[i >= 10])
				_, err = p.SetExpiry(name, day)
				must(err)
			}
		}
		if i >= 5 && i < 15 {
			now = statusNow.AddDate(0, 0, -10)
			_, err := p.ChangeAccess(vaultfile.Access{Remove: []string{"person29@example.org"}})
			must(err)
			now = statusNow.AddDate(0, 0, -20)
		}
	}
	return f
}

// The status of a large file fits on a screen. The worst comes first, and the last line
// counts the rest.
func TestStatusOfLargeFile(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := newBox(t)
	if err := vaultfile.Create(b.path(), bigFile(t)); err != nil {
		t.Fatal(err)
	}
	r := b.runAt(statusNow, "status")
	if r.code != 8 || r.stderr != "" {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	if len(lines) > 40 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n > 200 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
	for i, want := range []string{"PROFILE ", "profile04  20 expired ", "profile03  2 expired ", "profile05  -           25 to person29@example.org  person00@example.org +1 ",
		"profile06 ", "profile07 ", "profile08 ", "profile09 ", "profile10  1 soon      25 to "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %s, want %s", i, lines[i], want)
		}
	}
	advice := lines[22:]
	for i, want := range []string{
		"profile04: expired: A_USUAL_CREDENTIAL_00 (2026-11-22), A_USUAL_CREDENTIAL_01 (2026-11-22) and 18 more (credfile set A_USUAL_CREDENTIAL_00 -p profile04 --expires 90d)",
		"profile03: expired: ", "profile05: exposed to person29@example.org: ", "profile06: exposed "} {
		if !strings.HasPrefix(advice[i], want) {
			t.Errorf("advice %d: %s, want %s", i, advice[i], want)
		}
	}
	// 16 of 20 lines fit: all that has expired or is exposed, and what expires soon.
	if last := lines[len(lines)-1]; last != "and 4 lines of advice more (to see them: credfile status -p PROFILE, or --json)" {
		t.Error(last)
	}
	if t.Failed() {
		t.Log("\n" + r.stdout)
	}
	if r := b.runAt(statusNow, "check"); r.code != 8 || strings.Count(r.stdout, "\n") != 22+10*25 {
		t.Errorf("check: %d, %d lines", r.code, strings.Count(r.stdout, "\n"))
	}
	r = b.runAt(statusNow, "status", "-p", "profile00")
	if want := "\nthe lock of person01@example.org uses argon2id:65536:1:1: weaker than the default, argon2id:262144:3:4, in profile00 (credfile rekey --strengthen person01@example.org)\n" +
		"not post-quantum: person02@example.org, person05@example.org, person08@example.org and 7 more (credfile rekey --replace person02@example.org=RECIPIENT)\n"; !strings.HasSuffix(r.stdout, want) {
		t.Errorf("%s, want\n%s", r.stdout, want)
	}
	for profile, want := range map[string]int{"profile04": 8, "profile05": 8, "profile00": 0, "profile15": 0} {
		if r := b.runAt(statusNow, "status", "-p", profile); r.code != want {
			t.Errorf("%s: exit code %d", profile, r.code)
		}
	}
}

// Profiles that don't fit on the screen are counted, too.
func TestStatusRest(t *testing.T) {
	f := vaultfile.New()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var first *vaultfile.Profile
	for i := range 23 {
		p, err := f.Add(fmt.Sprintf("p%02d", i), []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, first)
		if err != nil {
			t.Fatal(err)
		}
		first = p
	}
	b := newBox(t)
	if err := vaultfile.Create(b.path(), f); err != nil {
		t.Fatal(err)
	}
	r := b.runAt(statusNow, "status")
	if !strings.HasSuffix(r.stdout, "\nand 3 profiles more (to see them: credfile status -p PROFILE, or --json)\n") || r.code != 0 {
		t.Errorf("exit code %d\n%s", r.code, r.stdout)
	}
}

// A credential is valid until the end of its day in UTC.
func TestExpiryDay(t *testing.T) {
	f := vaultfile.New()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Add("default", []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, nil)
	if err == nil {
		_, err = p.Set("A", []byte("plainly fake"))
	}
	if err == nil {
		_, err = p.SetExpiry("A", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	}
	b := newBox(t)
	if err == nil {
		err = vaultfile.Create(b.path(), f)
	}
	if err != nil {
		t.Fatal(err)
	}
	west := time.FixedZone("west", -8*60*60)
	for _, c := range []struct {
		now   time.Time
		flags string
		code  int
		text  string
	}{
		{time.Date(2026, 11, 25, 23, 59, 59, 0, time.UTC), "", 0, ""},
		{time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), "", 8, "default: A expired on 2026-11-25\n"},
		{time.Date(2026, 11, 25, 16, 0, 0, 0, west), "", 8, "default: A expired on 2026-11-25\n"},
		{time.Date(2026, 11, 25, 15, 59, 59, 0, west), "", 0, ""},
		{time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC), "--expiring=0d", 8, "default: A expires today (2026-11-25, at the end of the day in UTC)\n"},
		{time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC), "--expiring=0d", 0, ""},
		{time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC), "--expiring=1d", 8, "default: A expires on 2026-11-25, in 1 day\n"},
		{time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC), "--expiring=2w", 0, ""},
		{time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC), "--expiring=2w", 8, "default: A expires on 2026-11-25, in 14 days\n"},
		{time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC), "--expiring=36525d", 8, "default: A expires on 2026-11-25, in 20417 days\n"},
	} {
		args := []string{"check"}
		if c.flags != "" {
			args = append(args, c.flags)
		}
		if r := b.runAt(c.now, args...); r.code != c.code || r.stdout != c.text {
			t.Errorf("%s %s: %d %s%s", c.now, c.flags, r.code, r.stdout, r.stderr)
		}
	}
}
