//go:build reader

// Names Miniflux, so that go.mod and go.sum pin it with all that it needs.
package main

import _ "miniflux.app/v2"
