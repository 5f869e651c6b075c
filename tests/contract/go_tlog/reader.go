// Command reader checks a log folder with the code of Go's checksum database: golang.org/x/mod/sumdb/note and tlog.
//
//	reader FOLDER VKEY INDEX OLDSIZE
//
// prints the checkpoint's size and root, the hash of entry INDEX proved to be in it, and the root of the first
// OLDSIZE entries proved to be its beginning.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder reads tiles as they lie on the disk; tlog's own names begin with the tiles' height, which C2SP leaves out.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) (all [][]byte, err error) {
	for _, tile := range tiles {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("REFUSED:", err)
		os.Exit(3)
	}
	return value
}

func main() {
	verifiers := note.VerifierList(must(note.NewVerifier(os.Args[2])))
	signed := must(note.Open(must(os.ReadFile(filepath.Join(os.Args[1], "checkpoint"))), verifiers))
	lines := strings.Split(signed.Text, "\n")
	size := must(strconv.ParseInt(lines[1], 10, 64))
	root := must(tlog.ParseHash(lines[2]))
	index, old := must(strconv.ParseInt(os.Args[3], 10, 64)), must(strconv.ParseInt(os.Args[4], 10, 64))
	hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, folder(os.Args[1]))
	bundle := tlog.Tile{H: 8, L: -1, N: index / 256, W: int(min(256, size-index/256*256))}
	name := "tile/" + strings.Replace(strings.TrimPrefix(bundle.Path(), "tile/8/"), "data/", "entries/", 1)
	entry := must(os.ReadFile(filepath.Join(os.Args[1], name)))[index%256*34+2:][:32]
	must(0, tlog.CheckRecord(must(tlog.ProveRecord(size, index, hashes)), size, root, index, tlog.RecordHash(entry)))
	before := must(tlog.TreeHash(old, hashes))
	must(0, tlog.CheckTree(must(tlog.ProveTree(size, old, hashes)), size, root, old, before))
	fmt.Println(size, root, base64.StdEncoding.EncodeToString(entry), before)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
