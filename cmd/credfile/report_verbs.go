package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/helper"
)

// editorHandsOver: an editor that passes the text to a window and returns at once.
func editorHandsOver(name string) error {
	return &plainError{text: name + " does not wait until you have saved the text", code: exitOther,
		hint: "set CREDFILE_EDITOR, VISUAL or EDITOR to an editor that waits, such as vim, nano or \"code --wait\""}
}

func editorNeedsTerminal() error {
	return &plainError{text: "the editor needs a terminal", hint: "without a terminal, use credfile import FILE or credfile set NAME -", code: exitNoTerminal}
}

func noSavedText(hint string) error {
	return &plainError{text: "no saved text from an earlier edit", code: exitNotFound, hint: hint}
}

// textNotSaved: an edit failed, and its text is lost.
func textNotSaved(why, err error) error {
	return &plainError{text: fmt.Sprintf("%v; your text could not be saved: %v", why, err), code: explain(why).code}
}

// textSaved: an edit failed, and its text is saved.
func textSaved(why error) error {
	f := explain(why)
	return &plainError{text: f.text, details: f.details, code: f.code, hint: "continue with credfile edit --resume, or delete the text with --discard"}
}

func textLocked(path string) error {
	return &plainError{text: "your identities can't decrypt the text of the earlier edit", code: exitNoKey, hint: "the text is in " + path}
}

// notUTF8: a value that JSON can't carry.
func notUTF8(name, credential string) error {
	return &plainError{text: fmt.Sprintf("the value of %s is not UTF-8 text, and JSON can carry only that", name), code: exitOther,
		hint: fmt.Sprintf("use --except %s, and credfile get --json for its bytes", credential)}
}

func alreadyExists(path, hint string) error {
	return &fileError{path, &plainError{text: "already exists", code: exitOther, hint: hint}}
}

// onlyReads: the recipients of a profile can't be copied to a new file.
func onlyReads(profile string) error {
	return &plainError{text: fmt.Sprintf("you can read profile %q, but only a writer can copy its recipients", profile), code: exitNoKey,
		hint: "name the writers of the new file: -r NAME=RECIPIENT"}
}

// onlyReadsCurrent: a reader of the current profile can't add another.
func onlyReadsCurrent(profile string) error {
	return &plainError{text: fmt.Sprintf("you can read profile %q, but only a writer can add a profile", profile), code: exitNoKey,
		hint: "choose a profile that you can write with --profile"}
}

// onlyReadsLike: the recipients of a profile can't be copied to another.
func onlyReadsLike(profile string) error {
	return &plainError{text: fmt.Sprintf("you can't copy the recipients of profile %q, since you are only a reader", profile), code: exitNoKey,
		hint: "name the recipients: -r NAME=RECIPIENT"}
}

// namesHidden: names could not be checked, since their profile was not opened.
func namesHidden(profile string, why error) error {
	f := explain(why)
	return &plainError{text: fmt.Sprintf("can't check the names in profile %q, which are hidden", profile), code: f.code,
		details: append([]string{f.text}, f.details...), hint: "use the identity of one of its readers (--identity), or check other profiles (--profile)"}
}

// noMemory reports that there is nowhere to remember what the user says.
func noMemory(hint string) error {
	return &plainError{text: "this machine has no state directory to remember it in", code: exitOther, hint: hint}
}

// notSeen: a file that can't be vouched for by what this machine knows.
func notSeen() error {
	return &plainError{text: "this machine has not seen the file before", code: exitDamaged, hint: "run credfile trust without --profile"}
}

// noStore: there is no key store to keep an identity in.
func noStore(err error) error {
	return &plainError{text: err.Error(), code: exitOther, hint: "set CREDFILE_PASSPHRASE_COMMAND to a command that prints the passphrase"}
}

func noSuchRecipient() error {
	return &plainError{text: "no profile has a recipient of that name", code: exitNotFound, hint: "to list them: credfile recipients"}
}

// notCredfile returns an error if a text is not a credfile: the wrong file, not a damaged one.
func notCredfile(path, text string) error {
	if strings.HasPrefix(text, "credfile/") || strings.HasPrefix(text, "\xef\xbb\xbfcredfile/") {
		return nil
	}
	b := []byte(text)
	e := &plainError{text: "is not a credentials file", code: exitDamaged, hint: "check --file and CREDFILE_FILE; to create a file: credfile init"}
	if len(bytes.TrimSpace(b)) == 0 {
		e.text += ": it is empty"
	} else if other, ok := codec.Recognize(filepath.Base(path), b); ok {
		e.text += ": it is " + other.What
	} else if c, ok := codec.Detect(filepath.Base(path), b); ok {
		e.text += fmt.Sprintf(": it looks like %s", looksLike(c.Name))
		e.hint = "to import its credentials: credfile import {file}"
	}
	return e
}

func looksLike(format string) string {
	switch format {
	case "dotenv":
		return "environment variables"
	case "aws":
		return "an AWS credentials file"
	case "json", "toml", "yaml":
		return strings.ToUpper(format)
	}
	return "another tool's file (" + format + ")"
}

// pluginNotRun: the user did not allow a plugin that the file names.
func pluginNotRun(name string) error {
	return &plainError{text: fmt.Sprintf("age-plugin-%s was not run; nothing changed", name), code: exitOther}
}

func runsCodeText(names []string) string {
	return strings.Join(names, ", ") + " can make programs run other code"
}

// namesNotAllowed: variables of credentials that env passes only if the user allows it.
func namesNotAllowed(names, credentials []string) error {
	return &plainError{text: runsCodeText(names) + ", and you have not allowed " + plural(len(names), "it", "them"), code: exitOther,
		hint: fmt.Sprintf("to allow that once: --allow-name %s; always: credfile trust --allow-name %[1]s; in CI: CREDFILE_ALLOW_NAMES=%[1]s; to leave it out: --except %s",
			strings.Join(names, ","), strings.Join(credentials, ","))}
}

// anotherUnconfirmed: there was no terminal to confirm a second identity on.
func anotherUnconfirmed(err error) error {
	return &plainError{text: err.Error(), code: exitNoTerminal,
		hint: "to print its recipient: credfile keygen --show; to create another: -o FILE, or --yes to add it here"}
}

func noIdentity(path string) error {
	return &plainError{text: "no identity with a known recipient in " + path, code: exitNotFound, hint: "to create one: credfile keygen"}
}

// noPlaceFor: there is no directory for an identity.
func noPlaceFor(what string, err error, code int, hint string) error {
	return &plainError{text: "no place for " + what + ": " + err.Error(), code: code, hint: hint}
}

// hasControl: a value that a terminal would act on.
func hasControl() error {
	return &plainError{text: "the value contains control characters, which would affect your terminal", code: exitUsage,
		hint: "redirect it to a file or a pipe, or use --raw"}
}

// noTerminalFor: there is no terminal to type the value of a credential on.
func noTerminalFor(name string) error {
	return &plainError{text: "no terminal to ask for the value", code: exitNoTerminal,
		hint: fmt.Sprintf("to read it from standard input: credfile set %s -", name)}
}

// helperMisses: a helper needs credentials that the profile does not have.
func helperMisses(e *helper.MissingError, profile string) error {
	return &plainError{text: fmt.Sprintf("%s in profile %q", e, profile), code: exitNotFound,
		hint: fmt.Sprintf("to set %s: credfile -p %s set %s", plural(len(e.Names), "it", "them"), profile, strings.Join(e.Names, ", then "))}
}

// noRecipientFile: the file with a recipient does not exist.
func noRecipientFile(name string, err error) error {
	return &plainError{text: fmt.Sprintf("recipient %q: %v", name, err), code: exitNotFound,
		hint: fmt.Sprintf("give the path of the .pub file from keygen, or the recipient itself: %s=age1…", name)}
}
