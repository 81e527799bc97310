-- Trends are of all metrics of some hours.
CREATE INDEX analytics_hours_time ON analytics_hours (hour, dimension);
