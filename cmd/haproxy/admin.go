package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"haproxy/fanout"
)

const (
	// askTime is how long a link may take to answer. Its loop answers between two reads, so that
	// one that takes longer is stuck.
	askTime = 2 * time.Second
	// closeTime is how long open HTTP requests may still take at the end.
	closeTime = 3 * time.Second
)

// An adminServer serves health, readiness and metrics.
type adminServer struct {
	listener net.Listener
	log      zerolog.Logger
	http     *http.Server
}

// openAdmin takes the address. Who connects before serve waits.
func openAdmin(ctx context.Context, address string, log zerolog.Logger) (*adminServer, error) {
	listener, err := fanout.Listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("[admin] listen: cannot listen on %s for health and metrics: %w", address, err)
	}
	return &adminServer{
		listener: listener,
		log:      log,
		http: &http.Server{
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      30 * time.Second,
			IdleTimeout:       time.Minute,
			MaxHeaderBytes:    16 << 10,
			ErrorLog:          newHTTPLog(log),
		},
	}, nil
}

// serve answers for the links until ctx ends.
func (a *adminServer) serve(ctx context.Context, links []linkSource) error {
	a.http.Handler = adminHandler(newProbes(links), a.log)
	failed := make(chan error, 1)
	go func() { failed <- a.http.Serve(a.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("admin server: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err := a.http.Shutdown(grace); err != nil {
		_ = a.http.Close() // a reader that stands still does not hold up the end
	}
	return nil
}

func adminHandler(probes []*probe, log zerolog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		tell(w, askAll(r.Context(), probes), func(a answer) string {
			if a.err != nil {
				return a.err.Error()
			}
			return ""
		})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		tell(w, askAll(r.Context(), probes), func(a answer) string {
			switch {
			case a.err != nil:
				return a.err.Error()
			case !a.snapshot.Normal:
				return a.snapshot.State
			}
			return ""
		})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(newRegistry(probes), promhttp.HandlerOpts{
		ErrorLog:            &metricsLog{log},
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
	}))
	return mux
}

// tell writes ok, or 503 with a line for each link that something is wrong with.
func tell(w http.ResponseWriter, answers []answer, wrong func(answer) string) {
	var lines strings.Builder
	for _, a := range answers {
		if reason := wrong(a); reason != "" {
			fmt.Fprintf(&lines, "link %s: %s\n", a.link, reason)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if lines.Len() > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, lines.String())
		return
	}
	fmt.Fprintln(w, "ok")
}
