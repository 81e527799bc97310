-- Whether somebody with a web account's id has a chat with the bot (docs/decisions/0003-one-person-one-id.md).
ALTER TABLE notification_people ADD COLUMN has_chat boolean NOT NULL DEFAULT false;
