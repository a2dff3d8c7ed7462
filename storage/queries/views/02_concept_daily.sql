-- Stories, articles and publishers of each concept and UTC day. First editions only: a correction adds to no count.
CREATE OR REPLACE VIEW concept_daily AS
WITH counted AS (
    SELECT a.article_id, a.publisher, coalesce(s.story_id, a.article_id) AS story_id,
        CAST(a.counted_at AT TIME ZONE 'UTC' AS DATE) AS day
    FROM articles AS a LEFT JOIN story_members AS s ON s.article_id = a.article_id
    WHERE a.edition = 1
),
totals AS (SELECT day, count(DISTINCT story_id) AS total FROM counted GROUP BY day)
SELECT c.day, m.concept_id AS concept, count(DISTINCT c.story_id) AS stories, count(DISTINCT c.article_id) AS articles,
    count(DISTINCT c.publisher) AS publishers, any_value(t.total) AS total
FROM counted AS c
JOIN current_mentions AS m ON m.article_id = c.article_id AND m.edition = 1
JOIN totals AS t ON t.day = c.day
WHERE m.weight <> 0
GROUP BY c.day, m.concept_id;
COMMENT ON VIEW concept_daily IS 'One row for each concept and UTC day it was asserted on: stories, articles, publishers, and total, the stories of that day on anything.';
COMMENT ON COLUMN concept_daily.day IS 'UTC day of counted_at.';
COMMENT ON COLUMN concept_daily.concept IS 'A concept_id of concepts.';
COMMENT ON COLUMN concept_daily.stories IS 'Stories with a mention of it that weighs something.';
COMMENT ON COLUMN concept_daily.articles IS 'Articles with such a mention.';
COMMENT ON COLUMN concept_daily.publishers IS 'Publishers of those.';
COMMENT ON COLUMN concept_daily.total IS 'Stories of that day on anything.';
