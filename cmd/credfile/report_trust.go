package main

import (
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// explainTrust explains why a profile is not approved.
func explainTrust(err error, f *finding) bool {
	var refusal *trust.Refusal
	var memory *trust.MemoryError
	var blind *machine.BlindError
	switch {
	case errors.As(err, &refusal):
		explainRefusal(refusal, f)
		var history *machine.HistoryError
		if errors.As(err, &history) && !refusal.Pinned() {
			f.details = append(f.details, commitText(history.Commit))
		}
	case errors.As(err, &memory) && isA[syscall.Errno](err): // a full disk, say: forgetting would only lose what is known
		f.code, f.text = exitDamaged, about(memory.Path, memory.Err.Error())
	case errors.As(err, &memory):
		f.code, f.text = exitDamaged, about(memory.Path, memory.Err.Error())
		f.hint = "to forget what this machine knows about the file: credfile trust --forget"
		if strings.HasPrefix(filepath.Base(memory.Path), "repository-") {
			f.hint = "to delete it, and with it the known paths of every file in the repository: credfile trust --forget"
		}
		if errors.Is(err, trust.ErrNewer) {
			f.hint = "update credfile, or move that file away to start afresh"
		}
	case errors.As(err, &blind):
		f.code, f.text, f.hint = exitDamaged, blindText(blind.Dir), blindFix(blind.Dir)
	case isA[*trust.PinError](err):
		f.code, f.hint = exitDamaged, "to print the right value, run this where the file is trusted: credfile trust --print"
	default:
		return false
	}
	return true
}

func explainRefusal(r *trust.Refusal, f *finding) {
	name := r.Verdict.Name
	f.code = exitDamaged
	if r.Stops {
		f.code = exitBusy
	}
	look := fmt.Sprintf("check who changed it (git log -p -- {file}); if you expected the change: credfile trust -p %s", name)
	if m := r.Misfit(); m != nil && r.Why == m.Why {
		explainMisfit(m, f)
	}
	switch r.Why {
	case trust.ErrUnvouched:
		f.text = fmt.Sprintf("profile %q is new, and no profile known to this machine vouches for it", name)
		f.hint = look
	case trust.ErrForeign:
		f.text = fmt.Sprintf("profile %q has a new key, and no key known to this machine vouches for it", name)
		f.details = []string{"known key: " + keyNames(r.Known()), "key in file: " + keyFingerprint(r.Verdict.Section.Key)}
		f.hint = look
	case trust.ErrSuperseded:
		f.text = fmt.Sprintf("profile %q uses a key that has been replaced: this is an older version, or was written by someone who lost access", name)
		f.hint = "run git pull, or merge the newer version; to read it anyway, add --allow-superseded"
	case trust.ErrRemoved:
		f.text = fmt.Sprintf("profile %q was removed and has been restored", name)
		f.hint = look
	case trust.ErrGone:
		f.text = fmt.Sprintf("profile %q is missing, and the file has no record of its removal", name)
		f.hint = fmt.Sprintf("if this branch is older than the profile, merge; if you expected the removal: credfile trust -p %s", name)
	case trust.ErrName:
		f.text = fmt.Sprintf("%q was replaced by a different profile of the same name", name)
		if owner := r.NameOwner(); owner != nil {
			f.details = []string{"known key: " + keyNames(owner), "key in file: " + keyFingerprint(r.Verdict.Section.Key)}
		}
		f.hint = look
	case trust.ErrBehind:
		f.text = fmt.Sprintf("profile %q is older than the version this machine last saw", name)
		f.hint = "run git pull, or merge the newer version; without --strict, this is only a warning"
	}
	if r.Stops {
		f.text += "; you can read it, but not write it"
		f.hint = fmt.Sprintf("merge the newer version first; if you expected this older version: credfile trust -p %s", name)
	}
	if r.Pinned() {
		f.text = strings.NewReplacer("known to this machine", "listed in CREDFILE_TRUST", "this machine", "CREDFILE_TRUST").Replace(f.text)
		f.details = nil
		f.hint = "if you expected the change, set CREDFILE_TRUST to the output of credfile trust --print, run where the file is trusted"
		if r.Why == trust.ErrSuperseded {
			f.hint = "use the newer version; if you expected this one, set CREDFILE_TRUST to the output of credfile trust --print, run where the file is trusted"
		}
		if r.Why == trust.ErrUnvouched {
			f.text = fmt.Sprintf("profile %q is not listed in CREDFILE_TRUST", name)
		}
	}
}

// explainMisfit explains why a file is refused because of its place.
func explainMisfit(m *trust.Misfit, f *finding) {
	f.hint = "check who added it (git log -- {file}); if you expected it: credfile trust"
	switch m.Why {
	case trust.ErrNewFile:
		f.text = "is new in this repository and not approved on this machine"
		f.details = []string{"known files: " + firstOf(m.Known)}
	case trust.ErrOtherFile:
		f.text = fmt.Sprintf("has been replaced: this machine knows a different file at %s", m.Path)
	case trust.ErrSwapped:
		f.text = fmt.Sprintf("has been swapped: it is the file that this machine knows at %[2]s, not the one at %[1]s", m.Path, m.Was)
	case trust.ErrShadow:
		f.text = fmt.Sprintf("is not approved on this machine: at %s, it would be used in place of %s, which this machine knows", m.Here, m.Path)
	case trust.ErrPassed:
		f.text = fmt.Sprintf("%s is missing, so this file was found instead; until you approve it, you can read it but not write it", m.Path)
		f.hint = "if you expected that: credfile trust; to write it just once, add -f {file}"
	case trust.ErrOwner:
		f.text = fmt.Sprintf("%s belongs to another user, %s", m.Path, userName(m.UID))
		f.hint = "if you trust them: credfile trust; to use it just once, add -f {file}"
	}
}

// misfitText returns the message of explainMisfit.
func misfitText(m *trust.Misfit) string {
	var f finding
	explainMisfit(m, &f)
	return f.text
}

// firstOf lists the first few paths and counts the rest.
func firstOf(paths []string) string {
	const most = 4
	if len(paths) > most {
		return strings.Join(paths[:most], ", ") + fmt.Sprintf(" and %d more", len(paths)-most)
	}
	return strings.Join(paths, ", ")
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "uid " + id
}

func keyNames(p *trust.Profile) string {
	var list []string
	for _, k := range p.Present {
		list = append(list, keyFingerprint(k))
	}
	if len(list) == 0 {
		return "removed"
	}
	return strings.Join(list, ", ")
}

// explainKeys explains why keys can't be used.
func explainKeys(err error, f *finding) bool {
	var plugin *vaultfile.PluginError
	var other *vaultfile.OtherRoleError
	var proof *vaultfile.ProofError
	var noLock *unlock.NoLockError
	var lastWriter *vaultfile.LastWriterError
	switch {
	case isA[*term.Interrupted](err):
		f.code, f.text = exitInterrupted, "interrupted; nothing changed"
	case isA[*dialog.UnconfirmedError](err):
		f.code, f.hint = exitNoTerminal, "run it in a terminal, or pass --yes"
	case isA[*dialog.UnansweredError](err):
		f.code = exitNoKey
	case errors.Is(err, dialog.ErrLines):
		f.code = exitUsage
	case isA[*unlock.MemoryError](err):
		f.code, f.hint = exitNoKey, "raise the memory limit, or use an identity instead (--identity)"
	case errors.As(err, &noLock):
		f.code, f.hint = exitNoKey, "to list them: credfile recipients -p "+noLock.Profile
	case errors.Is(err, term.ErrNoTerminal):
		f.code, f.text = exitNoTerminal, "this needs an answer, but there is no terminal to ask in"
		f.hint = "run it in a terminal"
	case errors.As(err, &plugin):
		f.code = exitNoKey
		switch {
		case isA[*plainError](err):
			return false
		case errors.Is(err, vaultfile.ErrNoPlugin):
			f.text = fmt.Sprintf("recipient %q needs the plugin age-plugin-%s, which is not installed", plugin.Recipient, plugin.Name)
			f.hint = "install it in a directory on your PATH"
		case errors.Is(err, vaultfile.ErrPlugin):
			f.code = exitNoTerminal
			f.text = fmt.Sprintf("recipient %q needs the plugin age-plugin-%s, which you have not allowed to run", plugin.Recipient, plugin.Name)
			f.hint = fmt.Sprintf("to allow it on this machine: credfile trust --plugin %s; in CI: CREDFILE_PLUGINS=%s", plugin.Name, plugin.Name)
		}
	case isA[*vaultfile.RecipientError](err):
		f.code = exitUsage
	case errors.As(err, &other):
		f.code, f.hint = exitOther, fmt.Sprintf("to make them a writer: credfile rekey -p %s --writer %s", other.Profile, other.Recipient)
		if other.Writer {
			f.hint = fmt.Sprintf("to make them a reader: credfile rekey -p %s --reader %s", other.Profile, other.Recipient)
		}
	case errors.As(err, &proof):
		f.code, f.text = exitOther, proof.Error()
	case errors.As(err, &lastWriter):
		f.code, f.hint = exitUsage, fmt.Sprintf("add another writer first: credfile rekey -p %s --add NAME=RECIPIENT; or make a reader a writer: credfile rekey -p %[1]s --writer NAME", lastWriter.Profile)
	case isA[*vaultfile.LastProfileError](err):
		f.code, f.hint = exitUsage, "to remove the last profile, delete the file"
	case isA[*unlock.BadLockError](err):
		f.code, f.hint = exitDamaged, "see who changed it: git log -p -- {file}"
	case errors.Is(err, keys.ErrPassphrase), errors.Is(err, vaultfile.ErrPassphrase):
		f.code = exitNoKey
	default:
		return false
	}
	return true
}

// keyFingerprint returns the fingerprint by which people compare profiles' keys.
func keyFingerprint(k format.Key) string { return vaultfile.Fingerprint(string(k[:])) }

// commitText says which commit concerns a file.
func commitText(c machine.Commit) string {
	if c.Added {
		return "added (git log): " + c.Text
	}
	return "last changed (git log): " + c.Text
}

func blindText(dir string) string {
	return fmt.Sprintf("can't read what this machine knows about the file: %s belongs to another user", dir)
}

func blindFix(dir string) string { return "sudo chown -R \"$(id -un)\" " + term.Quote(dir) }

// noteText returns the text of a note that is a warning.
func noteText(f *machine.File, n *machine.Note) string {
	switch n.Kind {
	case machine.Blind:
		return fmt.Sprintf("%s; trusting the file as it is (to fix that: %s)", blindText(n.Path), blindFix(n.Path))
	case machine.Passed:
		return fmt.Sprintf("%s is missing, so this uses %s (if you expected that: credfile trust)", n.Path, f.Path)
	case machine.Behind:
		return fmt.Sprintf("%s: profile %q is older than the version this machine last saw; run git pull, or merge the newer version", f.Path, n.Profile)
	case machine.Gone:
		return fmt.Sprintf("%s: profile %q is missing, and the file has no record of its removal; merge the branch that has it, or if you expected that: credfile trust -p %[2]s", f.Path, n.Profile)
	case machine.Unvouched:
		return fmt.Sprintf("no other profile that you can write vouches for %s; colleagues will need to run credfile trust -p %[1]s", n.Profile)
	case machine.NameKnown:
		return fmt.Sprintf("colleagues' machines know a different profile named %s; each will need to run credfile trust -p %[1]s", n.Profile)
	case machine.Orphan:
		return fmt.Sprintf("no profile that you can write vouches for %s anymore; machines that have not seen it will ask to approve it", n.Profile)
	case machine.NotKept:
		return fmt.Sprintf("you will be asked for the passphrase again: %v", n.Err)
	}
	return fmt.Sprintf("%s: %v", f.Path, n.Err) // machine.Damaged
}

// exposedText says that the next git add would add a secret.
func exposedText(path, root, file string) string {
	return fmt.Sprintf("%s is secret, but it is in a git repository that does not ignore it; move it elsewhere, or: echo %s >> %s",
		path, term.Quote("/"+file), term.Quote(filepath.Join(root, ".gitignore")))
}
