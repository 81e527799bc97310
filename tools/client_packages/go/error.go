package client

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	meshv1 "selfology.example/client/selfology/mesh/v1"
)

const domain = "selfology"

// FieldViolation is what is wrong with a field of the request.
type FieldViolation struct {
	// A path: "answers[2].text".
	Field string
	// What the field must be.
	Description string
}

// Error is a call that failed, and why; errors.As finds it. Branch on Reason: the message's wording may change.
type Error struct {
	Code    codes.Code
	Message string
	// UNSPECIFIED where the call did not reach the mesh, or its reason is newer than this package.
	Reason meshv1.ErrorCode
	// As the mesh said it: "PROFILE_NOT_FOUND".
	ReasonName string
	// What else the mesh said for programs.
	Metadata map[string]string
	// Of InvalidArgument.
	Violations []FieldViolation
	// After how long it may work; nil where the mesh did not say.
	RetryAfter *time.Duration

	cause error
}

// Error is one line for engineers.
func (e *Error) Error() string {
	if e.ReasonName != "" {
		return fmt.Sprintf("%s: %s", e.ReasonName, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap is the error as gRPC has it.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus lets status.FromError and status.Code take it.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(e.cause) }

// The error with its details; nil for nil.
func asError(err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	// Of a context that is done, too.
	said := status.FromContextError(err)
	if own, ok := status.FromError(err); ok {
		said = own
	}
	result := &Error{Code: said.Code(), Message: said.Message(), cause: err}
	for _, detail := range said.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.Domain != domain {
				continue
			}
			result.ReasonName = detail.Reason
			result.Reason = meshv1.ErrorCode(meshv1.ErrorCode_value["ERROR_CODE_"+detail.Reason])
			result.Metadata = detail.Metadata
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				result.Violations = append(result.Violations, FieldViolation{violation.Field, violation.Description})
			}
		case *errdetails.RetryInfo:
			delay := detail.RetryDelay.AsDuration()
			result.RetryAfter = &delay
		}
	}
	return result
}
