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
