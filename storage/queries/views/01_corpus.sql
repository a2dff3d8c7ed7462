-- Every edition of every article with its text, its story and what the watch knows of its publisher.
CREATE OR REPLACE VIEW corpus AS
SELECT
    a.article_id, a.edition, a.url, a.canonical_url, a.publisher, a.title, a.authors, a.published_at,
    a.published_at_source, a.first_seen_at, a.counted_at, a.fetched_at, a.language, a.word_count, a.origin,
    a.is_history, coalesce(r.tension, a.tension) AS tension, coalesce(r.lexicon_version, a.lexicon_version) AS lexicon_version,
    t.text, s.story_id, p.country, p.ownership, coalesce(p.rights, 'excerpt') AS rights
FROM articles AS a
JOIN article_texts AS t ON t.article_id = a.article_id AND t.edition = a.edition
LEFT JOIN last_rematches AS r ON r.article_id = a.article_id AND r.edition = a.edition
LEFT JOIN story_members AS s ON s.article_id = a.article_id
LEFT JOIN (
    SELECT publisher, min(country) AS country, min(ownership) AS ownership,
        CASE WHEN bool_or(rights = 'headline') THEN 'headline' WHEN bool_or(rights = 'excerpt') THEN 'excerpt' ELSE 'full' END AS rights
    FROM feeds GROUP BY publisher
) AS p ON p.publisher = a.publisher;
COMMENT ON VIEW corpus IS 'Article with text, story and publisher: one row for each edition. The latest edition has the greatest number.';
COMMENT ON COLUMN corpus.article_id IS 'As in articles.';
COMMENT ON COLUMN corpus.edition IS 'As in articles.';
COMMENT ON COLUMN corpus.url IS 'As in articles.';
COMMENT ON COLUMN corpus.canonical_url IS 'As in articles.';
COMMENT ON COLUMN corpus.publisher IS 'As in articles.';
COMMENT ON COLUMN corpus.title IS 'As in articles.';
COMMENT ON COLUMN corpus.authors IS 'As in articles.';
COMMENT ON COLUMN corpus.published_at IS 'As in articles.';
COMMENT ON COLUMN corpus.published_at_source IS 'As in articles.';
COMMENT ON COLUMN corpus.first_seen_at IS 'As in articles.';
COMMENT ON COLUMN corpus.counted_at IS 'As in articles.';
COMMENT ON COLUMN corpus.fetched_at IS 'As in articles.';
COMMENT ON COLUMN corpus.language IS 'As in articles.';
COMMENT ON COLUMN corpus.word_count IS 'As in articles.';
COMMENT ON COLUMN corpus.origin IS 'As in articles.';
COMMENT ON COLUMN corpus.is_history IS 'As in articles.';
COMMENT ON COLUMN corpus.tension IS 'Signed tension per 100 words by its last matching; escalation above 0.';
COMMENT ON COLUMN corpus.lexicon_version IS 'Lexicon of its last matching.';
COMMENT ON COLUMN corpus.text IS 'As in article_texts.';
COMMENT ON COLUMN corpus.story_id IS 'As in story_members.';
COMMENT ON COLUMN corpus.country IS 'Country of the publisher, as in feeds; empty for who is no publisher of the watch.';
COMMENT ON COLUMN corpus.ownership IS 'As in feeds; empty for who is no publisher of the watch.';
COMMENT ON COLUMN corpus.rights IS 'full, excerpt or headline: the narrowest of the publisher''s feeds; excerpt for who is no publisher of the watch.';
