-- Its times are what its person's clock shows, in a time zone that is not known yet: see tasks/time_zones.h.
ALTER TABLE tasks ADD COLUMN of_the_clock boolean NOT NULL DEFAULT false;
CREATE INDEX tasks_of_the_clock ON tasks (user_id) WHERE of_the_clock;
