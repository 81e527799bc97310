-- Erasing a person looks for them where they are not the key.
CREATE INDEX challenges_winner ON challenges (winner_id) WHERE winner_id <> 0;
CREATE INDEX challenge_decisions_person ON challenge_decisions (person_id) WHERE person_id <> 0;
CREATE INDEX challenge_decisions_actor ON challenge_decisions (actor_id) WHERE actor_id > 0;
