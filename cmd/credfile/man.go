package main

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
)

// exitStatus describes the exit codes, as docs/json.md does.
var exitStatus = [][2]string{
	{"0", "success"},
	{"1", "another failure"},
	{"2", "a mistake in the command line"},
	{"3", "the profile can't be opened: no identity, a wrong passphrase, or not a writer"},
	{"4", "a name, a file or a revision that does not exist"},
	{"5", "the file has changed meanwhile, is in use, has a conflict, or is behind"},
	{"6", "the file is damaged, or not approved on this machine"},
	{"7", "a terminal is needed"},
	{"8", "check, status or scan found something"},
	{"125", "env: the command was not started"},
	{"126", "env: the command can't be run"},
	{"127", "env: the command is not found"},
	{"130", "interrupted"},
}

// newMan writes the manual pages, for packages.
func newMan(*app) *cobra.Command {
	return &cobra.Command{
		Hidden: true,
		Use:    "man DIR",
		Long:   "Writes a manual page for each command into a directory.",
		Args:   cli.Args("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.Long = "Keeps credentials in one encrypted file that is safe to commit, and runs commands with them.\n\nIt looks for .credentials.age in the working directory and in those above it, up to the top of the repository."
			if err := replaceFile(filepath.Join(args[0], "credfile-connect.1"), []byte(connectPage)); err != nil {
				return err
			}
			return writePages(root, args[0])
		},
	}
}

// connectPage is about the other program, which has no commands.
const connectPage = `.TH CREDFILE\-CONNECT 1 "" "credfile" "credfile manual"
.SH NAME
credfile\-connect \- obtain what the sources of a credfile give
.SH DESCRIPTION
credfile starts this program where a source needs the network or another tool. You don't run it yourself.
.SH SEE ALSO
.BR credfile\-source (1)
`

func writePages(cmd *cobra.Command, dir string) error {
	var b bytes.Buffer
	codes := exitStatus
	short := cmd.Short
	if short == "" && cmd.Long != "" { // it is not listed in the help
		first, _, _ := strings.Cut(cmd.Long, ";")
		short = strings.ToLower(first[:1]) + strings.TrimSuffix(first[1:], ".")
	}
	if cmd.HasParent() {
		codes = nil
	} else {
		short = "credentials in an encrypted file that is safe to commit"
	}
	cli.WriteMan(&b, cmd, short, codes)
	if err := replaceFile(filepath.Join(dir, cli.ManName(cmd)+".1"), b.Bytes()); err != nil {
		return err
	}
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writePages(sub, dir); err != nil {
			return err
		}
	}
	return nil
}
