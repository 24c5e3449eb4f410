// Command go-client asks a server everything that Prometheus' own Go client can ask of one, and prints the answers, or
// the client's errors, as one JSON object.
//
// Arguments: the server's URL, then start and end of the known samples in seconds since 1970, then a token.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

const (
	selector = `{job="known"}`
	timeout  = 30 * time.Second
)

// answers are what calls answered, by a name of the call.
type answers map[string]any

// told is an answer with what the server remarked on it.
type told struct {
	Data     any         `json:"data"`
	Warnings v1.Warnings `json:"warnings"`
	Infos    v1.Infos    `json:"infos"`
}

// add records what a call answers, or how it fails.
func (a answers) add(name string) func(any, error) {
	return func(answer any, err error) {
		if err != nil {
			answer = failure(err)
		}
		a[name] = answer
	}
}

// failure is an error in the client's words, and in the server's where the client keeps them apart.
func failure(err error) map[string]string {
	var told *v1.Error
	if errors.As(err, &told) && told.Detail != "" {
		return map[string]string{"error": err.Error(), "detail": told.Detail}
	}
	return map[string]string{"error": err.Error()}
}

// tell does the same for calls whose answers come with remarks.
func (a answers) tell(name string) func(any, v1.Warnings, v1.Infos, error) {
	return func(answer any, warnings v1.Warnings, infos v1.Infos, err error) {
		a.add(name)(told{answer, warnings, infos}, err)
	}
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: go-client <url> <start> <end> <token>")
	}
	start, end := seconds(os.Args[2]), seconds(os.Args[3])
	client, err := api.NewClient(api.Config{Address: os.Args[1], RoundTripper: bearer(os.Args[4])})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	all := answers{}
	askData(ctx, v1.NewAPI(client), all, start, end)
	askServer(ctx, v1.NewAPI(client), all)
	change(ctx, v1.NewAPI(client), all, start, end)
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		log.Fatal(err)
	}
}

// bearer is a token that goes with every request.
type bearer string

func (token bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(token))
	return api.DefaultRoundTripper.RoundTrip(request)
}

func seconds(text string) time.Time {
	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		log.Fatalf("not a time in seconds: %v", err)
	}
	return time.Unix(parsed, 0)
}

func askData(ctx context.Context, server v1.API, all answers, start, end time.Time) {
	all.tell("query")(server.Query(ctx, selector, end))
	all.tell("raw")(server.Query(ctx, selector+"[1h]", end))
	all.tell("scalar")(server.Query(ctx, "scalar(vector(1.5))", end))
	all.tell("remarked")(server.Query(ctx, `rate(temperature_celsius{job="known"}[5m])`, end))
	all.tell("limited")(server.Query(ctx, selector, end, v1.WithLimit(1)))
	all.tell("wrong")(server.Query(ctx, "sum(", end))
	all.tell("queryRange")(server.QueryRange(ctx, "sum by (job) (requests_total"+selector+")",
		v1.Range{Start: start, End: end, Step: time.Minute},
		v1.WithTimeout(timeout), v1.WithLookbackDelta(time.Minute)))
	all.add("queryExemplars")(server.QueryExemplars(ctx, selector, start, end))
	all.add("formatQuery")(server.FormatQuery(ctx, "sum   by(a)(rate(b [5m]))"))

	matches := []string{selector}
	all.tell("series")(server.Series(ctx, matches, start, end))
	all.tell("labelNames")(server.LabelNames(ctx, matches, start, end))
	all.tell("labelValues")(server.LabelValues(ctx, "instance", matches, start, end))
	all.add("metadata")(server.Metadata(ctx, "requests_total", "1"))
}

func askServer(ctx context.Context, server v1.API, all answers) {
	all.add("rules")(server.Rules(ctx, nil))
	all.add("alerts")(server.Alerts(ctx))
	all.add("alertManagers")(server.AlertManagers(ctx))
	all.add("targets")(server.Targets(ctx))
	all.add("targetsMetadata")(server.TargetsMetadata(ctx, "", "", "1"))
	all.add("buildinfo")(server.Buildinfo(ctx))
	all.add("config")(server.Config(ctx))
	all.add("flags")(server.Flags(ctx))
	all.add("runtimeinfo")(server.Runtimeinfo(ctx))
	all.add("tsdb")(server.TSDB(ctx))
	all.add("tsdbBlocks")(server.TSDBBlocks(ctx))
	all.add("walReplay")(server.WalReplay(ctx))
	// Not offered: the client must say so clearly.
	all.add("snapshot")(server.Snapshot(ctx, true))
}

// change deletes what the other calls have asked for: it comes last.
func change(ctx context.Context, server v1.API, all answers, start, end time.Time) {
	half := start.Add(end.Sub(start) / 2)
	all.add("deleteSeries")("deleted", server.DeleteSeries(ctx, []string{`requests_total{code="500"}`}, half, end))
	all.add("cleanTombstones")("cleaned", server.CleanTombstones(ctx))
	all.tell("left")(server.Query(ctx, `max_over_time(requests_total{job="known"}[1h])`, end))
}
