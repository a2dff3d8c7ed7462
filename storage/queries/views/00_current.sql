-- What counts of an edition that was matched more than once: its last matching, whose batch_id its mentions share.
CREATE OR REPLACE VIEW last_rematches AS
SELECT article_id, edition, max(batch_id) AS batch_id, arg_max(lexicon_version, batch_id) AS lexicon_version,
    arg_max(tension, batch_id) AS tension
FROM rematches GROUP BY article_id, edition;
COMMENT ON VIEW last_rematches IS 'The rematch that counts of each edition that was matched again.';
COMMENT ON COLUMN last_rematches.article_id IS 'As in articles.';
COMMENT ON COLUMN last_rematches.edition IS 'As in articles.';
COMMENT ON COLUMN last_rematches.batch_id IS 'Ledger row of it; the batch_id of its mentions.';
COMMENT ON COLUMN last_rematches.lexicon_version IS 'As in rematches.';
COMMENT ON COLUMN last_rematches.tension IS 'As in rematches.';

CREATE OR REPLACE VIEW current_mentions AS
SELECT m.article_id, m.edition, m.concept_id, m.category, m.field, m.start_offset, m.end_offset, m.surface, m.actor_ids,
    m.lexicon_version, m.direction, m.weight, m.mark, m.batch_id
FROM mentions AS m LEFT JOIN last_rematches AS r ON r.article_id = m.article_id AND r.edition = m.edition
WHERE m.batch_id = coalesce(r.batch_id, m.batch_id);
COMMENT ON VIEW current_mentions IS 'The mentions that count: of each edition those of its last matching.';
COMMENT ON COLUMN current_mentions.article_id IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.edition IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.concept_id IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.category IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.field IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.start_offset IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.end_offset IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.surface IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.actor_ids IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.lexicon_version IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.direction IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.weight IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.mark IS 'As in mentions.';
COMMENT ON COLUMN current_mentions.batch_id IS 'As in mentions.';

CREATE OR REPLACE VIEW current_actor_mentions AS
SELECT n.article_id, n.edition, n.actor_id, n.field, n.start_offset, n.end_offset, n.surface, n.lexicon_version, n.batch_id
FROM actor_mentions AS n LEFT JOIN last_rematches AS r ON r.article_id = n.article_id AND r.edition = n.edition
WHERE n.batch_id = coalesce(r.batch_id, n.batch_id);
COMMENT ON VIEW current_actor_mentions IS 'The namings of actors that count: of each edition those of its last matching.';
COMMENT ON COLUMN current_actor_mentions.article_id IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.edition IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.actor_id IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.field IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.start_offset IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.end_offset IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.surface IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.lexicon_version IS 'As in actor_mentions.';
COMMENT ON COLUMN current_actor_mentions.batch_id IS 'As in actor_mentions.';
