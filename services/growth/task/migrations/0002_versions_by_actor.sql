-- Erasing a person looks for what they changed of others' tasks.
CREATE INDEX task_versions_actor ON task_versions (actor_user_id);
