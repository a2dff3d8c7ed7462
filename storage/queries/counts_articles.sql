-- Numbers for names, so that the large tables below carry integers.
CREATE OR REPLACE TEMP TABLE publisher_names AS
SELECT publisher, row_number() OVER (ORDER BY publisher) - 1 AS number
FROM (SELECT DISTINCT publisher FROM articles WHERE edition = 1 AND batch_id <= $watermark AND counted_at BETWEEN $first_at AND $as_of);

-- What may count: first editions seen by then, with their story. `place` orders them as they were first seen, and by id, so that a
-- story once counted stays where it is, and is the same in whatever order batches were loaded. `cell` packs where it counts:
-- day << 32, publisher << 8, hours before the clock << 1 (127: longer ago), history.
-- `matched_in` is the batch whose mentions count of it: that of its last matching by then.
-- A day is found without asking the zone of a million instants: no shift of a clock moves it further than one day.
CREATE OR REPLACE TEMP TABLE counted AS
WITH seen AS (
    SELECT a.*, epoch_us(a.counted_at) AS at_us, CAST((epoch_us(a.counted_at) - $starts[1]) // 86400000000 AS INTEGER) + 1 AS guess
    FROM articles AS a
    WHERE a.edition = 1 AND a.batch_id <= $watermark AND a.first_seen_at <= $as_of AND a.counted_at BETWEEN $first_at AND $as_of
),
rematched AS (
    SELECT article_id, max(batch_id) AS batch_id FROM rematches WHERE edition = 1 AND batch_id <= $watermark GROUP BY article_id
)
SELECT CAST(epoch_us(a.first_seen_at) AS HUGEINT) * 18446744073709551616 + a.article_id AS place,
       a.article_id,
       coalesce(r.batch_id, a.batch_id) AS matched_in,
       coalesce(s.story_id, a.article_id) AS story_id,
       a.publisher,
       a.language,
       (CAST(guess - 1 + CAST(at_us >= $starts[guess + 1] AS INTEGER) - CAST(at_us < $starts[guess] AS INTEGER) AS BIGINT) << 32)
       | (CAST(p.number AS BIGINT) << 8)
       | (least(CAST(127 AS BIGINT), (epoch_us(CAST($as_of AS TIMESTAMPTZ)) - at_us) // 3600000000) << 1)
       | CAST(a.is_history AS BIGINT) AS cell
FROM seen AS a
JOIN publisher_names AS p USING (publisher)
LEFT JOIN rematched AS r ON r.article_id = a.article_id
LEFT JOIN story_members AS s ON s.article_id = a.article_id AND s.batch_id <= $watermark;
