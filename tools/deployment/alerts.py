"""What wakes somebody up, or should be looked at: the alerts, their recording rules, and a test of each at 110 and at 90 percent.

    files = alerts.files()    # {"k8s/observe/alerts.yaml": "...", "k8s/observe/alerts_test.yaml": "..."}

An alert is about what people notice, with a runbook page (docs/runbooks/<name>.md). Each has a threshold and says, for the
test, which series look like a multiple of it.
"""

import dataclasses
import json

import manifests
import yaml_text

MINUTE, HOUR = 60, 3600  # Seconds.
STEP = 15                # Seconds between scrapes.
OBJECTIVE = 0.999        # Of requests are answered, in 30 days.
# The server's fault, as the contracts' errors have it.
FAULTS = "UNAVAILABLE|INTERNAL|UNKNOWN|DATA_LOSS|DEADLINE_EXCEEDED"


@dataclasses.dataclass
class Alert:
    """One alert. In expr and summary, %T is the threshold."""
    name: str
    severity: str      # critical, warning, info
    threshold: float
    expr: str
    summary: str
    series: object     # (factor, number of samples) to [(series, values)], in promtool's notation.
    hold: int = 0      # Seconds that it must last.
    timed: bool = False  # The threshold is `hold`: how long, not how much.


def number(value):
    return "%.6g" % value


def gauge(name, threshold):
    """A series that is a multiple of a threshold."""
    return lambda factor, count: [(name, "%s+0x%d" % (number(threshold * factor), count))]


def counter(name, per_second):
    return lambda factor, count: [(name, "0+%sx%d" % (number(per_second * factor * STEP), count))]


def labelled(labels, **more):
    return "{%s}" % ",".join('%s="%s"' % entry for entry in {**labels, **more}.items())


def part_of(used, limit, threshold, whole=1e8):
    """Two series of one process of which one is a multiple of a threshold of the other."""
    return lambda factor, count: [(used + PROCESS, "%s+0x%d" % (number(threshold * factor * whole), count)),
                                  (limit + PROCESS, "%s+0x%d" % (number(whole), count))]


def latency(name, threshold, labels, quantile=0.95):
    """A histogram whose quantile is a multiple of a threshold."""
    def series(factor, count):
        bound = number(threshold * factor)
        below = labelled(labels, le=bound)
        return [(name + "_bucket" + below, "0+%sx%d" % (number(1000 * quantile), count)),
                (name + "_bucket" + labelled(labels, le="+Inf"), "0+1000x%d" % count)]
    return series


def share(name, threshold, bad, good):
    """Counters of which one is a multiple of a share of both together."""
    def series(factor, count):
        part = threshold * factor * 10000
        return [(name + labelled(bad), "0+%sx%d" % (number(part), count)),
                (name + labelled(good), "0+%sx%d" % (number(10000 - part), count))]
    return series


def lasting(name, value, otherwise):
    """A series that has a value for a multiple of the time that an alert waits, and then another."""
    def series(factor, count, hold):
        times = round(hold * factor)
        return [(name, "%s+0x%d %s+0x%d" % (value, times, otherwise, count))]
    return series


def surge(name, per_second, times):
    """A counter that grows as ever, and for the last 20 minutes by a multiple of so many times as fast."""
    def series(factor, count):
        usual, before = per_second * STEP, count - 20 * MINUTE // STEP
        return [(name, "0+%sx%d %s+%sx%d" % (number(usual), before, number(usual * before), number(usual * times * factor), count - before))]
    return series


SERVED = {"job": "selfology", "service": "session", "kind": "rpc_server", "operation": "selfology.session.v1.SessionService/GetSession"}
COUNT = "request_duration_seconds_count"


def objective(name, what, threshold, match, kind, operation):
    """A latency that the specification promises, as the 95th percentile of what matches; kind and operation are an example."""
    labels = {"job": "selfology", "service": "session", "kind": kind, "operation": operation, "code": "OK"}
    return Alert(name, "warning", threshold,
                 "histogram_quantile(0.95, sum by (le) (rate(request_duration_seconds_bucket{%s}[5m]))) > %%T" % match,
                 "95 of 100 %s take up to {{ $value | humanizeDuration }}, above %%T s." % what,
                 latency("request_duration_seconds", threshold, labels), hold=5 * MINUTE)


def burn(name, severity, rate, long, short):
    """How fast the objective's errors are used up: over a long time, and still over a short one."""
    threshold = rate * (1 - OBJECTIVE)
    expr = "service:error_ratio:rate%s > %%T and service:error_ratio:rate%s > %%T" % (long, short)
    return Alert(name, severity, threshold, expr,
                 "{{ $labels.service }} fails {{ $value | humanizePercentage }} of its requests, %g times what 99.9 %% in 30 "
                 "days allow." % rate,
                 share(COUNT, threshold, {**SERVED, "code": "INTERNAL"}, {**SERVED, "code": "OK"}), hold=2 * MINUTE)


def quantile(metric, by=""):
    group = "le" + (", " + by if by else "")
    return "histogram_quantile(0.95, sum by (%s) (rate(%s_bucket[5m])))" % (group, metric)


PROCESS = labelled({"job": "selfology", "service": "session", "instance": "a"})
CPU, CPU_LIMIT = "process_cpu_seconds_total" + PROCESS, "process_cpu_limit_cores" + PROCESS
USED_DISK = "max by (service, instance) (1 - state_disk_free_bytes / (state_disk_total_bytes > 0))"


def disk(threshold):
    """A disk that is used by a multiple of a threshold."""
    return lambda factor, count: [("state_disk_free_bytes" + PROCESS, "%s+0x%d" % (number(1e9 * (1 - threshold * factor)), count)),
                                  ("state_disk_total_bytes" + PROCESS, "1e9+0x%d" % count)]


ALERTS = [
    Alert("ServiceDown", "critical", 30, 'sum by (service) (up{job="selfology"}) == 0',
          "No replica of {{ $labels.service }} answers for more than %T s.",
          lasting('up{job="selfology",service="session",instance="a"}', "0", "1"), hold=30, timed=True),
    Alert("ErrorsHigh", "critical", 0.05, "service:error_ratio:rate5m > %T",
          "{{ $labels.service }} fails {{ $value | humanizePercentage }} of its requests.",
          share(COUNT, 0.05, {**SERVED, "code": "INTERNAL"}, {**SERVED, "code": "OK"}), hold=2 * MINUTE),
    burn("ErrorBudgetBurnsFast", "critical", 14.4, "1h", "5m"),
    burn("ErrorBudgetBurnsSlowly", "warning", 6, "6h", "30m"),
    Alert("ResponsesSlow", "warning", 2, "service:request_duration_seconds:p95 > %T",
          "95 of 100 requests to {{ $labels.service }} take up to {{ $value | humanizeDuration }}.",
          latency("request_duration_seconds", 2, {**SERVED, "code": "OK"}), hold=5 * MINUTE),
    Alert("DeadlinesExceeded", "warning", 0.01,
          'sum by (service, operation) (rate(%s{kind="rpc_server",code="DEADLINE_EXCEEDED"}[5m])) / '
          'sum by (service, operation) (rate(%s{kind="rpc_server"}[5m])) > %%T' % (COUNT, COUNT),
          "{{ $labels.operation }} takes longer than its contract says, in {{ $value | humanizePercentage }} of its calls.",
          share(COUNT, 0.01, {**SERVED, "code": "DEADLINE_EXCEEDED"}, {**SERVED, "code": "OK"}), hold=5 * MINUTE),
    objective("QuestionSelectionSlow", "choices of a question", 0.2,
              'operation=~".*SelectNextQuestion|question_selection/.*"', "event_handler", "question_selection/session.created"),
    objective("ProfileQuerySlow", "queries of a profile", 0.3, 'kind="rpc_server",operation=~".*GetProfile"', "rpc_server",
              "selfology.profile.v1.ProfileService/GetProfile"),
    objective("EventHandlingSlow", "events", 0.2,
              # Those that wait for a model are slow by nature.
              'kind="event_handler",operation!~"coach_interaction/.*|.*[.]deep/.*"', "event_handler", "profile_storage/trait.extracted"),
    objective("DatabaseSlow", "database queries", 0.3, 'kind="postgres"', "postgres", "query"),
    objective("RedisSlow", "Redis commands", 0.05, 'kind="redis",operation!~"XREAD|BLPOP"', "redis", "GET"),
    Alert("InstantAnalysisSlow", "warning", 0.5, quantile("instant_analysis_duration_seconds") + " > %T",
          "95 of 100 instant analyses take up to {{ $value | humanizeDuration }}.",
          latency("instant_analysis_duration_seconds", 0.5, {}), hold=5 * MINUTE),
    Alert("DeepAnalysisSlow", "warning", 10, quantile("deep_analysis_duration_seconds") + " > %T",
          "95 of 100 deep analyses take up to {{ $value | humanizeDuration }}.",
          latency("deep_analysis_duration_seconds", 10, {}), hold=5 * MINUTE),
    Alert("OutboxBacklog", "warning", 1000, "max(event_outbox_pending_count) > %T",
          "{{ $value }} committed events wait for the relay.", gauge("event_outbox_pending_count", 1000), hold=2 * MINUTE),
    Alert("OutboxLagHigh", "warning", 2, quantile("event_outbox_lag_seconds") + " > %T",
          "95 of 100 events reach the streams up to {{ $value | humanizeDuration }} after their commit.",
          latency("event_outbox_lag_seconds", 2, {}), hold=5 * MINUTE),
    # After some failures the relay tries only every 16 s, which is 0.06 a second.
    Alert("OutboxCannotPublish", "critical", 0.02, "sum(rate(event_outbox_errors_total[5m])) > %T",
          "The relay fails {{ $value | humanize }} times a second.",
          counter('event_outbox_errors_total{part="publish",kind="OOM"}', 0.02), hold=2 * MINUTE),
    Alert("WriteAheadLogRetained", "critical", 2 ** 30, "max(event_outbox_retained_wal_bytes) > %T",
          "PostgreSQL keeps {{ $value | humanize1024 }}B of its log for the relay: its disk will be full.",
          gauge("event_outbox_retained_wal_bytes", 2 ** 30), hold=5 * MINUTE),
    Alert("HandlersBehind", "warning", 1000, "sum by (group) (event_unfinished) > %T",
          "{{ $labels.group }} has {{ $value }} events to handle.", gauge('event_unfinished{group="profile"}', 1000), hold=2 * MINUTE),
    Alert("DeadLettersParked", "warning", 1, "sum by (group) (increase(event_dead_letters_total[15m])) > %T",
          "{{ $labels.group }} gave up on {{ $value | humanize }} events in 15 minutes; later ones of their keys wait.",
          counter('event_dead_letters_total{group="profile"}', 1 / (15 * MINUTE))),
    Alert("CircuitOpen", "warning", 60, "max by (target) (circuit_breaker_state) == 2",
          "{{ $labels.target }} is not called any more, for more than %T s.",
          lasting('circuit_breaker_state{target="telegram"}', "2", "0"), hold=60, timed=True),
    Alert("DatabasePoolExhausted", "critical", 10, 'sum by (service) (postgres_connections{state="waiting"}) > %T',
          "{{ $value }} calls of {{ $labels.service }} wait for a database connection.",
          gauge('postgres_connections{service="session",state="waiting"}', 10), hold=MINUTE),
    Alert("TelegramMessagesWait", "critical", 500, "sum by (bot) (telegram_messages_unsent) > %T",
          "{{ $value }} messages of the bot {{ $labels.bot }} have not been sent.", gauge('telegram_messages_unsent{bot="1"}', 500),
          hold=2 * MINUTE),
    Alert("TelegramUpdatesWait", "critical", 100, 'max by (bot) (telegram_updates_held{state="waiting"}) > %T',
          "{{ $value }} updates wait for a dialog that is away.", gauge('telegram_updates_held{bot="1",state="waiting"}', 100),
          hold=2 * MINUTE),
    Alert("TelegramUpdatesParked", "warning", 10, 'max by (bot) (telegram_updates_held{state="parked"}) > %T',
          "{{ $value }} updates could not be handled at all.", gauge('telegram_updates_held{bot="1",state="parked"}', 10)),
    Alert("AiCostHigh", "warning", 10, "sum(increase(ai_cost_usd_total[1h])) > %T",
          "Models cost {{ $value | humanize }} US dollars in the last hour.",
          counter('ai_cost_usd_total{model="a",task="summary"}', 10 / HOUR)),
    Alert("AiModelQueued", "warning", 20, "max by (model) (ai_model_waiting) > %T",
          "{{ $value }} calls wait for a place at {{ $labels.model }}.", gauge('ai_model_waiting{model="a"}', 20), hold=2 * MINUTE),
    Alert("RateLimiterOpen", "warning", 0.1, "sum by (limiter) (rate(rate_limiter_failed_open_total[5m])) > %T",
          "{{ $labels.limiter }} lets everything through: Redis does not answer.",
          counter('rate_limiter_failed_open_total{limiter="telegram"}', 0.1), hold=2 * MINUTE),
    Alert("AuthenticationFails", "warning", 1,
          'sum(rate(%s{kind=~"rpc_server|http_server",code=~"UNAUTHENTICATED|PERMISSION_DENIED"}[5m])) > %%T' % COUNT,
          "{{ $value | humanize }} requests a second are refused for who asks: somebody tries tokens, or one has run out.",
          counter(COUNT + labelled(SERVED, code="UNAUTHENTICATED"), 1), hold=2 * MINUTE),
    # Against what is usual of late; of a few requests three times as many say nothing.
    Alert("TrafficUnusual", "warning", 3,
          "mesh:requests:rate5m > %T * avg_over_time(mesh:requests:rate5m[6h] offset 1h) and mesh:requests:rate5m > 5",
          "{{ $value | humanize }} requests a second come from outside, more than %T times as many as in the hours before.",
          surge(COUNT + labelled({**SERVED, "kind": "http_server", "operation": "GET /api"}, code="OK"), 10, 3), hold=10 * MINUTE),
    Alert("MemoryNearLimit", "info", 0.8,
          'max by (pod) (container_memory_working_set_bytes{namespace="selfology",container!=""} / '
          '(container_spec_memory_limit_bytes{namespace="selfology",container!=""} > 0)) > %T',
          "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of the memory that it may take.",
          lambda factor, count: [
              ('container_memory_working_set_bytes{namespace="selfology",container="a",pod="a"}',
               "%s+0x%d" % (number(0.8 * factor * 1e8), count)),
              ('container_spec_memory_limit_bytes{namespace="selfology",container="a",pod="a"}', "1e8+0x%d" % count)],
          hold=5 * MINUTE),
    Alert("ProcessMemoryNearLimit", "warning", 0.8,
          "max by (service, instance) (process_resident_memory_bytes / (process_memory_limit_bytes > 0)) > %T",
          "{{ $labels.service }} at {{ $labels.instance }} has taken {{ $value | humanizePercentage }} of the memory that it may take.",
          part_of("process_resident_memory_bytes", "process_memory_limit_bytes", 0.8), hold=5 * MINUTE),
    Alert("CpuNearLimit", "info", 0.8,
          "max by (service, instance) (rate(process_cpu_seconds_total[5m]) / (process_cpu_limit_cores > 0)) > %T",
          "{{ $labels.service }} at {{ $labels.instance }} uses {{ $value | humanizePercentage }} of the CPU that it may take.",
          lambda factor, count: counter(CPU, 0.8 * 2)(factor, count) + gauge(CPU_LIMIT, 2)(1, count), hold=10 * MINUTE),
    Alert("OpenFilesNearLimit", "warning", 0.8,
          "max by (service, instance) (process_open_fds / (process_max_fds > 0)) > %T",
          "{{ $labels.service }} at {{ $labels.instance }} has {{ $value | humanizePercentage }} of the files and connections open that it may.",
          part_of("process_open_fds", "process_max_fds", 0.8, 1e5), hold=2 * MINUTE),
    Alert("DiskFilling", "warning", 0.8, USED_DISK + " > %T",
          "The disk of {{ $labels.service }} at {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
          disk(0.8), hold=5 * MINUTE),
    Alert("DiskFull", "critical", 0.95, USED_DISK + " > %T",
          "The disk of {{ $labels.service }} at {{ $labels.instance }} is {{ $value | humanizePercentage }} full: soon nothing can be stored.",
          # A tenth more than this is more than there is.
          lambda factor, count: disk(0.95)(1.02 if factor > 1 else factor, count), hold=2 * MINUTE),
    # Always there while anything is: Alertmanager sends no summary of a day on which all ended well, but for this one.
    Alert("Watching", "info", 1, 'sum(up{job="selfology"}) >= %T', "{{ $value }} replicas are watched.",
          gauge('up{job="selfology",service="session",instance="a"}', 1)),
]

RECORDED = [
    ("service:request_duration_seconds:p95",
     # Streams last as long as somebody listens.
     'histogram_quantile(0.95, sum by (service, le) (rate(request_duration_seconds_bucket{kind="rpc_server",'
     'operation!~".*/(Watch|Stream).*"}[5m])))')]
RECORDED += [("mesh:requests:rate5m", 'sum(rate(%s{kind="http_server"}[5m]))' % COUNT)]
RECORDED += [
    ("service:error_ratio:rate" + window,
     # Nothing that failed is no series, and no failures all the same.
     '(sum by (service) (rate(%s{kind="rpc_server",code=~"%s"}[%s])) or 0 * sum by (service) (rate(%s{kind="rpc_server"}[%s])))'
     ' / sum by (service) (rate(%s{kind="rpc_server"}[%s]))'
     % (COUNT, FAULTS, window, COUNT, window, COUNT, window)) for window in ("5m", "30m", "1h", "6h")]


def duration(seconds):
    return "%dm" % (seconds // MINUTE) if seconds % MINUTE == 0 else "%ds" % seconds


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def rules():
    lines = ["# " + manifests.GENERATED, "groups:", "- name: selfology.recorded", "  rules:"]
    for record, expr in RECORDED:
        lines += ["  - record: " + record, "    expr: " + quoted(expr)]
    lines += ["- name: selfology.alerts", "  rules:"]
    for alert in ALERTS:
        threshold = number(alert.threshold)
        lines += ["  - alert: " + alert.name, "    expr: " + quoted(alert.expr.replace("%T", threshold))]
        if alert.hold:
            lines.append("    for: " + duration(alert.hold))
        lines += ["    labels:", "      severity: " + alert.severity, "    annotations:",
                  "      summary: " + quoted(alert.summary.replace("%T", threshold)),
                  "      runbook: docs/runbooks/%s.md" % alert.name]
    return "\n".join(lines) + "\n"


def case(alert, factor):
    """A promtool case: the alert fires (110 percent) or does not (90 percent)."""
    fires = factor > 1
    # Burn rates look back for hours.
    length = 7 * HOUR if "6h" in alert.expr else 2 * HOUR
    if alert.timed:
        # Time goes by in seconds here, and the question is asked when the alert has waited for long enough.
        series, step, at = alert.series(factor, 600, alert.hold), 1, int(alert.hold * 1.05)
    else:
        series, step, at = alert.series(factor, length // STEP), STEP, length
    lines = ["- name: %s at %d percent" % (alert.name, round(factor * 100)), "  interval: %ds" % step, "  input_series:"]
    for name, values in series:
        lines += ["  - series: " + quoted(name), "    values: " + quoted(values)]
    lines += ["  promql_expr_test:",
              "  - expr: " + quoted('count(ALERTS{alertname="%s",alertstate="firing"})' % alert.name),
              "    eval_time: %ds" % at,
              "    exp_samples: " + ('[{labels: "{}", value: 1}]' if fires else "[]")]
    return lines


def tests(timed):
    lines = ["# " + manifests.GENERATED, "rule_files: [alerts.yaml]", "evaluation_interval: " + ("1s" if timed else "1m"), "tests:"]
    for alert in ALERTS:
        if alert.timed == timed:
            for factor in (1.1, 0.9):
                lines += case(alert, factor)
    return "\n".join(lines) + "\n"


def scraping(facts):
    """Prometheus' own settings: headless Services name every replica, so it needs no rights in the cluster."""
    names = sorted(manifests.resource_name(name) for name in facts.services) + ["selfology"]
    return yaml_text.dump_all([{
        "global": {"scrape_interval": "%ds" % STEP, "evaluation_interval": "15s"},
        "rule_files": ["alerts.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]},
        "scrape_configs": [{
            "job_name": "selfology",
            "dns_sd_configs": [{"names": [name + ".selfology.svc" for name in names], "type": "A",
                                "port": manifests.HTTP_PORT, "refresh_interval": "15s"}],
            "relabel_configs": [{"source_labels": ["__meta_dns_name"], "regex": "([^.]+)[.].*", "target_label": "service"}]}],
    }], "Every replica of every service, by the headless Services; `selfology` is the one-process mesh.\n" + manifests.GENERATED)


def files(facts):
    # Two files: how often rules are asked is said once for a file, and asking every second for hours takes long.
    return {"k8s/observe/prometheus.yaml": scraping(facts), "k8s/observe/alerts.yaml": rules(), "k8s/observe/alerts_test.yaml": tests(False),
            "k8s/observe/alerts_timed_test.yaml": tests(True)}
