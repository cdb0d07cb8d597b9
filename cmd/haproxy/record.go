package main

import (
	"time"

	"haproxy/fanout/pcapng"
	"haproxy/fanout/record"
)

// processBegan tells this process from others that write into the same directory, before or after it: what one of them
// knew of the link's state the next one does not.
var processBegan = time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")

// recordConfig translates what a link records.
func recordConfig(l *Link) record.Config {
	about := versionText() + ", begun " + processBegan + ", link " + l.Name
	cfg := record.Config{
		Dir: l.Record, Link: l.Name, FileBytes: l.RecordSize, Files: l.RecordFiles,
		Comment: pcapng.Speaking(about, l.Protocol, l.Framing),
	}
	for i := range l.TServers {
		cfg.TServers = append(cfg.TServers, l.TServers[i].Name)
	}
	return cfg
}

// recordMetrics are what a record tells of itself.
func recordMetrics(s record.Stats) []Metric {
	counter := func(name, help string, value uint64) Metric {
		return Metric{Name: name, Help: help, Kind: Counter, Value: float64(value)}
	}
	return []Metric{
		counter("record_bytes_total", "Bytes written to the files of the record.", s.Written),
		counter("record_lost_bytes_total",
			"Bytes of legs that the record lacks, since the disk was too slow or could not be written.", s.Lost),
		counter("record_failures_total", "Files of the record that could not be written.", s.Failed),
	}
}
