//go:build !linux

package keycache

func kernel() Store { return nil }
