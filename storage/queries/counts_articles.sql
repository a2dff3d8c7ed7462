-- What may count: first editions seen by then, with their story. `place` orders them as they were first seen, so that a story
-- once counted stays where it is, and is the same in whatever order batches were loaded.
CREATE OR REPLACE TEMP TABLE counted AS
SELECT row_number() OVER (ORDER BY a.first_seen_at, a.article_id) AS place,
       a.article_id,
       coalesce(s.story_id, a.article_id) AS story_id,
       a.publisher,
       a.language,
       a.is_history,
       date_diff('day', $first_day, CAST(timezone($zone, a.counted_at) AS DATE)) AS day,
       CAST(floor(epoch($as_of - a.counted_at) / 3600) AS INTEGER) AS hours_ago
FROM articles AS a
LEFT JOIN story_members AS s ON s.article_id = a.article_id AND s.batch_id <= $watermark
WHERE a.edition = 1
  AND a.batch_id <= $watermark
  AND a.first_seen_at <= $as_of
  AND a.counted_at BETWEEN $first_at AND $as_of;
