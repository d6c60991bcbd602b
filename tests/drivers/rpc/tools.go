//go:build tools

// What makes pb/ of our proto files; run.py builds it with this module's versions.
package main

import _ "google.golang.org/protobuf/cmd/protoc-gen-go"
