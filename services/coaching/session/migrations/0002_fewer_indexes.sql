-- An answer changes its session twice. While timeout_at was indexed, the first of these changes went into all
-- five indexes; now both stay on the row's page (HOT). The timer finds who is due among the open sessions, by
-- onboarding_sessions_one_open.
DROP INDEX onboarding_sessions_due;
ALTER TABLE onboarding_sessions SET (fillfactor = 50);

-- Nothing asks by these: who asks for a person's sessions or answers wants the latest or goes by id, and nobody
-- asks for all answers to a question.
DROP INDEX onboarding_sessions_user;
DROP INDEX user_answers_new_user;
DROP INDEX user_answers_new_asked;

-- An answer's question refers to the session already; looking that up again locked the session's row, too.
ALTER TABLE user_answers_new DROP CONSTRAINT user_answers_new_session_id_fkey;
