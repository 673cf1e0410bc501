package vaultfile

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"
)

func TestSignerOf(t *testing.T) {
	for range 100 {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed)
		if got, want := signerOf(seed), ed25519.NewKeyFromSeed(seed); !got.Equal(want) {
			t.Fatalf("seed %x: %x, want %x", seed, got.Public(), want.Public())
		}
	}
}
