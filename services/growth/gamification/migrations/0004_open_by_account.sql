-- Erasing a person looks for what is held for or by them.
CREATE INDEX gamification_pending_debit ON gamification_pending (debit_id) WHERE state = 0;
CREATE INDEX gamification_pending_credit ON gamification_pending (credit_id) WHERE state = 0;
