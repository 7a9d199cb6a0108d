DROP FUNCTION hp_ensure_partitions(date, date);
DROP FUNCTION hp_like_parent(text, text);
DROP TRIGGER append_only ON surveys_responsereattribution;
DROP TRIGGER append_only_truncate ON surveys_responsereattribution;
ALTER TABLE surveys_responsereattribution DROP CONSTRAINT surveys_responsereattribution_response;
DROP TABLE surveys_rating, surveys_verdict, surveys_responsepersonal, surveys_response;
DROP FUNCTION hp_rating_ends_only();
DROP SEQUENCE surveys_rating_id_seq;
DROP SEQUENCE surveys_response_id_seq;
