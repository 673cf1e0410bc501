package vectorgen

import (
	"bytes"
	"regexp"
	"strings"
)

// edit is a change to the text of everything. It replaces the first match of the pattern.
// The violation is at the line where the text begins to differ, plus later.
type edit struct {
	name, comment, pattern, with string
	later                        int
}

// edited makes cases of one class from edits.
func edited(class string, edits []edit) []Case {
	var cases []Case
	for _, e := range edits {
		cases = append(cases, Case{class + "_" + e.name, class, e.comment, func(k *kit) []byte {
			k2 := kit{name: k.name}
			before := everything(&k2)
			loc := regexp.MustCompile("(?m)" + e.pattern).FindSubmatchIndex(before)
			if loc == nil {
				panic(k.name + ": nothing matches")
			}
			with := regexp.MustCompile("(?m)"+e.pattern).Expand(nil, []byte(e.with), before, loc)
			after := bytes.Join([][]byte{before[:loc[0]], with, before[loc[1]:]}, nil)
			same := 0
			for same < min(len(before), len(after)) && before[same] == after[same] {
				same++
			}
			if same == len(before) && same == len(after) {
				panic(k.name + ": nothing changes")
			}
			if same < len(after) {
				k.set("line", "%d", bytes.Count(after[:same], []byte("\n"))+1+e.later)
			}
			return after
		}})
	}
	return cases
}

var versionCases = edited("version", []edit{
	{"higher", "a higher version", `^credfile/1 `, "credfile/2 ", 0},
	{"lower", "a lower version", `^credfile/1 `, "credfile/0 ", 0},
	{"leading_zero", "the version is canonical", `^credfile/1 `, "credfile/01 ", 0},
	{"minor", "there are no minor versions", `^credfile/1 `, "credfile/1.0 ", 0},
	{"missing", "no version", `^credfile/1 `, "credfile/ ", 0},
	{"two_digits", "a version of two digits", `^credfile/1 `, "credfile/11 ", 0},
	{"sign", "a version has no sign", `^credfile/1 `, "credfile/+1 ", 0},
	{"letter", "a letter behind the version", `^credfile/1 `, "credfile/1a ", 0},
	{"word", "a version that is no number", `^credfile/1 `, "credfile/one ", 0},
	{"overflow", "a version of more than 64 bits", `^credfile/1 `, "credfile/18446744073709551617 ", 0},
})

var syntaxCases = edited("syntax", []edit{
	{"other_format", "the first line begins with credfile/1", `^credfile/1 `, "credfiles/1 ", 0},
	{"byte_order_mark", "no byte order mark", `^credfile/1 `, "\ufeffcredfile/1 ", 0},
	{"short_file_id", "a file id has 16 bytes", `^(credfile/1 )\S+`, "${1}AAAAAAAAAAAAAAAAAAAA", 0},
	{"padded_base64", "base64 has no padding", `^(credfile/1 \S+)`, "${1}==", 0},
	{"trailing_bits", "unused bits of base64 are zero", `^(credfile/1 \S{21})\S`, "${1}B", 0},
	{"url_base64", "base64 is not that for URLs", `^(seal 1 )\S{4}`, "${1}-_-_", 0},
	{"carriage_return", "no carriage return before a line feed", `^(seal 1 .*)$`, "${1}\r", 0},
	{"carriage_return_inside", "no carriage return in base64, which some decoders skip", `^(seal 1 \S{9})`, "${1}\r", 0},
	{"tab", "fields are separated by spaces", `^writer me `, "writer\tme ", 0},
	{"two_spaces", "fields are separated by one space", `^writer me `, "writer  me ", 0},
	{"leading_space", "no space before a record", `^writer me `, " writer me ", 0},
	{"trailing_space", "no space at the end of a line", `^(seal 1 .*)$`, "${1} ", 0},
	{"not_ascii", "text is ASCII", `^writer me `, "writer mé ", 0},
	{"nul", "no NUL", `^writer me `, "writer m\x00 ", 0},
	{"del", "no DEL", `^writer me `, "writer m\x7f ", 0},
	{"two_empty_lines", "one empty line between sections", `\n\nprofile production`, "\n\n\nprofile production", 0},
	{"no_empty_line", "an empty line before a profile", `\n\nprofile production`, "\nprofile production", 0},
	{"empty_line_inside", "no empty line in a section", `^seal 1`, "\nseal 1", 0},
	{"upper_case_record", "records are in lower case", `^writer me`, "Writer me", 0},
	{"unknown_record", "no unknown record", `^seal 1`, "note x\nseal 1", 0},
	{"conflict_marker", "conflict markers are no records", `^seal 1`, "<<<<<<< HEAD\nseal 1", 0},
	{"no_seal", "a section ends with its seal", `^seal 1 .*\n`, "", 0},
	{"seal_twice", "one seal", `^(seal 1 .*\n)`, "${1}${1}", 0},
	{"no_writer", "a profile has a writer", `^writer me `, "reader me ", 1},
	{"no_recipient", "a profile has a recipient", `^writer me .*\n`, "", 0},
	{"profile_order", "profiles stand in order of their names", `^profile hidden`, "profile zzz", 7},
	{"profile_name", "a name does not begin with a dot", `^profile production`, "profile .production", 0},
	{"profile_long_name", "a name has at most 128 characters", `^profile hidden`, "profile " + strings.Repeat("h", 129), 0},
	{"hidden_misspelt", "the last field of a profile is hidden", `hidden$`, "hiden", 0},
	{"name_in_hidden_profile", "hidden names are labels", `^credential ~\S+`, "credential NAME", 0},
	{"label_in_open_profile", "a label stands in profiles with hidden names only", `^credential AWS_ACCESS_KEY_ID`, "credential ~abcdefghijklmnopqrstuvwx", 0},
	{"upper_case_label", "labels are in lower case", `^credential ~\S+`, "credential ~ABCDEFGHIJKLMNOPQRSTUVWX", 0},
	{"recipient_order", "recipients stand in order of their names", `^reader ci`, "reader aaa", 0},
	{"recipient_twice", "names of recipients are unique", `^reader ci`, "reader alice@example.org", 0},
	{"recipient_string_twice", "recipient strings are unique", `^(writer alice@example.org (\S+) [^\n]*\nreader ci) ssh-ed25519 \S+`, "${1} ${2}", 0},
	{"recipient_upper_case", "recipients are in lower case", `^writer me age1`, "writer me AGE1", 0},
	{"recipient_alphabet", "recipients have the alphabet of bech32", `^(writer me age1)\S`, "${1}b", 0},
	{"recipient_unknown", "no other kinds of recipients", `^writer me age1`, "writer me bge1", 0},
	{"ssh_comment", "no comment after an SSH key", `^(reader ci ssh-ed25519 \S+)`, "${1} ci@example.org", 0},
	{"ssh_type", "no other types of SSH keys", `^reader ci ssh-ed25519`, "reader ci ssh-dss", 0},
	{"ssh_padding", "an SSH key has its padding", `^(reader ci ssh-ed25519 \S+) `, "${1}= ", 0},
	{"ssh_lock", "no lock with an SSH key", `^(reader ci ssh-ed25519 \S+) `, "${1} age AAAA ", 0},
	{"plugin_lock", "no lock with a plugin", `^(reader e-card \S+) `, "${1} age AAAA ", 0},
	{"unknown_lock", "no other kinds of locks", ` argon2id `, " argon2i ", 0},
	{"lock_without_message", "a lock has a message", ` argon2id \S+`, " argon2id", 0},
	{"vouched_for_itself", "a key does not vouch for itself", `^vouched (\S+) (\S+)`, "vouched ${2} ${2}", 0},
	{"vouched_for_unknown", "a key vouches for one that stands above", `^vouched (\S+) \S+`, "vouched ${1} " + strings.Repeat("A", 43), 0},
	{"vouched_twice", "a key vouches once", `^(vouched (\S+) (\S+) (\S+)\n)(writer alice)`, "${1}${1}${5}", 0},
	{"vouched_too_low", "vouched stands above the recipients", `^(vouched .*\n)(writer me .*\n)`, "${2}${1}", 1},
	{"former_order", "former stands in order of time", `^former bob (\S+)\n`, "former bob 2026-11-20T08:00:01Z\n", 1},
	{"former_name_order", "former of one time stands in order of names", `^former bob (\S+)\n`, "former dave ${1}\n", 1},
	{"former_too_low", "former stands above the entries", `^(former .*\n)(comment .*\n)`, "${2}${1}", 1},
	{"no_such_day", "days are real", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2026-02-29T08:00:00Z", 0},
	{"hour_24", "no hour 24", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2026-11-20T24:00:00Z", 0},
	{"leap_second", "no leap second", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2016-12-31T23:59:60Z", 0},
	{"fraction", "no fraction of a second", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2026-11-20T08:00:00.5Z", 0},
	{"time_zone", "times are UTC", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2026-11-20T08:00:00+00:00", 0},
	{"lower_case_time", "T and Z are in upper case", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 2026-11-20t08:00:00z", 0},
	{"year_1969", "years begin at 1970", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 1969-12-31T23:59:59Z", 0},
	{"year_10000", "years end at 9999", `^(credential AWS_ACCESS_KEY_ID) \S+`, "${1} 10000-01-01T00:00:00Z", 0},
	{"expiry_day", "expiry dates are real", `expires=2027-05-01`, "expires=2027-04-31", 0},
	{"expiry_word", "no other options", `expires=2027-05-01`, "expired=2027-05-01", 0},
	{"expiry_empty", "an expiry has a date", `expires=2027-05-01`, "expires=", 0},
	{"file_first", "the word file follows the expiry date", `expires=2027-05-01`, "file expires=2027-05-01", 0},
	{"file_twice", "the word file is there once", `expires=2027-05-01`, "file file", 0},
	{"file_word", "no other word", `expires=2027-05-01`, "File", 0},
	{"source_kind", "a kind begins with a letter", `^(source DEPLOY \S+) aws`, "${1} 9aws", 0},
	{"source_kind_case", "a kind is in lower case", `^(source DEPLOY \S+) aws`, "${1} AWS", 0},
	{"source_kind_long", "a kind has at most 32 characters", `^(source DEPLOY \S+) aws`, "${1} " + strings.Repeat("a", 33), 0},
	{"source_no_kind", "a source has a kind", `^(source DEPLOY \S+) aws`, "${1}", 0},
	{"source_expires", "a source has no expiry date", `^(source DEPLOY \S+) aws`, "${1} expires=2027-05-01 aws", 0},
	{"source_file", "a source has no word file", `^(source DEPLOY \S+ aws)`, "${1} file", 0},
	{"source_name", "the name of a source is a name", `^source DEPLOY`, "source ~DEPLOY", 0},
	{"source_twice", "names are unique among credentials and sources", `^source DEPLOY`, "source AWS_ACCESS_KEY_ID", 0},
	{"source_time", "a source has a time", `^source DEPLOY \S+`, "source DEPLOY now", 0},
	{"credential_twice", "names of credentials are unique", `^credential AWS_SECRET_ACCESS_KEY`, "credential AWS_ACCESS_KEY_ID", 0},
	{"adjacent_comments", "comments are never adjacent", `^(comment .*\n)`, "${1}${1}", 0},
	{"sealed_length", "a padded length is a multiple of 64", `^(comment \S{10})\S{4}`, "${1}", 0},
	{"sealed_empty", "a sealed value has a value", `^comment \S+`, "comment AAAA", 0},
	{"revision_0", "revisions begin at 1", `^seal 1 `, "seal 0 ", 0},
	{"revision_01", "revisions are canonical", `^seal 1 `, "seal 01 ", 0},
	{"revision_sign", "revisions have no sign", `^seal 1 `, "seal +1 ", 0},
	{"revision_hex", "revisions are decimal", `^seal 1 `, "seal 0x1 ", 0},
	{"short_signature", "a signature has 64 bytes", `^(seal 1 )\S{4}`, "${1}", 0},
	{"removed_comment", "a removed profile has vouched lines alone", `^(removed .*\n)`, "${1}comment AAAA\n", 0},
	{"last_empty_line", "no empty line at the end", `\z`, "\n", 1},
})
