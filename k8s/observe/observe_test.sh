#!/bin/bash
# Rules, settings and dashboards are sound; every alert fires at 110 percent of its threshold and not at 90; and the test of
# that notices a threshold that was moved.
set -eu
here="$TEST_SRCDIR/$TEST_WORKSPACE/k8s/observe"
run="$TEST_SRCDIR/debian_sysroot/bin/run"
programs="$TEST_SRCDIR/debian_operations/usr/bin"
promtool() { "$run" "$programs/promtool" "$@"; }
amtool() { "$run" "$programs/amtool" "$@"; }
fail() {
  echo "$1" >&2
  exit 1
}
cd "$TEST_TMPDIR"
cp -RL "$here"/. .

promtool check config prometheus.yaml
promtool test rules alerts_test.yaml alerts_timed_test.yaml

alerts=$(grep -c -- '- alert: ' alerts.yaml)
[ "$alerts" -ge 15 ] || fail "only $alerts alerts"
cases=$(cat alerts_test.yaml alerts_timed_test.yaml | grep -c -- '- name: ')
[ "$cases" = $((2 * alerts)) ] || fail "$alerts alerts have $cases cases"

# A threshold a fifth too high, or none, must be noticed.
mkdir moved
sed 's/max(event_outbox_pending_count) > 1000"/max(event_outbox_pending_count) > 1200"/' alerts.yaml >moved/alerts.yaml
cp alerts_test.yaml moved/
cmp -s alerts.yaml moved/alerts.yaml && fail "nothing was moved"
if promtool test rules moved/alerts_test.yaml >moved/said 2>&1; then fail "a threshold that was moved is not noticed"; fi
grep -q OutboxBacklog moved/said || fail "not noticed by the alert's own case"

amtool check-config alertmanager.yaml
routed() { amtool config routes test --config.file=alertmanager.yaml "severity=$1" 2>/dev/null; }
for expected in critical:critical,summary,nobody warning:summary,warning info:summary,nobody; do
  [ "$(routed "${expected%%:*}")" = "${expected#*:}" ] || fail "${expected%%:*} goes to $(routed "${expected%%:*}")"
done

# The queries of the dashboards are PromQL: as rules, which promtool reads.
{
  echo "groups:"
  echo "- name: dashboards"
  echo "  rules:"
  cat dashboards/*.json | sed -n 's/^ *"expr": \(".*"\),$/\1/p' | sed 's/\$__rate_interval/5m/g; s/\$service/session/g' |
    awk '{ print "  - record: dashboard:query:" NR "\n    expr: " $0 }'
} >queries.yaml
[ "$(grep -c record: queries.yaml)" -ge 40 ] || fail "the dashboards' queries were not found"
promtool check rules queries.yaml
