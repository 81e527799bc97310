-- Each answer asks for the value that each of its traits had before; by user and time alone that read all that
-- the user has. Nothing asks for a trait by its name over all users.
CREATE INDEX trait_history_newest ON trait_history (user_id, trait_category, trait_name, timestamp DESC, id DESC)
  INCLUDE (new_value);
DROP INDEX trait_history_trait;
