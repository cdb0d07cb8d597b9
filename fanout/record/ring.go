package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"haproxy/fanout/pcapng"
)

// ring is the files of a record, the oldest of which makes room for the next.
type ring struct {
	cfg    *Config
	file   *os.File
	writer *pcapng.Writer
	before int64 // bytes of the files before
	number int   // of the last file, over all runs
	kept   int64 // bytes of the file that are in it for certain, as its writer counts them
	whole  int64 // its length with these, whole blocks
}

func newRing(cfg *Config) *ring { return &ring{cfg: cfg} }

// The name of a file is the link's, a number that counts on over all runs, so that names sort by age whatever
// the clock does, and the time.
const (
	suffix      = ".pcapng"
	numberWidth = 8
	stampLayout = "20060102T150405Z"
)

// next closes the file and begins another, once the oldest has made room.
func (r *ring) next(at time.Time) error {
	if err := r.close(); err != nil {
		return err
	}
	if err := os.MkdirAll(r.cfg.Dir, 0o750); err != nil { // it may have been removed meanwhile
		return err
	}
	if err := r.prune(r.cfg.Files - 1); err != nil {
		return err
	}
	r.number++
	name := fmt.Sprintf("%s-%0*d-%s%s", r.cfg.Link, numberWidth, r.number, at.UTC().Format(stampLayout), suffix)
	file, err := os.OpenFile(filepath.Join(r.cfg.Dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	r.file, r.kept, r.whole = file, 0, 0
	names := append([]string{LinkName}, r.cfg.TServers...)
	for _, name := range slices.Clone(names) {
		names = append(names, pcapng.StandingOf(name))
	}
	r.writer, err = pcapng.NewWriter(file, r.cfg.Comment, names...)
	return err
}

// prune removes the oldest files of the link but so many.
func (r *ring) prune(keep int) error {
	entries, err := os.ReadDir(r.cfg.Dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if number, ours := r.numberOf(e.Name()); ours {
			names = append(names, e.Name())
			r.number = max(r.number, number)
		}
	}
	slices.Sort(names)
	var failed error
	for len(names) > keep {
		failed = errors.Join(failed, os.Remove(filepath.Join(r.cfg.Dir, names[0])))
		names = names[1:]
	}
	return failed
}

// numberOf returns the number of a file of ours: another link's name may begin as ours.
func (r *ring) numberOf(name string) (number int, ours bool) {
	rest, ours := strings.CutPrefix(name, r.cfg.Link+"-")
	digits, rest, found := strings.Cut(rest, "-")
	stamp, ends := strings.CutSuffix(rest, suffix)
	if !ours || !found || !ends || len(digits) < numberWidth {
		return 0, false
	}
	number, err := strconv.Atoi(digits)
	_, timeErr := time.Parse(stampLayout, stamp)
	return number, err == nil && timeErr == nil && number > 0
}

// bytes returns the length of the file, about.
func (r *ring) bytes() int64 {
	if r.writer == nil {
		return 0
	}
	return r.writer.Written()
}

// written returns the bytes of all files so far, about.
func (r *ring) written() int64 { return r.before + r.bytes() }

func (r *ring) flush() error {
	if r.writer == nil {
		return nil
	}
	err := r.writer.Flush()
	if err == nil {
		r.kept = r.bytes()
		r.whole, err = r.file.Seek(0, io.SeekCurrent)
	}
	return err
}

// gone reports whether the file has been removed, or put elsewhere.
func (r *ring) gone() bool {
	if r.file == nil {
		return false
	}
	of, err := r.file.Stat()
	if err != nil {
		return false // what is written to it will fail
	}
	inPlace, err := os.Stat(r.file.Name())
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(of, inPlace)
}

// abandon ends a file that could not be written to: without the half of a block that may be at its end, so that what it
// has can be read. It returns how many bytes that costs.
func (r *ring) abandon() (lost int64) {
	if r.file == nil {
		return 0
	}
	r.before += r.kept
	lost = r.bytes() - r.kept
	_ = r.file.Truncate(r.whole) // it failed already
	_ = r.file.Close()
	if r.whole == 0 {
		_ = os.Remove(r.file.Name()) // a file without a byte is no capture
	}
	r.file, r.writer = nil, nil
	return lost
}

// close ends the file, if there is one. One that cannot be written to its end is left to abandon.
func (r *ring) close() error {
	if err := r.flush(); err != nil || r.file == nil {
		return err
	}
	r.before += r.bytes()
	err := r.file.Close()
	r.file, r.writer = nil, nil
	return err
}
