-- The last step of the coach's plan that the person took as a task, or did not want as one.
ALTER TABLE growth_people ADD COLUMN plan_id bigint NOT NULL DEFAULT 0;
ALTER TABLE growth_people ADD COLUMN plan_step integer NOT NULL DEFAULT 0;
