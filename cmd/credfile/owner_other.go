//go:build !unix

package main

import (
	"io/fs"

	"github.com/credfile/credfile/vaultfile/trust"
)

// owners is for systems on which files have no comparable owners. All files are ours.
type owners struct{}

func newOwners(*app) *owners { return &owners{} }

func (*owners) ours(fs.FileInfo) bool { return true }

func (*owners) readable(fs.FileInfo) bool { return true }

func (*owners) other(string) (trust.Other, bool) { return trust.Other{}, false }
