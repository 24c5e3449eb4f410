"""Asks a server everything that prometheus-api-client can ask of one, and prints the answers as one JSON object.

Arguments: the server's URL, GET or POST, then start and end of the known samples in seconds since 1970.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from prometheus_api_client import (
    MetricRangeDataFrame,
    MetricsList,
    MetricSnapshotDataFrame,
    PrometheusApiClientException,
    PrometheusConnect,
)

JOB = {"job": "known"}
SELECTOR = '{job="known"}'


def error_of(call) -> str:
    try:
        call()
    except PrometheusApiClientException as error:
        return str(error)
    return ""


def main(url: str, method: str, start_text: str, end_text: str) -> None:
    client = PrometheusConnect(url=url, method=method, timeout=30)
    start = datetime.fromtimestamp(int(start_text), timezone.utc)
    end = datetime.fromtimestamp(int(end_text), timezone.utc)
    at_end = {"time": end_text}
    within = {"match[]": SELECTOR, "start": start_text, "end": end_text}
    # A window excludes its start: the first sample lies at it.
    ranged = client.get_metric_range_data(
        "temperature_celsius", JOB, start_time=start - timedelta(seconds=1), end_time=end
    )
    frame = MetricRangeDataFrame(ranged, ts_as_datetime=False)
    snapshot = MetricSnapshotDataFrame(
        client.get_current_metric_value("requests_total", JOB, params=at_end)
    )
    chunks = client.get_metric_range_data(
        "requests_total",
        {"code": "200"},
        start_time=start,
        end_time=end,
        chunk_size=timedelta(minutes=5),
    )
    answers = {
        "connected": client.check_prometheus_connection(),
        "all": client.all_metrics(params=within),
        "labelNames": client.get_label_names(params=within),
        "labelValues": client.get_label_values("instance", params=within),
        "series": client.get_series(start, end, params={"match[]": SELECTOR}),
        "current": client.get_current_metric_value("requests_total", JOB, params=at_end),
        "query": client.custom_query(SELECTOR, params=at_end),
        "raw": client.custom_query(SELECTOR + "[1h]", params=at_end),
        "queryRange": client.custom_query_range(SELECTOR, start, end, "30"),
        "ranged": ranged,
        "chunks": chunks,
        "merged": [len(metric.metric_values) for metric in MetricsList(chunks)],
        "frame": [frame.index.tolist(), frame["value"].tolist()],
        "snapshot": snapshot[["code", "value"]].values.tolist(),
        "aggregation": client.get_metric_aggregation(
            "temperature_celsius", ["max", "average"], start, end, "30"
        ),
        "scrapePools": client.get_scrape_pools(),
        "targets": client.get_targets(state="active"),
        "targetMetadata": client.get_target_metadata({"job": "node"}),
        "metadata": client.get_metric_metadata("requests_total"),
        "wrong": error_of(lambda: client.custom_query("sum(")),
    }
    json.dump(answers, sys.stdout)


main(*sys.argv[1:])
