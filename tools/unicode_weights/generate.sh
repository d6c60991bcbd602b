#!/bin/sh
# Prints the weight table to src/vindex/detail/unicode_weights.inc. The module's tables are not public, so a copy of
# it in a temporary folder gets two small files (doors/) that let main.go see them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=v0.21.0
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
go mod init weights >/dev/null 2>&1
go get "golang.org/x/text@$version" >/dev/null 2>&1
cp -r "$(go list -m -f '{{.Dir}}' golang.org/x/text)" text
chmod -R u+w text
cp "$here/doors/collate.go.txt" text/collate/sluice_door.go
cp "$here/doors/colltab.go.txt" text/internal/colltab/sluice_door.go
mkdir text/sluice_weights
cp "$here/main.go" text/sluice_weights/main.go
cd text
go run ./sluice_weights > "$work/out.inc"
cp "$work/out.inc" "$here/../../src/vindex/detail/unicode_weights.inc"
