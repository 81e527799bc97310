-- The message whose buttons are of use to a person: they are to go when they are no longer, however
-- long that takes, and no other service knows of them.
CREATE TABLE coaching_open_buttons (
  user_id     bigint      PRIMARY KEY,
  message_key text        NOT NULL,  -- Empty: no message has such buttons.
  changed_at  timestamptz NOT NULL
);
