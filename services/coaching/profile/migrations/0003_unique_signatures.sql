-- The columns that the product's documents name, and the other words that a profile keeps. Words that are not known yet
-- are null. Two sources make PostgreSQL refuse to write through it, whoever asks.
CREATE VIEW unique_signatures AS
SELECT p.id, p.user_id,
       s.thinking_style, s.decision_pattern, s.energy_rhythm,
       a.learning_style, a.stress_response, a.decision_pattern AS adaptive_decision_pattern,
       p.created_at, p.updated_at
FROM personality_profiles p
CROSS JOIN LATERAL jsonb_to_record(coalesce(p.profile_data -> 'unique_signature', '{}'))
  AS s (thinking_style text, decision_pattern text, energy_rhythm text)
CROSS JOIN LATERAL jsonb_to_record(coalesce(p.profile_data -> 'adaptive_traits', '{}'))
  AS a (learning_style text, stress_response text, decision_pattern text);
