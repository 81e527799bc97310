package client

import "time"

// Method is what a contract says of a method, besides its types. The clients' packages have one for each:
// SessionServiceSubmitAnswer.
type Method struct {
	// "/selfology.session.v1.SessionService/SubmitAnswer".
	Path string
	// How long a call may take whose context has no deadline, repeats included; 0: as long as it takes.
	Timeout time.Duration
	// Whether a call may be made again that failed with Unavailable.
	Repeatable bool
	// Whether the request's idempotency_key, where empty, is filled.
	HasKey bool
	// The permission that it needs; empty: everybody may call it.
	Permission string
	// The request's field that names the person; empty: none does.
	Subject string
	// Whether what it gives is part of a person's export.
	Exported bool
}
