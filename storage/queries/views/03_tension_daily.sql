-- Signed tension of each UTC day, in the manner of the Geopolitical Risk index (Caldara and Iacoviello, 2022): the share
-- of articles about the watched actors that are tense, scaled to a mean of 100 over the whole period.
CREATE OR REPLACE VIEW tension_daily AS
WITH about AS (
    SELECT a.article_id, CAST(a.counted_at AT TIME ZONE 'UTC' AS DATE) AS day, a.tension
    FROM articles AS a
    WHERE a.edition = 1 AND a.article_id IN (SELECT article_id FROM actor_mentions WHERE edition = 1)
),
days AS (
    SELECT day, count(*) AS articles, count(*) FILTER (WHERE tension > 0) AS tense,
        count(*) FILTER (WHERE tension < 0) AS calming, avg(tension) AS mean_tension
    FROM about GROUP BY day
),
shares AS (
    SELECT *, tense / articles AS tense_share, calming / articles AS calming_share,
        nullif(avg(tense / articles) OVER (), 0) AS base_share
    FROM days
)
SELECT day, articles, tense, calming, mean_tension, tense_share, calming_share,
    coalesce(100 * tense_share / base_share, 0) AS index,
    coalesce(100 * (tense_share - calming_share) / base_share, 0) AS signed_index
FROM shares;
COMMENT ON VIEW tension_daily IS 'Tension index of each UTC day. index: share of articles naming a watched actor whose tension is above 0, mean 100 over the whole period. signed_index: the same less the share below 0, on the same scale.';
