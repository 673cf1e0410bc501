//go:build race

package vaultfile

const raceEnabled = true
