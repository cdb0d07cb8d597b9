package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// fakeLink is a link whose state the test sets.
type fakeLink struct {
	name     string
	snapshot LinkSnapshot
	err      error
	stuck    chan struct{} // if set, the link answers once it is closed, and honours no context
}

func (l *fakeLink) Name() string { return l.name }

func (l *fakeLink) Snapshot(context.Context) (LinkSnapshot, error) {
	if l.stuck != nil {
		<-l.stuck
	}
	return l.snapshot, l.err
}

func get(t *testing.T, handler http.Handler, path string) (code int, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	text, err := io.ReadAll(recorder.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, string(text)
}

func TestHealthAndReadiness(t *testing.T) {
	up := &fakeLink{name: "east", snapshot: LinkSnapshot{Normal: true, State: "normal"}}
	down := &fakeLink{name: "west", snapshot: LinkSnapshot{State: "dialling 192.0.2.10:1040"}}
	gone := &fakeLink{name: "north", err: errors.New("its loop has ended")}
	for _, c := range []struct {
		path  string
		links []linkSource
		code  int
		body  string
	}{
		{"/healthz", []linkSource{up, down}, 200, "ok\n"},
		{"/readyz", []linkSource{up}, 200, "ok\n"},
		{
			"/readyz",
			[]linkSource{up, down, gone},
			503,
			"link west: dialling 192.0.2.10:1040\nlink north: its loop has ended\n",
		},
		{"/healthz", []linkSource{up, gone}, 503, "link north: its loop has ended\n"},
		{"/other", nil, 404, "404 page not found\n"},
	} {
		code, body := get(t, adminHandler(newProbes(c.links), zerolog.Nop()), c.path)
		if code != c.code || body != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.path, code, body, c.code, c.body)
		}
	}
}

func TestStuckLoopHangsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := &fakeLink{name: "pbx", stuck: make(chan struct{}), snapshot: LinkSnapshot{Normal: true}}
		handler := adminHandler(newProbes([]linkSource{link}), zerolog.Nop())
		for range 3 {
			began := time.Now()
			code, body := get(t, handler, "/healthz")
			if code != 503 || body != "link pbx: its loop does not answer\n" || time.Since(began) > askTime {
				t.Errorf("%d %q after %v", code, body, time.Since(began))
			}
		}
		if _, body := get(t, handler, "/metrics"); !strings.Contains(body, "haproxy_link_answers{link=\"pbx\"} 0\n") {
			t.Errorf("metrics of a stuck link:\n%s", body)
		}
		close(link.stuck)
		synctest.Wait()
		if code, body := get(t, handler, "/readyz"); code != 200 {
			t.Errorf("once it answers: %d %q", code, body)
		}
	})
}

func TestMetrics(t *testing.T) {
	link := &fakeLink{name: "pbx", snapshot: LinkSnapshot{Metrics: []Metric{
		{"requests_total", "Requests sent to the switch.", Counter, []Label{{"tserver", "primary"}}, 7},
		{"requests_total", "Requests sent to the switch.", Counter, []Label{{"tserver", "backup"}}, 8},
		{"journal_bytes", "Memory of the journal.", Gauge, nil, 4096},
	}}}
	code, body := get(t, adminHandler(newProbes([]linkSource{link}), zerolog.Nop()), "/metrics")
	for _, want := range []string{
		"# TYPE haproxy_requests_total counter\n",
		"haproxy_requests_total{link=\"pbx\",tserver=\"primary\"} 7\n",
		"haproxy_requests_total{link=\"pbx\",tserver=\"backup\"} 8\n",
		"# HELP haproxy_journal_bytes Memory of the journal.\n# TYPE haproxy_journal_bytes gauge\n",
		"haproxy_journal_bytes{link=\"pbx\"} 4096\n",
		"haproxy_link_answers{link=\"pbx\"} 1\n",
		"go_goroutines ",
		"process_resident_memory_bytes ",
	} {
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("%d, no %q in\n%s", code, want, body)
		}
	}
}

func TestOneBadMetricLeavesTheOthers(t *testing.T) {
	link := &fakeLink{name: "pbx", snapshot: LinkSnapshot{Metrics: []Metric{
		{"twice", "x", Gauge, nil, 1},
		{"twice", "x", Gauge, nil, 2},
		{"label", "x", Gauge, []Label{{"a", "\xff"}}, 1},
		{"good", "x", Gauge, nil, 3},
	}}}
	code, body := get(t, adminHandler(newProbes([]linkSource{link}), zerolog.Nop()), "/metrics")
	if code != 200 || !strings.Contains(body, "haproxy_good{link=\"pbx\"} 3\n") {
		t.Errorf("%d\n%s", code, body)
	}
}
