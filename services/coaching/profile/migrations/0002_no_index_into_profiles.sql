-- Nothing asks for profiles by what is in them; people like each other are found by vectors. Yet each answer
-- changes a whole profile, and keeping this index was the dearest statement of all that an answer sets off.
DROP INDEX personality_profiles_data;
