-- Which article belongs to which series. A mention of weight 0 is negated and says nothing.
CREATE OR REPLACE TEMP TABLE spoken AS
SELECT c.place, c.story_id, m.concept_id, m.category, m.actor_ids
FROM mentions AS m
JOIN counted AS c ON c.article_id = m.article_id
WHERE m.edition = 1 AND m.weight <> 0 AND m.batch_id <= $watermark;

-- Pairs of countries named in one sentence. There are few distinct lists of actors, so each is worked out once.
CREATE OR REPLACE TEMP TABLE pairs AS
WITH lists AS (SELECT DISTINCT actor_ids FROM spoken WHERE len(actor_ids) > 1),
named AS (SELECT actor_ids, unnest(actor_ids) AS actor_id FROM lists),
countries AS (
    SELECT DISTINCT n.actor_ids, CASE WHEN a.kind = 'country' THEN a.actor_id ELSE a.country END AS country
    FROM named AS n JOIN actors AS a USING (actor_id)
    WHERE a.kind = 'country' OR a.country <> ''
)
SELECT l.actor_ids, 'relation:' || l.country || '|' || r.country AS series
FROM countries AS l JOIN countries AS r ON l.actor_ids = r.actor_ids AND l.country < r.country;

CREATE OR REPLACE TEMP TABLE belongs AS
SELECT 'concept:' || concept_id AS series, story_id, place FROM spoken GROUP BY ALL
UNION ALL
SELECT 'category:' || category AS series, story_id, place FROM spoken GROUP BY ALL
UNION ALL
SELECT p.series, s.story_id, s.place FROM spoken AS s JOIN pairs AS p ON p.actor_ids = s.actor_ids GROUP BY ALL;
