package jsondoc

// Merge is what a merge did.
type Merge struct {
	Schema   int             `json:"schema"`
	File     string          `json:"file"`
	Profiles []ProfileChange `json:"profiles"` // compared with our version
	NotTaken []string        `json:"not_taken,omitempty"`
	Next     string          `json:"next,omitempty"` // the command that ends git's operation
}
