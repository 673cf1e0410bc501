package jsondoc

type (
	// Doctor lists places with credentials in plain text.
	Doctor struct {
		Schema   int       `json:"schema"`
		Findings []Symptom `json:"findings"`
	}
	// Symptom is one of them.
	Symptom struct {
		Kind     string   `json:"kind"`
		Path     string   `json:"path"`
		Line     int      `json:"line,omitempty"`
		Names    []string `json:"names,omitempty"`
		Profiles []string `json:"profiles,omitempty"`
		Tracked  bool     `json:"tracked,omitempty"`
		Message  string   `json:"message"`
		Fix      string   `json:"fix"`
	}
)
