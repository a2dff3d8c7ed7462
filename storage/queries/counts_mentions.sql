-- A mention of weight 0 is negated and says nothing.
CREATE OR REPLACE TEMP TABLE spoken AS
SELECT c.place, c.story_id, c.cell, m.concept_id, m.category, m.actor_ids
FROM mentions AS m
JOIN counted AS c ON c.article_id = m.article_id AND c.matched_in = m.batch_id
WHERE m.edition = 1 AND m.weight <> 0;

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

-- Series that the lexicon or the watch knows are there even when nothing was said.
CREATE OR REPLACE TEMP TABLE concept_categories AS
SELECT DISTINCT concept_id, category FROM spoken UNION SELECT concept_id, category FROM concepts;

CREATE OR REPLACE TEMP TABLE series_names AS
WITH names AS (
    SELECT 'concept:' || concept_id AS series FROM concept_categories
    UNION SELECT 'category:' || category FROM concept_categories
    UNION SELECT series FROM pairs
    UNION SELECT unnest(CAST($rules AS VARCHAR[]))
)
SELECT series, CAST(row_number() OVER (ORDER BY series) - 1 AS INTEGER) AS number FROM names;

-- Which article belongs to which series.
CREATE OR REPLACE TEMP TABLE belongs AS
WITH concepts_numbered AS (
    SELECT DISTINCT c.concept_id, n.number FROM concept_categories AS c JOIN series_names AS n ON n.series = 'concept:' || c.concept_id
),
categories_numbered AS (
    SELECT DISTINCT c.category, n.number FROM concept_categories AS c JOIN series_names AS n ON n.series = 'category:' || c.category
),
pairs_numbered AS (SELECT p.actor_ids, n.number FROM pairs AS p JOIN series_names AS n USING (series))
SELECT n.number AS series, s.story_id, s.place, s.cell FROM spoken AS s JOIN concepts_numbered AS n USING (concept_id) GROUP BY ALL
UNION ALL
SELECT n.number AS series, s.story_id, s.place, s.cell FROM spoken AS s JOIN categories_numbered AS n USING (category) GROUP BY ALL
UNION ALL
SELECT n.number AS series, s.story_id, s.place, s.cell FROM spoken AS s JOIN pairs_numbered AS n USING (actor_ids) GROUP BY ALL;
