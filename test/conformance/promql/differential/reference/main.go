// Answers queries with Prometheus' own engine: one JSON request a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
)

type request struct {
	Load    string `json:"load"`
	Query   string `json:"query"`
	Start   int64  `json:"startMs"`
	End     int64  `json:"endMs"`
	Step    int64  `json:"stepMs"`
	Delayed bool   `json:"delayedNameRemoval"`
}

type series struct {
	Labels map[string]string `json:"labels"`
	Points [][2]string       `json:"points"`
}

type answer struct {
	Error  string   `json:"error,omitempty"`
	Series []series `json:"series"`
}

func newEngine(delayed bool) *promql.Engine {
	options := parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true}
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples:               50_000_000,
		Timeout:                  time.Minute,
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		EnableDelayedNameRemoval: delayed,
		NoStepSubqueryIntervalFn: func(int64) int64 { return 60_000 },
		Parser:                   parser.NewParser(options),
	})
}

func format(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

func stamp(timeMs int64) string { return strconv.FormatInt(timeMs, 10) }

// text writes a histogram. A few that PromQL makes cannot be written: custom buckets with a zero count make it panic.
func text(h *histogram.FloatHistogram) (result string) {
	defer func() {
		if recover() != nil {
			result = "unprintable"
		}
	}()
	return h.String()
}

func convert(value parser.Value) []series {
	result := []series{}
	switch v := value.(type) {
	case promql.Scalar:
		result = append(result, series{map[string]string{}, [][2]string{{stamp(v.T), format(v.V)}}})
	case promql.Vector:
		for _, s := range v {
			point := [2]string{stamp(s.T), format(s.F)}
			if s.H != nil {
				point[1] = text(s.H)
			}
			result = append(result, series{labelMap(s.Metric), [][2]string{point}})
		}
	case promql.Matrix:
		for _, s := range v {
			one := series{Labels: labelMap(s.Metric)}
			for _, p := range s.Floats {
				one.Points = append(one.Points, [2]string{stamp(p.T), format(p.F)})
			}
			for _, p := range s.Histograms {
				one.Points = append(one.Points, [2]string{stamp(p.T), text(p.H)})
			}
			result = append(result, one)
		}
	}
	return result
}

func labelMap(metric labels.Labels) map[string]string { return metric.Map() }

func ask(engine *promql.Engine, queryable storage.Queryable, r request) answer {
	var query promql.Query
	var err error
	at := time.UnixMilli(r.Start)
	if r.Step == 0 {
		query, err = engine.NewInstantQuery(context.Background(), queryable, nil, r.Query, at)
	} else {
		step := time.Duration(r.Step) * time.Millisecond
		query, err = engine.NewRangeQuery(context.Background(), queryable, nil, r.Query, at, time.UnixMilli(r.End), step)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer query.Close()
	result := query.Exec(context.Background())
	if result.Err != nil {
		return answer{Error: result.Err.Error()}
	}
	return answer{Series: convert(result.Value)}
}

// fixture stands in for a running test, which the test storage wants.
type fixture struct{ testing.TB }

func (fixture) Helper()                   {}
func (fixture) Cleanup(func())            {}
func (fixture) Name() string              { return "reference" }
func (fixture) Failed() bool              { return false }
func (fixture) Logf(string, ...any)       {}
func (fixture) FailNow()                  { panic("failed") }
func (fixture) Errorf(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...) }
func (fixture) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (fixture) Context() context.Context  { return context.Background() }
func (fixture) TempDir() string {
	folder, err := os.MkdirTemp("", "promql-reference")
	if err != nil {
		panic(err)
	}
	folders = append(folders, folder)
	return folder
}

var folders []string

func main() {
	testing.Init()
	engines := map[bool]*promql.Engine{false: newEngine(false), true: newEngine(true)}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	loaded := ""
	loadedStorage := promqltest.LoadedStorage(fixture{}, loaded)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			panic(err)
		}
		if r.Load != loaded {
			loaded = r.Load
			loadedStorage.Close()
			loadedStorage = promqltest.LoadedStorage(fixture{}, loaded)
		}
		if err := out.Encode(ask(engines[r.Delayed], loadedStorage, r)); err != nil {
			panic(err)
		}
	}
	loadedStorage.Close()
	for _, folder := range folders {
		os.RemoveAll(folder)
	}
}
