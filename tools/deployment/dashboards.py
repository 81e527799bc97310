"""Grafana's dashboards, from one description each: rows of panels, which are a title, a unit and queries.

    files = dashboards.files()    # {"k8s/observe/dashboards/mesh.json": "...", ...}

They ask a Prometheus that Grafana knows as its default, with the metrics of docs/kubernetes.md.
"""

import json

COUNT = "request_duration_seconds_count"
BUCKET = "request_duration_seconds_bucket"
RPC = 'kind="rpc_server"'


def p(quantile, metric, labels="", by=""):
    group = ", ".join(["le"] + ([by] if by else []))
    return "histogram_quantile(0.%d, sum by (%s) (rate(%s{%s}[$__rate_interval])))" % (quantile, group, metric, labels)


def or_none(query):
    """For what is counted from the first time on: before that there is none."""
    return query + " or vector(0)"


def rate(metric, labels="", by=""):
    total = "sum by (%s)" % by if by else "sum"
    return "%s (rate(%s{%s}[$__rate_interval]))" % (total, metric, labels)


# Name: (title, whether one service is chosen, [row: [(panel, unit, [(query, legend)])]])
DASHBOARDS = {
    "mesh": ("Mesh", False, [
        ("What people notice", [
            ("Requests a second", "reqps", [(rate(COUNT, RPC, "service"), "{{service}}")]),
            ("Failed, of all", "percentunit", [("service:error_ratio:rate5m", "{{service}}")]),
            ("95 of 100 take up to", "s", [("service:request_duration_seconds:p95", "{{service}}")]),
        ]),
        ("What they run on", [
            ("Replicas", "short", [('sum by (service) (up{job="selfology"})', "{{service}}")]),
            ("Database: calls that wait", "short", [('sum by (service) (postgres_connections{state="waiting"})', "{{service}}")]),
            ("Open circuits", "short", [("max by (target) (circuit_breaker_state)", "{{target}}")]),
        ]),
        ("What they take of what they may", [
            ("Memory", "percentunit", [("max by (service) (process_resident_memory_bytes / (process_memory_limit_bytes > 0))", "{{service}}")]),
            ("CPU", "percentunit",
             [("max by (service) (rate(process_cpu_seconds_total[$__rate_interval]) / (process_cpu_limit_cores > 0))", "{{service}}")]),
            ("Disk", "percentunit", [("max by (service) (1 - state_disk_free_bytes / (state_disk_total_bytes > 0))", "{{service}}")]),
        ]),
        ("Stores", [
            ("PostgreSQL, 95 of 100", "s", [(p(95, BUCKET, 'kind="postgres"', "service"), "{{service}}")]),
            ("Redis, 95 of 100", "s", [(p(95, BUCKET, 'kind="redis"', "service"), "{{service}}")]),
            ("Cache hits, of all", "percentunit",
             [('sum by (cache) (rate(cache_requests_total{result="hit"}[$__rate_interval])) / '
               'sum by (cache) (rate(cache_requests_total[$__rate_interval]))', "{{cache}}")]),
        ]),
    ]),
    "service": ("One service", True, [
        ("Served", [
            ("Requests a second", "reqps", [(rate(COUNT, RPC + ',service="$service"', "operation"), "{{operation}}")]),
            ("Failed a second, by outcome", "reqps",
             [(or_none(rate(COUNT, RPC + ',service="$service",code!="OK"', "operation, code")), "{{operation}} {{code}}")]),
            ("95 of 100 take up to", "s", [(p(95, BUCKET, RPC + ',service="$service"', "operation"), "{{operation}}")]),
        ]),
        ("Asked", [
            ("Peers, 95 of 100", "s", [(p(95, BUCKET, 'kind="rpc_client",service="$service"', "operation"), "{{operation}}")]),
            ("Database, 95 of 100", "s", [(p(95, BUCKET, 'kind="postgres",service="$service"', "operation"), "{{operation}}")]),
            ("Others over HTTP, 95 of 100", "s", [(p(95, BUCKET, 'kind="http_client",service="$service"', "operation"), "{{operation}}")]),
        ]),
        ("Held", [
            ("Events in hand", "short", [('sum by (group) (event_unfinished{service="$service"})', "{{group}}")]),
            ("Database connections", "short", [('sum by (state) (postgres_connections{service="$service"})', "{{state}}")]),
            ("Memory", "bytes", [('process_resident_memory_bytes{service="$service"}', "{{instance}}")]),
            ("CPU, cores", "short", [('rate(process_cpu_seconds_total{service="$service"}[$__rate_interval])', "{{instance}}")]),
            ("Open files and connections", "short", [('process_open_fds{service="$service"}', "{{instance}}")]),
            ("Threads", "short", [('process_threads{service="$service"}', "{{instance}}")]),
        ]),
    ]),
    "events": ("Events", False, [
        ("From the outbox to the streams", [
            ("Published a second", "ops", [(rate("event_outbox_published_total"), "published"),
                                           (rate("event_outbox_republished_total"), "again")]),
            ("Waiting", "short", [("max(event_outbox_pending_count)", "events")]),
            ("From the commit to the stream", "s", [(p(50, "event_outbox_lag_seconds_bucket"), "50 of 100"),
                                                   (p(95, "event_outbox_lag_seconds_bucket"), "95 of 100")]),
            ("Log kept for the relay", "bytes", [("max(event_outbox_retained_wal_bytes)", "bytes")]),
        ]),
        ("Handlers", [
            ("Handled a second", "ops", [(rate(COUNT, 'kind="event_handler"', "operation"), "{{operation}}")]),
            ("95 of 100 take up to", "s", [(p(95, BUCKET, 'kind="event_handler"', "operation"), "{{operation}}")]),
            ("In hand", "short", [("sum by (group) (event_unfinished)", "{{group}}")]),
            ("Given up, in 15 minutes", "short", [("sum by (group) (increase(event_dead_letters_total[15m]))", "{{group}}")]),
            ("Seen again and dropped", "ops", [(rate("event_repeated_total", "", "group"), "{{group}}")]),
            ("Partitions that have a reader", "short", [("sum by (group) (event_partitions_held)", "{{group}}")]),
        ]),
    ]),
    "ai": ("AI: cost and waits", False, [
        ("Cost", [
            ("US dollars an hour, by model", "currencyUSD", [("sum by (model) (rate(ai_cost_usd_total[1h])) * 3600", "{{model}}")]),
            ("US dollars an hour, by task", "currencyUSD", [("sum by (task) (rate(ai_cost_usd_total[1h])) * 3600", "{{task}}")]),
            ("Tokens a second", "short", [(rate("ai_tokens_total", "", "model, direction"), "{{model}} {{direction}}")]),
        ]),
        ("Waits", [
            ("For a place at a model, 95 of 100", "s", [(or_none(p(95, "ai_model_wait_seconds_bucket", "", "model")), "{{model}}")]),
            ("Calls that wait", "short", [(or_none("max by (model) (ai_model_waiting)"), "{{model}}")]),
            ("Instant analyses", "s", [(p(95, "instant_analysis_duration_seconds_bucket"), "95 of 100")]),
            ("Deep analyses", "s", [(p(95, "deep_analysis_duration_seconds_bucket"), "95 of 100")]),
            ("Replies that were not said", "short", [(or_none("sum(increase(coach_replies_refused_total[1h]))"), "refused"),
                                                     (or_none("sum(increase(coach_replies_replaced_total[1h]))"), "replaced")]),
        ]),
    ]),
    "telegram": ("Telegram", False, [
        ("In", [
            ("Updates a second, by outcome", "ops", [(rate("telegram_updates_total", "", "bot, outcome"), "{{bot}} {{outcome}}")]),
            ("Held back", "short", [("max by (bot, state) (telegram_updates_held)", "{{bot}} {{state}}")]),
        ]),
        ("Out", [
            ("Messages a second, by outcome", "ops", [(rate("telegram_messages_total", "", "bot, outcome"), "{{bot}} {{outcome}}")]),
            ("Messages that wait", "short", [("sum by (bot) (telegram_messages_unsent)", "{{bot}}")]),
            ("Changes to messages", "ops", [(rate("telegram_message_changes_total", "", "bot"), "{{bot}}")]),
            ("Telegram's answers, 95 of 100", "s",
             [(p(95, BUCKET, 'kind="http_client",service=~"telegram-gateway|selfology",operation!~".*getUpdates"', "operation"), "{{operation}}")]),
        ]),
    ]),
    "journeys": ("Journeys", False, [
        ("From an answer to the next question", [
            ("Answers a second", "ops", [(rate(COUNT, RPC + ',operation=~".*SubmitAnswer"'), "answers")]),
            ("Answer taken, 95 of 100", "s", [(p(95, BUCKET, RPC + ',operation=~".*SubmitAnswer"'), "SubmitAnswer")]),
            ("Question chosen, 95 of 100", "s", [(p(95, BUCKET, 'kind="event_handler",operation=~"question_selection/.*"', "operation"), "{{operation}}")]),
            ("First word back, 95 of 100", "s", [(p(95, "instant_analysis_duration_seconds_bucket"), "instant analysis")]),
        ]),
        ("With the coach", [
            ("Events handled a second, by handler", "ops", [(rate(COUNT, 'kind="event_handler",operation=~"coach.*"', "operation"), "{{operation}}")]),
            ("Profile grown, 95 of 100", "s", [(p(95, BUCKET, 'kind="event_handler",operation=~"profile_storage/.*"', "operation"), "{{operation}}")]),
        ]),
    ]),
}


def panel(number, title, unit, queries, place):
    return {"id": number, "type": "timeseries", "title": title, "gridPos": place,
            "datasource": {"type": "prometheus", "uid": "${datasource}"},
            "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 8, "showPoints": "never"}}, "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
            "targets": [{"refId": chr(ord("A") + index), "expr": expr.replace("{}", ""), "legendFormat": legend,
                         "datasource": {"type": "prometheus", "uid": "${datasource}"}}
                        for index, (expr, legend) in enumerate(queries)]}


def dashboard(name):
    title, one_service, rows = DASHBOARDS[name]
    panels, number, y = [], 0, 0
    for row, cells in rows:
        number += 1
        panels.append({"id": number, "type": "row", "title": row, "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}})
        y += 1
        for index, (cell, unit, queries) in enumerate(cells):
            number += 1
            place = {"h": 8, "w": 8, "x": 8 * (index % 3), "y": y + 8 * (index // 3)}
            panels.append(panel(number, cell, unit, queries, place))
        y += 8 * ((len(cells) + 2) // 3)
    variables = [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
    if one_service:
        variables.append({"name": "service", "type": "query", "label": "Service", "refresh": 2, "sort": 1,
                          "datasource": {"type": "prometheus", "uid": "${datasource}"},
                          "query": {"query": 'label_values(up{job="selfology"}, service)', "refId": "service"}})
    return {"uid": "selfology-" + name, "title": "Selfology: " + title, "tags": ["selfology"], "schemaVersion": 39, "version": 1,
            "editable": False, "timezone": "browser", "refresh": "30s", "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": variables}, "annotations": {"list": []}, "panels": panels}


def files():
    return {"k8s/observe/dashboards/%s.json" % name: json.dumps(dashboard(name), indent=2, ensure_ascii=False) + "\n"
            for name in DASHBOARDS}
