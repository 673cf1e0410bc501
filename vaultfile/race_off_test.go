//go:build !race

package vaultfile

const raceEnabled = false
