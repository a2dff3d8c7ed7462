-- Of each story: who had it first, who copied it, and when each side came.
CREATE OR REPLACE VIEW story_sides AS
WITH told AS (
    SELECT coalesce(s.story_id, a.article_id) AS story_id, a.*
    FROM article_sides AS a LEFT JOIN story_members AS s ON s.article_id = a.article_id
),
stories AS (
    SELECT story_id, arg_min(publisher, (counted_at, article_id)) AS first_publisher, min(counted_at) AS first_at, count(*) - 1 AS copies
    FROM told GROUP BY story_id
),
sides AS (
    SELECT story_id, side, country, owners, arg_min(publisher, (counted_at, article_id)) AS side_publisher,
        min(counted_at) AS side_first_at, min((counted_at, article_id)) AS came, count(*) AS articles, count(DISTINCT publisher) AS publishers
    FROM told GROUP BY story_id, side, country, owners
)
SELECT t.story_id, t.first_publisher, t.first_at, t.copies, s.side, s.country, s.owners,
    row_number() OVER (PARTITION BY t.story_id ORDER BY s.came) AS place, s.side_publisher, s.side_first_at,
    (epoch_us(s.side_first_at) - epoch_us(t.first_at)) / 3.6e9 AS lag_hours, s.articles, s.publishers
FROM stories AS t JOIN sides AS s ON s.story_id = t.story_id;
COMMENT ON VIEW story_sides IS 'One row for each story and side that told it: its first publisher and its copies, and how long after the first each side came.';
COMMENT ON COLUMN story_sides.story_id IS 'As in story_members.';
COMMENT ON COLUMN story_sides.first_publisher IS 'Who had it first, by counted_at.';
COMMENT ON COLUMN story_sides.first_at IS 'When (UTC).';
COMMENT ON COLUMN story_sides.copies IS 'Articles that tell it after the first.';
COMMENT ON COLUMN story_sides.side IS 'As in publisher_sides.';
COMMENT ON COLUMN story_sides.country IS 'As in publisher_sides.';
COMMENT ON COLUMN story_sides.owners IS 'As in publisher_sides.';
COMMENT ON COLUMN story_sides.place IS '1 for the side that led, 2 for the first that followed.';
COMMENT ON COLUMN story_sides.side_publisher IS 'Who of this side had it first.';
COMMENT ON COLUMN story_sides.side_first_at IS 'When (UTC).';
COMMENT ON COLUMN story_sides.lag_hours IS 'Hours from first_at to side_first_at.';
COMMENT ON COLUMN story_sides.articles IS 'Articles of this side that tell it.';
COMMENT ON COLUMN story_sides.publishers IS 'Publishers of this side that tell it.';
