-- The notification service has the local mailbox now.
DROP TABLE user_local_mails;
