package load

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is how long something took, in microseconds.
type Latency struct {
	P50  float64 `json:"p50_us"`
	P90  float64 `json:"p90_us"`
	P99  float64 `json:"p99_us"`
	P999 float64 `json:"p999_us"`
	Max  float64 `json:"max_us"`
	N    int64   `json:"n"`
}

// Result is what was measured.
type Result struct {
	Protocol   string  `json:"protocol"`
	Size       int     `json:"size_bytes"`
	Devices    int     `json:"devices"`
	GOMAXPROCS int     `json:"gomaxprocs"`
	Cores      int     `json:"cores"`
	Rate       float64 `json:"rate_per_s"` // asked for; 0 is saturation
	Seconds    float64 `json:"seconds"`

	Events        uint64  `json:"events"`
	Throughput    float64 `json:"throughput_per_s"` // events of the switch that the slowest T-Server took
	Latency       Latency `json:"latency"`          // of all T-Servers, from the time an event was to be sent
	CPUPerMillion float64 `json:"cpu_s_per_million"`
	Resident      int64   `json:"resident_bytes"`
	Peak          int64   `json:"peak_bytes"`
	Lost          uint64  `json:"lost"`
	Wrong         uint64  `json:"wrong"` // changed, doubled or out of order

	Asked    uint64   `json:"asked_at_switch"` // by the proxy: a T-Server that returns costs the switch nothing
	Requests *Latency `json:"requests,omitempty"`
	Refused  uint64   `json:"refused,omitempty"`
	// Unanswered are requests without an answer.
	Unanswered int             `json:"unanswered,omitempty"`
	TServers   []TServerResult `json:"tservers"`
	// JoinsUnchecked says that what a T-Server that joins is given was not checked: the proxy may have given up the
	// oldest of the calls that are under way, as they are more than its journal has room for.
	JoinsUnchecked bool `json:"joins_unchecked,omitempty"`

	histogram *hdrhistogram.Histogram
}

// TServerResult is what one T-Server measured.
type TServerResult struct {
	Name    string    `json:"name"`
	Events  uint64    `json:"events"`
	Latency Latency   `json:"latency"`
	Lost    uint64    `json:"lost"`
	Wrong   uint64    `json:"wrong"`
	Legs    int       `json:"legs_ended"`
	Joins   []float64 `json:"joins_s,omitempty"` // from the connect until it was in step
	// DuringJoins is the latency while another joined.
	DuringJoins *Latency `json:"latency_during_joins,omitempty"`
	// JoinBytes are what it was given meanwhile.
	JoinBytes []int64 `json:"join_bytes,omitempty"`
}

// latencyOf reads a histogram of nanoseconds.
func latencyOf(h *hdrhistogram.Histogram) Latency {
	us := func(ns int64) float64 { return float64(ns) / 1e3 }
	return Latency{
		P50: us(h.ValueAtQuantile(50)), P90: us(h.ValueAtQuantile(90)), P99: us(h.ValueAtQuantile(99)),
		P999: us(h.ValueAtQuantile(99.9)), Max: us(h.Max()), N: h.TotalCount(),
	}
}

// result reads what the T-Servers measured.
func (r *run) result(w *window) *Result {
	o := &r.opts
	result := &Result{
		Protocol: o.Protocol.String(), Size: r.x.events.size(), Devices: o.Devices, GOMAXPROCS: o.GOMAXPROCS,
		Cores: runtime.NumCPU(), Rate: o.Rate, Seconds: w.took.Seconds(), Events: w.told, Asked: w.asked,
		CPUPerMillion: (w.after.CPU - w.before.CPU).Seconds() / max(float64(w.told), 1) * 1e6,
		Resident:      w.after.Resident, Peak: w.after.Peak, JoinsUnchecked: !r.x.events.kept,
	}
	sent := r.x.sent.Load()
	for i, t := range r.takers {
		result.Unanswered += t.unanswered()
		t.mu.Lock()
		of := TServerResult{
			Name: t.name, Events: w.got[i], Latency: latencyOf(t.latency), Legs: t.cuts, Lost: t.lost, Wrong: t.wrong,
		}
		if n := t.next.Load(); t.inStep.Load() && n < sent {
			of.Lost += sent - n
		}
		for _, join := range t.joins {
			of.Joins, of.JoinBytes = append(of.Joins, join.took.Seconds()), append(of.JoinBytes, join.bytes)
		}
		if t.beside != nil {
			during := latencyOf(t.disturbed)
			of.DuringJoins = &during
		}
		result.Refused += t.failures
		t.mu.Unlock()
		result.Lost, result.Wrong = result.Lost+of.Lost, result.Wrong+of.Wrong
		result.TServers = append(result.TServers, of)
	}
	result.Throughput = float64(slices.Min(append(w.got, w.told))) / w.took.Seconds()
	result.histogram = merged(r.takers)
	result.Latency = latencyOf(result.histogram)
	if o.Requests > 0 {
		r.takers[0].mu.Lock()
		requests := latencyOf(r.takers[0].answers)
		r.takers[0].mu.Unlock()
		result.Requests = &requests
	}
	return result
}

// Text writes a result for people.
func (r *Result) Text(w io.Writer) {
	rate := "saturation"
	if r.Rate > 0 {
		rate = fmt.Sprintf("%.0f/s", r.Rate)
	}
	fmt.Fprintf(w, "%s, events of %d bytes, %s, %d T-Servers, %d devices, GOMAXPROCS %s, %d cores, %.1f s\n",
		r.Protocol, r.Size, rate, len(r.TServers), r.Devices, orDefault(r.GOMAXPROCS), r.Cores, r.Seconds)
	fmt.Fprintf(w, "throughput   %10.0f events/s to each T-Server\n", r.Throughput)
	line := func(name string, l *Latency) {
		fmt.Fprintf(w, "%-12s p50 %8.0f  p90 %8.0f  p99 %8.0f  p99.9 %8.0f  max %8.0f µs  (%d)\n", name, l.P50, l.P90,
			l.P99, l.P999, l.Max, l.N)
	}
	line("latency", &r.Latency)
	for i := range r.TServers {
		t := &r.TServers[i]
		line("  "+t.Name, &t.Latency)
		if t.Legs > 0 {
			fmt.Fprintf(w, "             left %d times, in step again after %.3f s\n", t.Legs, t.Joins)
			if r.JoinsUnchecked {
				fmt.Fprintln(w, "             what it was given is not checked: the journal has no room for all calls under way")
			}
		}
	}
	if r.Requests != nil {
		line("requests", r.Requests)
		fmt.Fprintf(w, "             %d refused, %d not answered\n", r.Refused, r.Unanswered)
	}
	fmt.Fprintf(w, "switch       %10d requests, heartbeats and those of --requests apart\n", r.Asked)
	fmt.Fprintf(w, "processor    %10.2f s for a million events\n", r.CPUPerMillion)
	fmt.Fprintf(w, "memory       %10.1f MiB, at most %.1f while it was measured\n", float64(r.Resident)/(1<<20),
		float64(r.Peak)/(1<<20))
	fmt.Fprintf(w, "lost         %10d, changed or out of order %d\n", r.Lost, r.Wrong)
}

func orDefault(n int) string {
	if n == 0 {
		return "default"
	}
	return fmt.Sprint(n)
}

// JSON writes a result for programs.
func (r *Result) JSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// HGRM writes the distribution of the latency as HdrHistogram's tools read it, in microseconds.
func (r *Result) HGRM(w io.Writer) error {
	_, err := r.histogram.PercentilesPrint(w, 5, 1e3)
	return err
}
