package main

import (
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
	"github.com/credfile/credfile/vaultfile/trust"
)

// explainTrust knows why a profile is not taken for the one that is known.
func explainTrust(err error, f *finding) bool {
	var refusal *trust.Refusal
	var memory *trust.MemoryError
	var pins *trust.PinError
	switch {
	case errors.As(err, &refusal):
		explainRefusal(refusal, f)
		var history *historyError
		if errors.As(err, &history) && !refusal.Pinned() {
			f.details = append(f.details, history.line)
		}
	case errors.As(err, &memory):
		f.code, f.text = exitDamaged, memory.Error()
		f.hint = "credfile trust --forget drops what this machine remembers of the file"
		if strings.HasPrefix(filepath.Base(memory.Path), "repository-") {
			f.hint = "credfile trust --forget drops it, and so where this machine saw each file of the repository"
		}
		if errors.Is(err, trust.ErrNewer) {
			f.hint = "update credfile; to start anew without what was remembered, move that file away"
		}
	case errors.As(err, &pins):
		f.code, f.hint = exitDamaged, "credfile trust --print, where the file is trusted, prints what it should be"
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
	look := fmt.Sprintf("see who changed it (git log -p -- {file}); if it is right: credfile trust -p %s", name)
	if m := r.Misfit(); m != nil && r.Why == m.Why {
		explainMisfit(m, f)
	}
	switch r.Why {
	case trust.ErrUnvouched:
		f.text = fmt.Sprintf("profile %q is new, and no profile that this machine trusts vouches for it", name)
		f.hint = look
	case trust.ErrForeign:
		f.text = fmt.Sprintf("profile %q is under a key that this machine does not know, and none that it knows vouches for it", name)
		f.details = []string{"known: " + keyNames(r.Known()), "here: " + keyFingerprint(r.Verdict.Section.Key)}
		f.hint = look
	case trust.ErrSuperseded:
		f.text = fmt.Sprintf("profile %q is under a key that was replaced since: an older version, or the work of somebody who left", name)
		f.hint = "git pull (or merge the newer version); to read it as it is: --allow-superseded"
	case trust.ErrRemoved:
		f.text = fmt.Sprintf("profile %q was removed, and is back", name)
		f.hint = look
	case trust.ErrGone:
		f.text = fmt.Sprintf("profile %q is gone, and nothing in the file says that it was removed", name)
		f.hint = fmt.Sprintf("on a branch from before it was added, merge; if it is right: credfile trust -p %s", name)
	case trust.ErrName:
		f.text = fmt.Sprintf("profile %q is not the one that this machine knows by that name", name)
		if owner := r.NameOwner(); owner != nil {
			f.details = []string{"known: " + keyNames(owner), "here: " + keyFingerprint(r.Verdict.Section.Key)}
		}
		f.hint = look
	case trust.ErrBehind:
		f.text = fmt.Sprintf("profile %q is older than what this machine has seen of it", name)
		f.hint = "git pull (or merge the newer version); without --strict it is a warning"
	}
	if r.Stops {
		f.text += "; it can be read, not written"
		f.hint = fmt.Sprintf("merge the newer version first; if this one is right: credfile trust -p %s", name)
	}
	if r.Pinned() {
		f.text = strings.ReplaceAll(f.text, "this machine", "CREDFILE_TRUST")
		f.details = nil
		f.hint = "if the change is right, set CREDFILE_TRUST to what credfile trust --print prints where the file is trusted"
		if r.Why == trust.ErrUnvouched {
			f.text = fmt.Sprintf("profile %q is not listed in CREDFILE_TRUST", name)
		}
	}
}

// explainMisfit knows why a file is refused because of where it lies.
func explainMisfit(m *trust.Misfit, f *finding) {
	f.hint = "check who added it (git log -- {file}); if it is right: credfile trust"
	switch m.Why {
	case trust.ErrNewFile:
		f.text = "new in this repository and not approved on this machine"
		f.details = []string{"known in it: " + firstOf(m.Known)}
	case trust.ErrOtherFile:
		f.text = fmt.Sprintf("not the file that was at %s before", m.Path)
	case trust.ErrSwapped:
		f.text = fmt.Sprintf("not the file that was at %s before: this one was at %s, so two files changed places", m.Path, m.Was)
	case trust.ErrShadow:
		f.text = fmt.Sprintf("not approved at %s, where this machine knows another file, %s", m.Here, m.Path)
	case trust.ErrPassed:
		f.text = fmt.Sprintf("%s was nearer and is gone; until you approve this file in its place, it can be read, but not written", m.Path)
		f.hint = "if it is right: credfile trust; to write it this once: -f {file}"
	case trust.ErrOwner:
		f.text = fmt.Sprintf("%s belongs to another user, %s", m.Path, userName(m.UID))
		f.hint = "if you trust them: credfile trust; if you mean this file: -f {file}"
	}
}

// misfitText is what explainMisfit says, in a line.
func misfitText(m *trust.Misfit) string {
	var f finding
	explainMisfit(m, &f)
	return f.text
}

// firstOf lists paths, of which there may be many.
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

// explainKeys knows why people's keys can't be used.
func explainKeys(err error, f *finding) bool {
	var plugin *vaultfile.PluginError
	var recipient *vaultfile.RecipientError
	var proof *vaultfile.ProofError
	var lastWriter *vaultfile.LastWriterError
	var lastProfile *vaultfile.LastProfileError
	var interrupted *term.Interrupted
	switch {
	case errors.As(err, &interrupted):
		f.code, f.text = exitInterrupted, "interrupted; nothing was changed"
	case errors.Is(err, term.ErrNoTerminal):
		f.code, f.text = exitNoTerminal, "a question would have to be asked, and there is no terminal"
	case errors.As(err, &plugin):
		f.code = exitNoKey
		var plain *plainError
		switch {
		case errors.As(err, &plain):
			return explainOwn(err, f)
		case errors.Is(err, vaultfile.ErrNoPlugin):
			f.text = fmt.Sprintf("recipient %q needs the plugin age-plugin-%s, which is not installed", plugin.Recipient, plugin.Name)
			f.hint = "install it where PATH finds it"
		case errors.Is(err, vaultfile.ErrPlugin):
			f.code = exitNoTerminal
			f.text = fmt.Sprintf("recipient %q would have the program age-plugin-%s run, which is for a person to allow", plugin.Recipient, plugin.Name)
			f.hint = fmt.Sprintf("credfile trust --plugin %s allows it on this machine (in CI: CREDFILE_PLUGINS=%s)", plugin.Name, plugin.Name)
		}
	case errors.As(err, &recipient):
		f.code = exitUsage
	case errors.As(err, &proof):
		f.code, f.text = exitOther, proof.Error()
	case errors.As(err, &lastWriter):
		f.code, f.hint = exitUsage, "give somebody else the right to write first: credfile rekey --writer NAME"
	case errors.As(err, &lastProfile):
		f.code, f.hint = exitUsage, "to get rid of it, delete the file"
	case errors.Is(err, openpgp.ErrRefused):
		f.code, f.text = exitDamaged, "the message of an openpgp lock is none, and was not used"
		f.hint = "see who changed it: git log -p -- {file}"
	case errors.Is(err, keys.ErrPassphrase), errors.Is(err, vaultfile.ErrPassphrase):
		f.code = exitNoKey
	default:
		return false
	}
	return true
}
