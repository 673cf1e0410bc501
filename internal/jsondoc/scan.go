package jsondoc

type (
	// Scan lists where values of profiles are in plain text.
	Scan struct {
		Schema   int          `json:"schema"`
		File     string       `json:"file"`
		Values   int          `json:"values"`
		Texts    int          `json:"texts"`
		Findings []Leak       `json:"findings"`
		Known    int          `json:"known"`
		Gone     int          `json:"gone,omitempty"` // entries of the baseline that match nothing
		Skipped  []NotScanned `json:"skipped,omitempty"`
		LeftOut  []string     `json:"left_out,omitempty"` // profiles
	}
	// Leak is a value in a text, in one form. Path has no values.
	Leak struct {
		Profile    string `json:"profile"`
		Credential string `json:"credential"`
		In         string `json:"in"`
		Path       string `json:"path,omitempty"`
		Line       int    `json:"line,omitempty"`
		Commit     string `json:"commit,omitempty"`
		Form       string `json:"form"`
		Split      bool   `json:"split,omitempty"`
		Places     int    `json:"places"`
		Texts      int    `json:"versions"`
	}
	// NotScanned is a credential that is not looked for.
	NotScanned struct {
		Profile    string `json:"profile"`
		Credential string `json:"credential"`
		Reason     string `json:"reason"`
	}
)
