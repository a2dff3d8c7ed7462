-- Stories of each series by publisher and time. A story counts once in a series: at its first article there, however often it is copied.
-- Stands for any measure of time: counts.py puts `day` or `hours_ago` in its place.
WITH firsts AS (SELECT series, min(place) AS place FROM belongs GROUP BY series, story_id),
told AS (
    SELECT f.series, c.publisher, c.{time} AS time, CAST(NOT c.is_history AS INTEGER) AS live, CAST(c.is_history AS INTEGER) AS history,
           0 AS articles
    FROM firsts AS f JOIN counted AS c USING (place)
    WHERE c.hours_ago < $hours
    UNION ALL
    SELECT b.series, c.publisher, c.{time}, 0, 0, 1
    FROM belongs AS b JOIN counted AS c USING (place)
    WHERE NOT c.is_history AND c.hours_ago < $hours
),
cells AS (
    SELECT series, publisher, time, sum(live) AS live, sum(history) AS history, sum(articles) AS articles FROM told GROUP BY ALL
)
SELECT s.number AS series, p.number AS publisher, CAST(t.time AS INTEGER) AS time, CAST(t.live AS INTEGER) AS live,
       CAST(t.history AS INTEGER) AS history, CAST(t.articles AS INTEGER) AS articles
FROM cells AS t JOIN series_names AS s USING (series) JOIN publisher_names AS p USING (publisher)
ORDER BY ALL;
