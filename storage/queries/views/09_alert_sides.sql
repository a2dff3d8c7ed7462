-- Of each alert: who led, who followed, who is silent. The message says the same, told by alerts/sides.py from the same rows.
--
-- The window runs from the first article cited to the alert's last change. A side is silent when none of its articles is
-- cited though three or more would be, had it told of the matter as often as the other sides together: cited articles in
-- all, by how many articles about watched actors it has for each one of theirs. Of a Poisson count with mean 3 nothing is
-- seen once in twenty (e^-3 = 0.0498). Only articles that name a watched actor, or are cited, are its volume: who writes
-- of football is not silent.
CREATE OR REPLACE VIEW alert_sides AS
WITH cited AS (
    SELECT DISTINCT c.alert_id, a.article_id, a.publisher, a.counted_at, a.country, a.owners, a.side
    FROM alert_articles AS c JOIN article_sides AS a ON a.article_id = c.article_id
),
windows AS (
    SELECT c.alert_id, min(c.counted_at) AS first_at, greatest(max(c.counted_at), any_value(a.updated_at)) AS last_at,
        any_value(a.watermark) AS watermark, count(*) AS cited
    FROM cited AS c JOIN alerts AS a ON a.alert_id = c.alert_id
    GROUP BY c.alert_id
),
volumes AS (
    SELECT w.alert_id, a.side, a.country, a.owners, count(*) AS volume
    FROM windows AS w
    JOIN article_sides AS a ON a.counted_at BETWEEN w.first_at AND w.last_at
    WHERE NOT a.is_history AND a.batch_id <= w.watermark
            AND a.article_id IN (SELECT article_id FROM current_actor_mentions WHERE edition = 1)
        OR (w.alert_id, a.article_id) IN (SELECT (alert_id, article_id) FROM cited)
    GROUP BY w.alert_id, a.side, a.country, a.owners
),
voices AS (
    SELECT alert_id, side, arg_min(publisher, (counted_at, article_id)) AS publisher, min(counted_at) AS side_first_at,
        min((counted_at, article_id)) AS came, count(*) AS articles, count(DISTINCT publisher) AS publishers
    FROM cited GROUP BY alert_id, side
),
heard AS (
    SELECT v.*, w.first_at, w.cited, s.* EXCLUDE (alert_id, side), sum(v.volume) OVER (PARTITION BY v.alert_id) AS total,
        CASE WHEN s.came IS NOT NULL THEN row_number() OVER (PARTITION BY v.alert_id ORDER BY s.came NULLS LAST) END AS place
    FROM volumes AS v JOIN windows AS w ON w.alert_id = v.alert_id
    LEFT JOIN voices AS s ON s.alert_id = v.alert_id AND s.side = v.side
),
compared AS (
    SELECT *, volume * (cited - coalesce(articles, 0)) / nullif(total - volume, 0) AS expected FROM heard
)
SELECT alert_id, side, country, owners,
    CASE WHEN place = 1 THEN 'led' WHEN place > 1 THEN 'followed' WHEN expected >= 3 THEN 'silent' ELSE 'few' END AS role,
    place, publisher, side_first_at, (epoch_us(side_first_at) - epoch_us(first_at)) / 3.6e9 AS lag_hours,
    coalesce(articles, 0) AS articles, coalesce(publishers, 0) AS publishers, volume, expected
FROM compared;
COMMENT ON VIEW alert_sides IS 'One row for each alert and side that wrote of watched actors while it lasted: who led, who followed, who is silent.';
COMMENT ON COLUMN alert_sides.alert_id IS 'As in alerts.';
COMMENT ON COLUMN alert_sides.side IS 'As in publisher_sides.';
COMMENT ON COLUMN alert_sides.country IS 'As in publisher_sides.';
COMMENT ON COLUMN alert_sides.owners IS 'As in publisher_sides.';
COMMENT ON COLUMN alert_sides.role IS 'led: had the first article cited; followed: has later ones; silent: has none where three or more were to be expected; few: has none, and too little volume for that to mean anything.';
COMMENT ON COLUMN alert_sides.place IS '1 for the side that led, 2 for the first that followed; empty without a cited article.';
COMMENT ON COLUMN alert_sides.publisher IS 'Who of this side came first; empty without a cited article.';
COMMENT ON COLUMN alert_sides.side_first_at IS 'When, by counted_at (UTC).';
COMMENT ON COLUMN alert_sides.lag_hours IS 'Hours after the first article cited.';
COMMENT ON COLUMN alert_sides.articles IS 'Its articles that the alert cites.';
COMMENT ON COLUMN alert_sides.publishers IS 'Its publishers among them.';
COMMENT ON COLUMN alert_sides.volume IS 'Its articles from the first one cited to the alert''s last change that name a watched actor, by their last matching, or are cited.';
COMMENT ON COLUMN alert_sides.expected IS 'How many of them would be cited, had it told of the matter as often as the other sides; empty when there are none.';
